#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same kernels under our timer, Triton's do_bench and Nsight Compute, on one GPU, in one run.

    tests/perf/timing_peers.py --cli bin/warpwright-cli --kernels kernels [--device cuda:0]

Ours is `evaluate` (median of cold samples); do_bench the median with its own flush, which writes a buffer of 256 MB and
so leaves the last-level cache full of lines that the kernel has to send back to memory; "read flush" the same loop with
a flush that reads; ncu the duration counter with its own flush. Each is repeated; the spread is (max - min) / median
over the repeats, for ncu over the medians of as many groups of launches.
"""
import argparse
import csv
import io
import json
import pathlib
import re
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
CASES = [  # task folder, file, workload
    (HERE / "copy", "baseline.cu", "2-MiB"),
    (HERE / "copy", "baseline.cu", "16-MiB"),
    (HERE / "copy", "baseline.cu", "64-MiB"),
    (HERE / "copy", "baseline.cu", "512-MiB"),
    ("row_reduce", "baseline.cu", "many-rows-gpu"),
    ("softmax", "variants/online.cu", "4096"),
    ("softmax", "baseline.cu", "4096"),
    ("matmul", "variants/vector_block.cu", "4096"),
]
REPEATS = 5
LAUNCHES = 8  # of a group under ncu


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


def read_flush_times(run, torch):
    """What do_bench does, but for the flush: medians in microseconds."""
    flushed = torch.ones(64 << 20, device="cuda")
    for _ in range(10):
        run()
    samples = []
    for _ in range(60):
        flushed.sum()
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        run()
        end.record()
        samples.append((start, end))
    torch.cuda.synchronize()
    return 1e3 * statistics.median(start.elapsed_time(end) for start, end in samples)


def do_bench(folder, source, workload):
    import torch  # also initialises the context that Triton and CuPy share
    import cupy
    import triton.testing
    from plan_launcher import Bound
    bound = Bound(folder, source, workload)
    with cupy.cuda.ExternalStream(torch.cuda.current_stream().cuda_stream):
        theirs = [1e3 * triton.testing.do_bench(bound.run, warmup=25, rep=200, return_mode="median")
                  for _ in range(REPEATS)]
        return theirs, [read_flush_times(bound.run, torch) for _ in range(REPEATS)]


def ncu(folder, source, workload):
    """Medians of REPEATS groups of launches."""
    command = ["ncu", "--csv", "--clock-control", "none", "--cache-control", "all", "--metrics",
               "gpu__time_duration.sum", "--kernel-name-base", "function", "--kernel-name",
               re.search(r"//@ launch (\w+)", source.read_text())[1], "--launch-skip", "3", "--launch-count",
               str(REPEATS * LAUNCHES), sys.executable, __file__, "--launch", str(folder), str(source), workload]
    run = subprocess.run(command, capture_output=True, text=True)
    lines = [line for line in run.stdout.splitlines() if line.startswith('"')]
    durations = []
    for row in csv.DictReader(io.StringIO("\n".join(lines))):
        if row.get("Metric Name") == "gpu__time_duration.sum":
            scale = {"ns": 1e-3, "us": 1, "usecond": 1, "nsecond": 1e-3, "ms": 1e3, "msecond": 1e3}[row["Metric Unit"]]
            durations.append(float(row["Metric Value"].replace(",", "")) * scale)
    groups = [durations[i:i + LAUNCHES] for i in range(0, len(durations), LAUNCHES)]
    return [statistics.median(group) for group in groups], "" if durations else run.stderr[-300:]


def launch(folder, source, workload):
    import cupy
    from plan_launcher import Bound
    bound = Bound(folder, source, workload)
    for _ in range(REPEATS * LAUNCHES + 5):
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
    print("| kernel | ours | do_bench | do_bench, read flush | ncu | ours / do_bench | ours / read flush | ours / ncu "
          "| ours - ncu |\n|" + " --- |" * 9)
    for task, file, workload in CASES:
        folder = pathlib.Path(options.kernels) / task  # an absolute one stays what it is
        if options.only and folder.name not in options.only:
            continue
        source = folder / file
        text_ours, mine = shown(ours(options, str(folder), str(source), workload))
        theirs, reading = do_bench(folder, source, workload)
        text_bench, bench = shown(theirs)
        text_reading, read = shown(reading)
        durations, problem = ncu(folder, source, workload)
        text_ncu, counter = shown(durations)
        print(f"| {folder.name} {source.stem} {workload} | {text_ours} | {text_bench} | {text_reading} | {text_ncu} "
              f"| {mine / bench:.3f} | {mine / read:.3f} | {mine / counter:.3f} | {mine - counter:+.2f} µs |"
              f"{' ' + problem if problem else ''}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
