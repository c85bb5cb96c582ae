#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often the gate calls a kernel faster or slower than itself, and how often it finds a slower one slower.

    tests/perf/aa.py --cli build/release/bin/warpwright-cli --task kernels/softmax --workload small \\
        --kernel kernels/softmax/baseline.cl --runs 200
    tests/perf/aa.py … --slower slower.cl --runs 50

Without --slower the task's baseline is compared with itself (--kernel must be that file): at most 5 % of the
verdicts may be FASTER or SLOWER. With it, the verdicts on that kernel are counted; it should be the baseline with
3 % more work. Prints a Markdown row for RESULTS.md. Add --device cuda:0 for a GPU.
"""
import argparse
import collections
import json
import statistics
import subprocess


def records(options, kernel):
    command = [options.cli, "evaluate", "--task", options.task, "--candidate", kernel, "--repeat",
               str(options.runs), "--last-stage", "timing", "--json"]
    for parameter in options.param:
        command += ["--param", parameter]
    for workload in options.workload:
        command += ["--workload", workload]
    if options.device:
        command += ["--device", options.device]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    speedups = [line["speedup"] for line in lines if "speedup" in line]
    if not speedups:
        raise SystemExit(f"nothing was timed (status {run.returncode}): {run.stderr}{run.stdout[:2000]}")
    return speedups


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cli", required=True)
    parser.add_argument("--task", required=True)
    parser.add_argument("--kernel", required=True, help="the task's baseline")
    parser.add_argument("--slower", help="a kernel that is slower on purpose")
    parser.add_argument("--workload", action="append", default=[])
    parser.add_argument("--param", action="append", default=[])
    parser.add_argument("--device")
    parser.add_argument("--runs", type=int, default=200)
    options = parser.parse_args()

    speedups = records(options, options.slower or options.kernel)
    verdicts = collections.Counter(speedup["verdict"] for speedup in speedups)
    ratios = [speedup["ratio"] for speedup in speedups]
    widths = [100 * (speedup["ci95"][1] - speedup["ci95"][0]) / speedup["ratio"] for speedup in speedups]
    said = ", ".join(f"{verdict} {count}" for verdict, count in verdicts.most_common())
    print("| kernel | runs | verdicts | median ratio | median width of the interval |")
    print("| --- | --- | --- | --- | --- |")
    print(f"| {options.slower or options.kernel} | {len(speedups)} | {said} | {statistics.median(ratios):.4f} "
          f"| {statistics.median(widths):.1f} % |")


if __name__ == "__main__":
    main()
