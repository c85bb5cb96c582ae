#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the time of one evaluation goes: median per stage over warm repeats of one candidate.

    tests/perf/gate_latency.py --cli build/release/bin/warpwright-cli --task kernels/softmax \\
        --candidate kernels/softmax/baseline.cl --repeat 10

The first evaluation (cold worker) is shown apart. Prints Markdown tables for RESULTS.md: by stage, and by what was
done, whatever the stage.
"""
import argparse
import json
import statistics
import subprocess


def records(options):
    command = [options.cli, "evaluate", "--task", options.task, "--candidate", options.candidate,
               "--repeat", str(options.repeat + 1), "--json"]
    for parameter in options.param:
        command += ["--param", parameter]
    if options.device:
        command += ["--device", options.device]
    for workload in options.workload:
        command += ["--workload", workload]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in run.stdout.splitlines() if line.strip()]
    if len(lines) != options.repeat + 1:
        raise SystemExit(f"the command failed with status {run.returncode}: {run.stderr}")
    return lines


def stage_times(record):
    return {stage["name"]: stage["ms"] for stage in record["stages"]}


def table(title, cold, warm):
    print(f"| {title} | cold ms | warm median ms | warm min–max ms |")
    print("| --- | --- | --- | --- |")
    for name in sorted(cold | warm[-1], key=list(cold | warm[-1]).index):
        times = [record.get(name, 0) for record in warm]
        print(f"| {name} | {cold.get(name, 0):.0f} | {statistics.median(times):.1f} "
              f"| {min(times):.1f}–{max(times):.1f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cli", required=True)
    parser.add_argument("--task", required=True)
    parser.add_argument("--candidate", required=True)
    parser.add_argument("--param", action="append", default=[])
    parser.add_argument("--device")
    parser.add_argument("--workload", action="append", default=[])
    parser.add_argument("--repeat", type=int, default=10)
    options = parser.parse_args()

    cold, *warm = records(options)
    print(f"verdict {warm[0]['verdict']}, {len(warm)} warm repeats\n")
    table("stage", stage_times(cold), [stage_times(record) for record in warm])
    totals = [record["wall_ms"] for record in warm]
    print(f"| **request to verdict** | {cold['wall_ms']:.0f} | {statistics.median(totals):.1f} "
          f"| {min(totals):.1f}–{max(totals):.1f} |\n")
    table("where it went", cold.get("costs_ms", {}), [record.get("costs_ms", {}) for record in warm])


if __name__ == "__main__":
    main()
