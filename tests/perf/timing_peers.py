#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same kernels under our timer, Triton's do_bench and Nsight Compute, on one GPU, in one run.

    tests/perf/timing_peers.py --cli bin/warpwright-cli --kernels kernels [--device cuda:0]

Ours is `evaluate` (median of cold samples), do_bench the median with its cache flush, ncu the duration counter with
its own flush. Each is repeated; the spread is (max - min) / median over the repeats.
"""
import argparse
import csv
import io
import json
import statistics
import subprocess
import sys

CASES = [  # task, file, workload
    ("row_reduce", "baseline.cu", None),
    ("transpose", "baseline.cu", None),
    ("softmax", "baseline.cu", None),
    ("matmul", "baseline.cu", None),
]
REPEATS = 5


def timed_workload(folder, wanted):
    task = json.load(open(f"{folder}/task.json"))
    if wanted:
        return wanted
    fitting = [each for each in task["workloads"] if each.get("timed", True) and each.get("device", "gpu") == "gpu"]
    return fitting[0]["name"]


def ours(options, folder, source, workload):
    command = [options.cli, "evaluate", "--task", folder, "--candidate", source, "--workload", workload,
               "--device", options.device, "--repeat", str(REPEATS), "--json"]
    run = subprocess.run(command, capture_output=True, text=True)
    medians = []
    for line in run.stdout.splitlines():
        record = json.loads(line)
        medians += [each["median_us"] for each in record["timing"] if each["mode"] == "cold"]
    if not medians:
        raise SystemExit(f"{' '.join(command)}\nfailed with {run.returncode}: {run.stderr}{run.stdout[:2000]}")
    return medians


def do_bench(folder, source, workload):
    import torch  # noqa: F401  (initialises the context that Triton and CuPy share)
    import cupy
    import triton.testing
    from plan_launcher import Bound
    bound = Bound(folder, source, workload)
    with cupy.cuda.ExternalStream(torch.cuda.current_stream().cuda_stream):
        return [1e3 * triton.testing.do_bench(bound.run, warmup=25, rep=200, return_mode="median")
                for _ in range(REPEATS)]


def ncu(folder, source, workload):
    command = ["ncu", "--csv", "--clock-control", "none", "--cache-control", "all", "--metrics",
               "gpu__time_duration.sum", "--launch-skip", "3", "--launch-count", "20", "--kernel-name-base", "function",
               sys.executable, __file__, "--launch", folder, source, workload]
    run = subprocess.run(command, capture_output=True, text=True)
    lines = [line for line in run.stdout.splitlines() if line.startswith('"')]
    durations = []
    for row in csv.DictReader(io.StringIO("\n".join(lines))):
        if row.get("Metric Name") == "gpu__time_duration.sum":
            scale = {"ns": 1e-3, "us": 1, "usecond": 1, "nsecond": 1e-3, "ms": 1e3, "msecond": 1e3}[row["Metric Unit"]]
            durations.append(float(row["Metric Value"].replace(",", "")) * scale)
    return durations, run.stderr[-300:] if not durations else ""


def launch(folder, source, workload):
    import cupy
    from plan_launcher import Bound
    bound = Bound(folder, source, workload)
    for _ in range(25):
        bound.run()
    cupy.cuda.Device().synchronize()


def shown(values):
    if not values:
        return "—", float("nan")
    median = statistics.median(values)
    return f"{median:.2f} µs ± {100 * (max(values) - min(values)) / median:.1f} %", median


def main():
    if len(sys.argv) == 5 and sys.argv[1] == "--launch":
        return launch(*sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cli", required=True)
    parser.add_argument("--kernels", required=True)
    parser.add_argument("--device", default="cuda:0")
    parser.add_argument("--only", action="append", help="task (repeatable)")
    options = parser.parse_args()
    print("| kernel | ours | do_bench | ncu | ours / do_bench | ours / ncu |\n| --- | --- | --- | --- | --- | --- |")
    for task, file, wanted in CASES:
        if options.only and task not in options.only:
            continue
        folder = f"{options.kernels}/{task}"
        source, workload = f"{folder}/{file}", timed_workload(folder, wanted)
        text_ours, mine = shown(ours(options, folder, source, workload))
        text_bench, bench = shown(do_bench(folder, source, workload))
        durations, problem = ncu(folder, source, workload)
        text_ncu, counter = shown(durations)
        print(f"| {task} {file} {workload} | {text_ours} | {text_bench} | {text_ncu} | {mine / bench:.3f} "
              f"| {mine / counter:.3f} |{' ' + problem if problem else ''}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
