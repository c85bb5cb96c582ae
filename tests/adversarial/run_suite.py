#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The adversarial suite through the command line, for machines that have no Qt: what tst_suite does, several
cases at a time. Prints every case that did not come out as its second line states, and a count last."""
import argparse
import concurrent.futures
import json
import pathlib
import re
import subprocess


def expectation(path):
    """Verdicts with a part of their reason, and the task, from '// expect: VERDICT "reason" or …; task NAME'."""
    line = path.read_text().splitlines()[1]
    text = line.split("expect:", 1)[1]
    task = re.search(r";\s*task\s+([\w.-]+)\s*$", text)
    head = text[: task.start()] if task else text
    wanted = re.findall(r'([A-Z_]{4,})(?:\s+"([^"]*)")?', head)
    return wanted, task.group(1) if task else "affine"


def evaluate(options, path):
    wanted, task = expectation(path)
    command = [options.cli, "evaluate", "--device", options.device, "--json", "--candidate", str(path),
               "--task", str(path.parent.parent / "tasks" / task)]
    if options.no_sandbox:
        command.append("--no-sandbox")
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=options.seconds, check=False)
        record = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError) as problem:
        return path, wanted, "NO_RECORD", str(problem)[:200]
    said = record.get("message", "") + " ".join(d.get("message", "") for d in record.get("diagnostics", []))
    flags = [f"{t['probe']}: {t['value']}" for t in record.get("trust", []) if t["verdict"] != "ok"]
    return path, wanted, record["verdict"], said + (" | " + "; ".join(flags) if flags else "")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cli", required=True)
    parser.add_argument("--device", default="cuda:0")
    parser.add_argument("--suite", type=pathlib.Path, default=pathlib.Path(__file__).parent / "suite")
    parser.add_argument("--no-sandbox", action="store_true")
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=90)
    options = parser.parse_args()
    kernels = sorted(options.suite.glob("*.cu" if options.device.startswith("cuda") else "*.cl"))
    wrong = controls = caught = passed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for path, wanted, verdict, said in pool.map(lambda path: evaluate(options, path), kernels):
            good = any(verdict == name and part in said for name, part in wanted)
            if wanted and wanted[0][0] == "PASSED" and len(wanted) == 1:
                controls += 1
                passed += good
            else:
                wrong += 1
                caught += good
            if not good:
                print(f"{path.name}: {verdict}, expected {wanted}: {said[:240]}")
    print(f"wrong kernels caught as stated {caught} of {wrong}, controls passed {passed} of {controls}")


if __name__ == "__main__":
    main()
