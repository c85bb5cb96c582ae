#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes scripted-run.json.gz: a search in the packed format of AdaExplore whose kernels are trivial and
whose speed-ups are made up. The policy is written here once more, plainly, from its published formulas,
so that the C++ one is compared with something that is not itself.

    tests/data/make_scripted_run.py tests/data/scripted-run.json.gz
"""
import gzip
import json
import math
import random
import sys

STEPS, C, LARGE_PROBABILITY, SMALL_LIMIT, CONTEXT_LIMIT = 120, 0.3, 0.2, 2, 5
BASELINE_MS = 7.47


def reward(score):
    if not score["compiled"]:
        return 0.0
    if not score["correct"]:
        return 0.05
    return 0.4 + (min(max(score["fast_p"], 0.1), 10.0) - 0.1) / 9.9 * 1.2


class Node:
    def __init__(self, number, parent, kind):
        self.number, self.parent, self.kind = number, parent, kind
        self.children, self.visits, self.total, self.score = [], 0, 0.0, None

    def average(self):
        return self.total / self.visits


def select(node):
    while node.children:
        log_visits, k = math.log(node.visits), len(node.children)
        worth = [child.average() + C * math.sqrt(log_visits / child.visits) for child in node.children]
        expand = max(child.average() for child in node.children) + C * math.sqrt(log_visits / (k * k))
        if expand > max(worth):
            return node
        node = node.children[worth.index(max(worth))]
    return node


def component(node):
    """Every node joined with this one by small steps."""
    while node.kind == "small_step":
        node = node.parent
    found, stack = [], [node]
    while stack:
        found.append(stack.pop())
        stack += [child for child in found[-1].children if child.kind == "small_step"]
    return node, sorted(found, key=lambda each: each.number)


def small_context(node):
    chain = [node]
    while chain[-1].kind == "small_step":
        chain.append(chain[-1].parent)
    return [each.number for each in reversed(chain[:CONTEXT_LIMIT])]


def large_context(node, draws):
    bests = []
    while node.kind != "dummy_root":
        first, members = component(node)
        correct = [each for each in members if each.score["correct"]]
        if correct:
            bests.append(max(correct, key=lambda each: each.score["fast_p"]).number)
        node = first.parent
    bests.reverse()
    return bests if len(bests) <= CONTEXT_LIMIT else sorted(draws.sample(bests, CONTEXT_LIMIT))


def outcome(parent, kind, draws):
    """Made up: steps fail now and then, and gain a little more often than they lose."""
    fate = draws.random()
    if fate < 0.03:
        return {"compiled": False, "correct": False, "fast_p": 0.0}, -1.0, "builtins.SyntaxError: made up"
    if fate < 0.12:
        text = "triton.compiler.errors.CompilationError: made up, found when the kernel first ran"
        return {"compiled": True, "correct": False, "fast_p": 0.0}, -1.0, text
    if fate < 0.22:
        return {"compiled": True, "correct": False, "fast_p": 0.0}, -1.0, "incorrect output"
    before = parent.score["fast_p"] if parent.score and parent.score["correct"] else 1.0
    wide = 0.35 if kind == "large_step" else 0.12
    speedup = min(max(before * math.exp(draws.gauss(wide / 4, wide)), 0.2), 14.0)
    runtime = float(f"{BASELINE_MS / speedup:.3g}")
    return {"compiled": True, "correct": True, "fast_p": BASELINE_MS / runtime}, runtime, None


def kernel(number):
    return ("import triton\nimport triton.language as tl\n\n\n@triton.jit\n"
            "def double(x, y, n, BLOCK: tl.constexpr):\n"
            "    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)\n"
            "    tl.store(y + i, 2.0 * tl.load(x + i, mask=i < n), mask=i < n)\n\n\n"
            f"BLOCK = {64 << number % 5}  # candidate {number}\n")


def main():
    draws = random.Random(20261122)
    root = Node(0, None, "dummy_root")
    root.score = {"compiled": False, "correct": False, "fast_p": 0.0}
    nodes, best = [root], root
    steps = [record(root, [], root.score, -1.0, "compile failed", "", best)]
    for number in range(1, STEPS + 1):
        parent = select(root)
        small_children = sum(child.kind == "small_step" for child in parent.children)
        large = parent is root or small_children >= SMALL_LIMIT or draws.random() < LARGE_PROBABILITY
        kind = "large_step" if large else "small_step"
        context = large_context(parent, draws) if large else small_context(parent)
        node = Node(number, parent, kind)
        node.score, runtime, error = outcome(parent, kind, draws)
        parent.children.append(node)
        at = node
        while at:
            at.visits += 1
            at.total += reward(node.score)
            at = at.parent
        nodes.append(node)
        best = max(best, node, key=lambda each: tuple(each.score.values()))
        steps.append(record(node, context, node.score, runtime, error, kernel(number), best))
    document = {"label": "made up / 120 steps", "run_dir": "tests/data/scripted", "total_steps": STEPS,
                "reference_src": "def reference(x):\n    return 2.0 * x\n",
                "global_best_kernel": kernel(best.number), "steps": steps}
    with open(sys.argv[1], "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(json.dumps(document).encode())


def record(node, context, score, runtime, error, code, best):
    depth, at = 0, node
    while at.parent:
        depth, at = depth + 1, at.parent
    own, real = reward(score), node.kind != "dummy_root"
    return {"step": node.number, "node_id": node.number,
            "parent_node_id": node.parent.number if node.parent else None, "context_node_ids": context,
            "depth": depth, "created_by": node.kind, "visits": int(real), "total_reward": own,
            "max_reward": own, "avg_reward": own, "score": score, "runtime_us": runtime,
            "baseline_time_us": BASELINE_MS if runtime > 0 else None, "hardware": "made up" if real else None,
            "global_best_node_id": best.number, "global_best_fast_p": best.score["fast_p"], "error": error,
            "code": code, "prompt": ""}


if __name__ == "__main__":
    main()
