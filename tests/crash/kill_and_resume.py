#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kills searches with SIGKILL at random moments and resumes them.

Each round starts `warpwright-cli search` on a new session, kills it one to three times at random moments
(the resumed runs too), and lets it finish. A round passes when
  - everything that `show` had listed, before a kill or after it, is still there and unchanged;
  - the last run completes: every step done once, nothing pending;
  - SQLite finds the file intact.

    kill_and_resume.py --cli build/bin/warpwright-cli --task tests/crash/task --rounds 200 --seed 1
"""
import argparse
import json
import os
import random
import shlex
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

RUN_LIMIT_SECONDS = 300


class Failure(Exception):
    pass


def parsed_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cli", required=True, help="the warpwright-cli to test")
    parser.add_argument("--task", required=True, help="folder of a task whose candidates are cheap")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=5, help="steps of each search")
    parser.add_argument("--extra", default="", help="more arguments for search and resume, e.g. '--device opencl:0'")
    parser.add_argument("--keep", help="folder for sessions, kept afterwards")
    return parser.parse_args()


class Search:
    """One session file and the commands that work on it."""

    def __init__(self, options, folder, number):
        self.options = options
        self.number = number
        self.file = os.path.join(folder, f"round-{number}.wwsession")
        self.log = os.path.join(folder, f"round-{number}.log")

    def command(self, *words):
        return [self.options.cli, *words]

    def run_command(self):
        """search on a session that does not hold anything yet, else resume."""
        extra = ["--no-learn", *shlex.split(self.options.extra)]
        if self.shown() is None:
            return self.command("search", "--task", self.options.task, "--steps", str(self.options.steps),
                                "--seed", str(self.number), "--session", self.file, *extra)
        return self.command("resume", self.file, *extra)

    def start(self):
        log = open(self.log, "ab")
        try:
            return subprocess.Popen(self.run_command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        finally:
            log.close()

    def shown(self):
        """What `show` lists, or None while there is no session in the file."""
        if not os.path.exists(self.file):
            return None
        shown = subprocess.run(self.command("show", self.file, "--json"), capture_output=True, text=True,
                               timeout=RUN_LIMIT_SECONDS)
        if shown.returncode == 0:
            return json.loads(shown.stdout)
        # Killed between making the file and its first event: it says so, and search takes it over.
        if "never begun" in shown.stderr:
            return None
        raise Failure(f"show failed ({shown.returncode}): {shown.stderr.strip()}")

    def tail(self):
        with open(self.log, errors="replace") as log:
            return "".join(log.readlines()[-15:])


def compare(before, after, when):
    """Everything listed before must be listed after, unchanged; a pending candidate may have got its result."""
    if before is None:
        return
    if after is None:
        raise Failure(f"{when}: the session is gone")
    if before["session_id"] != after["session_id"]:
        raise Failure(f"{when}: it is another session")
    now = {each["id"]: each for each in after["candidates"]}
    for candidate in before["candidates"]:
        same = now.get(candidate["id"])
        if same is None:
            raise Failure(f"{when}: candidate {candidate['id']} is gone")
        pending = candidate["id"] in before["pending"]
        for key, value in candidate.items():
            if not (pending and key in ("verdict", "speedup")) and same[key] != value:
                raise Failure(f"{when}: candidate {candidate['id']}: {key} was {value}, is {same[key]}")


def check_complete(search, shown):
    steps = [each["step"] for each in shown["candidates"] if each["step"] > 0]
    if shown["steps"] != search.options.steps or sorted(steps) != list(range(1, search.options.steps + 1)):
        raise Failure(f"steps are {sorted(steps)} of {search.options.steps}")
    if shown["pending"] or shown["stop_reason"] != "steps":
        raise Failure(f"pending {shown['pending']}, stopped by {shown['stop_reason']!r}")
    if not shown["best"]:
        raise Failure("no correct candidate was found")
    database = sqlite3.connect(f"file:{search.file}?mode=ro", uri=True)
    verdict = database.execute("PRAGMA integrity_check").fetchone()[0]
    database.close()
    if verdict != "ok":
        raise Failure(f"integrity_check: {verdict}")


def finished(process):
    try:
        return process.wait(RUN_LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise Failure(f"a run did not end within {RUN_LIMIT_SECONDS} s") from None


def kill_once(search, draws, typical):
    """Runs, looks now and then, and kills. Returns what was seen last, and whether the kill came in time."""
    moment = time.monotonic() + draws.uniform(0, typical)
    seen = search.shown()
    process = search.start()
    while time.monotonic() < moment and process.poll() is None:
        time.sleep(max(0, min(moment - time.monotonic(), draws.uniform(0.02, 0.4))))
        if time.monotonic() < moment:
            now = search.shown()
            compare(seen, now, "while it ran")
            seen = now or seen
    in_time = process.poll() is None
    if in_time:
        process.send_signal(signal.SIGKILL)
    process.wait()
    return seen, in_time


def play(search, draws, typical):
    """One round; returns how many kills came in time and how many found something to lose."""
    hits = rich = 0
    for _ in range(draws.randint(1, 3)):
        seen, in_time = kill_once(search, draws, typical)
        after = search.shown()
        compare(seen, after, "after the kill")
        hits += in_time
        rich += bool(in_time and after and after["candidates"])
        if after and after["stop_reason"] == "steps":
            break
    before = search.shown()
    code = finished(search.start())
    if code != 0:
        raise Failure(f"the last run ended with {code}:\n{search.tail()}")
    after = search.shown()
    compare(before, after, "after the last run")
    check_complete(search, after)
    return hits, rich


def main():
    options = parsed_arguments()
    draws = random.Random(options.seed)
    hits = rich = 0
    with tempfile.TemporaryDirectory(prefix="kill-and-resume-") as temporary:
        folder = options.keep or temporary
        os.makedirs(folder, exist_ok=True)
        started = time.monotonic()
        first = Search(options, folder, 0)
        if finished(first.start()) != 0:
            sys.exit(f"a search that nobody kills does not complete:\n{first.tail()}")
        check_complete(first, first.shown())
        typical = time.monotonic() - started
        print(f"a search of {options.steps} steps takes {typical:.1f} s", flush=True)
        for number in range(1, options.rounds + 1):
            search = Search(options, folder, number)
            try:
                round_hits, round_rich = play(search, draws, typical)
            except Failure as failure:
                sys.exit(f"round {number} of seed {options.seed} failed: {failure}\n{search.tail()}")
            hits += round_hits
            rich += round_rich
            if number % 10 == 0 or number == options.rounds:
                print(f"round {number}: {hits} kills in time, {rich} of them with candidates to lose", flush=True)
    if options.rounds >= 20 and rich == 0:
        sys.exit("no kill came while there was anything to lose: nothing was shown")
    print(f"{options.rounds} rounds passed in {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
