#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records interleaved timings of a kernel against itself, as a worker takes them, for tests/data/timings.json.

    tests/perf/record_pairs.py --worker build/release/bin/warpwright-worker-opencl --task kernels/softmax \\
        --kernel kernels/softmax/variants/vector_row.cl --workload small --pairs 600 --name softmax-busy

Prints one JSON object: name, what was measured, and [candidate, baseline] pairs in µs in the order taken.
"""
import argparse
import json
import pathlib
import subprocess


def wire_task(folder):
    """The task as the worker protocol carries it (core/task/TaskJson.h)."""
    folder = pathlib.Path(folder)
    task = json.loads((folder / "task.json").read_text())
    for key in ("axes", "inputs", "outputs"):
        task[key] = [{"name": name, **fields} for name, fields in task.get(key, {}).items()]
    for name in ("reference", "baseline"):
        task[name] = {"name": name, "path": "", "text": (folder / f"{name}.cl").read_text()}
    task.update(variants=[], lesson="", language="opencl")
    return task


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worker", required=True)
    parser.add_argument("--task", required=True)
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--workload", required=True)
    parser.add_argument("--pairs", type=int, default=600)
    parser.add_argument("--name", required=True)
    options = parser.parse_args()

    kernel = {"name": "kernel", "source": pathlib.Path(options.kernel).read_text(), "parameters": {}}
    worker = subprocess.Popen([options.worker], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def send(message):
        worker.stdin.write(json.dumps({"v": 1, **message}) + "\n")
        worker.stdin.flush()

    send({"type": "hello"})
    pairs, seed = [], 0
    while len(pairs) < options.pairs:
        seed += 1
        send({"type": "evaluate", "id": str(seed), "nonce": "n", "task": wire_task(options.task),
              "candidate": kernel, "baseline": kernel, "workloads": [options.workload], "seed": seed})
        sides = {True: [], False: []}
        for line in worker.stdout:
            message = json.loads(line)
            if message["type"] == "samples":
                sides[message["baseline"]] += message["us"]
            if message["type"] == "error":
                raise SystemExit(message["message"])
            if message["type"] == "result":
                if message["evaluation"]["verdict"] != "PASSED":
                    raise SystemExit(message["evaluation"]["message"])
                break
        pairs += [[round(a, 2), round(b, 2)] for a, b in zip(sides[False], sides[True])]
    send({"type": "shutdown"})
    print(json.dumps({"name": options.name, "kernel": options.kernel, "workload": options.workload,
                      "pairs": pairs[:options.pairs]}))


if __name__ == "__main__":
    main()
