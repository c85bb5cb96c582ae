#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the device is idle while candidates wait for it, in a search by a model that takes its time.

A scripted model on loopback answers after --think seconds with the task's own variants, so that the figure is about
the engine, not about a model. The device is busy while an evaluation runs (its record's wall time, up to the event);
candidates wait from their proposal to the start of their evaluation. Tuning is what the device does while it only
waits for the model; --extra=--no-tuning leaves it away.

    model_throughput.py --cli build/release/bin/warpwright-cli --task softmax --parallel 8 --think 5 --steps 48
"""
import argparse
import glob
import http.server
import json
import os
import statistics
import subprocess
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def parsed_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cli", required=True)
    parser.add_argument("--task", default="softmax")
    parser.add_argument("--parallel", type=int, default=8)
    parser.add_argument("--think", type=float, default=5)
    parser.add_argument("--steps", type=int, default=48)
    parser.add_argument("--suffix", default="cl", choices=("cl", "cu"), help="which of the task's variants")
    parser.add_argument("--extra", default="", help="more arguments for search, e.g. '--device opencl:0'")
    return parser.parse_args()


def model_class(options, sources):
    lock = threading.Lock()
    count = [0]

    class ScriptedModel(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with lock:
                count[0] += 1
                number = count[0]
            time.sleep(options.think)
            question = body["messages"][-1]["content"]
            if "<<<<<<< OLD" in question:
                at = question.index("//@ launch ", question.index("# The kernel to change"))
                line = question[at:question.index("\n", at)]
                text = f"<<<<<<< OLD\n{line}\n=======\n// remark {number}\n{line}\n>>>>>>> NEW\n"
            else:
                text = f"```c\n{sources[number % len(sources)]}// draft {number}\n```\n"
            answer = json.dumps({"choices": [{"message": {"content": text}, "finish_reason": "stop"}]}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    return ScriptedModel


def length(intervals):
    """Of the union of intervals, in seconds."""
    total, end = 0.0, float("-inf")
    for begin, finish in sorted(intervals):
        total += max(0.0, finish - max(begin, end))
        end = max(end, finish)
    return total


def main():
    options = parsed_arguments()
    sources = [open(path, encoding="utf-8").read()
               for path in sorted(glob.glob(f"{ROOT}/kernels/{options.task}/variants/*.{options.suffix}"))]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), model_class(options, sources))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        session = f"{folder}/s.wwsession"
        environment = dict(os.environ, XDG_DATA_HOME=folder, XDG_CONFIG_HOME=folder)
        begin = time.time()
        subprocess.run([options.cli, "search", "--task", options.task, "--proposer", "llm", "--endpoint",
                        f"http://127.0.0.1:{server.server_port}", "--model", "scripted", "--parallel",
                        str(options.parallel), "--steps", str(options.steps), "--session", session,
                        *options.extra.split()], check=True, stdout=subprocess.DEVNULL, env=environment)
        seconds = time.time() - begin
        document = json.loads(subprocess.run([options.cli, "export", session, "--format", "json"], check=True,
                                             capture_output=True, text=True).stdout)
    busy, waiting, tuning = [], [], []
    compiled = {True: [], False: []}
    for candidate in document["candidates"]:
        for record, at in (("evaluation", "evaluated_at"), ("confirmation", "confirmed_at")):
            evaluation = candidate.get(record)
            if not evaluation or "measured_as" in evaluation.get("environment", {}):
                continue
            start = candidate[at] - evaluation["wall_ms"] / 1e3
            (tuning if candidate["kind"] == "tune" and record == "evaluation" else busy).append(
                (start, candidate[at]))
            ahead = "compiler: ahead" in evaluation.get("costs_ms", {})
            compiled[ahead] += [stage["ms"] for stage in evaluation["stages"] if stage["name"] == "compile"]
            if record == "evaluation" and candidate["kind"] != "tune":
                waiting.append((candidate["proposed_at"], start))
    idle = length(busy + tuning + waiting) - length(busy + tuning)
    begins = [start for start, _ in busy + tuning]
    between = max(end for _, end in busy + tuning) - min(begins)
    without, with_tuning = between - length(busy), length(busy + tuning) - length(busy)
    print(f"{len(document['candidates']) - len(tuning)} candidates and {len(tuning)} of tuning in {seconds:.1f} s, "
          f"{options.parallel} requests in flight, {options.think:g} s a request")
    print(f"device busy {length(busy):.1f} s with the search; candidates waited during {length(waiting):.1f} s, "
          f"of which the device was idle {idle:.2f} s ({100 * idle / max(length(waiting), 1e-9):.1f} %)")
    print(f"from the first measurement to the last {between:.1f} s, of which {without:.1f} s would be idle; tuning "
          f"used {with_tuning:.1f} s ({100 * with_tuning / max(without, 1e-9):.0f} %)")
    for ahead, name in ((True, "ahead"), (False, "in the gate")):
        if compiled[ahead]:
            print(f"compiled {name}: {len(compiled[ahead])}, compile stage median "
                  f"{statistics.median(compiled[ahead]):.1f} ms")


if __name__ == "__main__":
    main()
