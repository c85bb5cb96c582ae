#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a crash costs and how fast a cancellation is, on a real device.

    tests/device/crash_and_cancel.py --cli bin/warpwright-cli [--device cuda:0] [--no-sandbox]

A kernel that crashes its context is evaluated again and again on one worker: the warm spare must take over, so that
the building stage of the next candidate costs no start of a process. Then a kernel that never ends is cancelled with
Ctrl+C: the command must end within seconds, leave no process behind, and the next evaluation must work.
"""
import argparse
import json
import pathlib
import signal
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent.parent / "adversarial"


def command(options, kernel, *words):
    suffix = ".cu" if options.device.startswith("cuda") else ".cl"
    return [options.cli, "evaluate", "--device", options.device, "--task", str(HERE / "tasks" / "affine"),
            "--candidate", str(HERE / "suite" / (kernel + suffix)), "--json", *words,
            *(["--no-sandbox"] if options.no_sandbox else [])]


def records(options, kernel, *words):
    run = subprocess.run(command(options, kernel, *words), capture_output=True, text=True, timeout=120, check=False)
    return [json.loads(line) for line in run.stdout.splitlines()], run


def compile_ms(record):
    return next(stage["ms"] for stage in record["stages"] if stage["name"] == "compile")


def crashes(options):
    """Milliseconds of the compile stage, which waits for a runner: after a crash, and where nothing crashed."""
    crashed, run = records(options, "far_out_of_bounds", "--repeat", str(options.rounds + 1))
    if len(crashed) != options.rounds + 1 or any(each["verdict"] != "RUNTIME_ERROR" for each in crashed):
        raise SystemExit(f"not every round crashed: {[each['verdict'] for each in crashed]} {run.stderr[-300:]}")
    calm, _ = records(options, "control_naive", "--repeat", str(options.rounds + 1), "--last-stage", "smoke")
    return [compile_ms(each) for each in crashed[1:]], [compile_ms(each) for each in calm[1:]]


def children():
    listing = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=False).stdout
    return sum("--child" in line and "runner" in line for line in listing.splitlines())


def cancelled(options):
    """Seconds from Ctrl+C to the end of a command whose kernel never ends, and runners left behind."""
    process = subprocess.Popen(command(options, "infinite_loop"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(options.after)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    status = process.wait(60)
    took = time.monotonic() - began
    time.sleep(0.5)
    return took, status, children()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cli", required=True)
    parser.add_argument("--device", default="cuda:0")
    parser.add_argument("--no-sandbox", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--after", type=float, default=3.0, help="seconds after which the endless kernel is cancelled")
    options = parser.parse_args()
    after_crash, calm = crashes(options)
    took, status, left = cancelled(options)
    good, _ = records(options, "control_naive", "--repeat", "2")  # JSON Lines
    print("| what | figure |\n| --- | --- |")
    print(f"| compile stage after a crash, ms | {statistics.median(after_crash):.0f} ({min(after_crash):.0f}–{max(after_crash):.0f}) |")
    print(f"| compile stage where nothing crashed, ms | {statistics.median(calm):.0f} ({min(calm):.0f}–{max(calm):.0f}) |")
    print(f"| Ctrl+C during an endless kernel, s to the end (status {status}) | {took:.2f} |")
    print(f"| runners left behind | {left} |")
    print(f"| the next evaluation | {good[0]['verdict'] if good else 'none'} |")
    return 0 if took < 5 and left == 0 and good and good[0]["verdict"] == "PASSED" else 1


if __name__ == "__main__":
    sys.exit(main())
