#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Searches every task on a GPU and sets the best kernel beside PyTorch, eager and compiled, in the same run.

    tests/perf/task_peers.py --cli bin/warpwright-cli --kernels kernels --steps 30 --seconds 25 [--only softmax]

PyTorch's matrix products are cuBLAS and its attention is the vendor's flash kernel where there is one, so that "eager"
is the vendor library there. Its times are Triton's do_bench medians with its cache flush; ours come from `evaluate`
of the best kernel, cold cache, on the first workload that a GPU is timed on.
"""
import argparse
import json
import math
import os
import subprocess
import sys
import tempfile

import torch
import triton.testing


def normal(*shape, dtype=torch.float32):
    return torch.randn(*shape, device="cuda").to(dtype)


def softmax(axes, scalars):
    x = normal(axes["rows"], axes["cols"])
    return lambda: torch.softmax(x * scalars["scale"], 1) if scalars["scale"] != 1 else torch.softmax(x, 1)


def matmul(axes, scalars):
    torch.backends.cuda.matmul.allow_tf32 = False
    a, b = normal(axes["M"], axes["K"]), normal(axes["K"], axes["N"])
    return lambda: a @ b


def transpose(axes, scalars):
    x = normal(axes["rows"], axes["cols"])
    return lambda: x.t().contiguous()


def row_reduce(axes, scalars):
    x = normal(axes["rows"], axes["cols"])
    return lambda: x.sum(1)


def rmsnorm(axes, scalars):
    x, weight = normal(axes["rows"], axes["cols"], dtype=torch.bfloat16), normal(axes["cols"], dtype=torch.bfloat16)
    return lambda: torch.nn.functional.rms_norm(x, (axes["cols"],), weight, scalars["epsilon"])


def layernorm(axes, scalars):
    x, gamma, beta = normal(axes["rows"], axes["cols"]), normal(axes["cols"]), normal(axes["cols"])
    return lambda: torch.nn.functional.layer_norm(x, (axes["cols"],), gamma, beta, scalars["epsilon"])


def gemm_bf16(axes, scalars):
    a, b = normal(axes["M"], axes["K"], dtype=torch.bfloat16), normal(axes["N"], axes["K"], dtype=torch.bfloat16)
    return lambda: a @ b.t()  # writes bfloat16, where the task writes float32


def spmv_csr(axes, scalars):
    rows, cols, count = axes["rows"], axes["cols"], axes["nnz"]
    offsets = torch.linspace(0, count, rows + 1, device="cuda").floor().to(torch.int32)
    columns = torch.randint(0, cols, (count,), device="cuda", dtype=torch.int32)
    matrix = torch.sparse_csr_tensor(offsets, columns, normal(count), (rows, cols))
    x = normal(cols)
    return lambda: matrix @ x  # cuSPARSE


def stencil3d(axes, scalars):
    x = normal(1, 1, axes["nz"], axes["ny"], axes["nx"])
    weight = torch.zeros(1, 1, 3, 3, 3, device="cuda")
    weight[0, 0, 1, 1, 1] = scalars["center"]
    for at in ((0, 1, 1), (2, 1, 1), (1, 0, 1), (1, 2, 1), (1, 1, 0), (1, 1, 2)):
        weight[(0, 0, *at)] = scalars["side"]
    torch.backends.cudnn.allow_tf32 = False
    return lambda: torch.nn.functional.conv3d(x, weight, padding=1)


def attention_decode(axes, scalars):
    batch, heads, groups, size = axes["batch"], axes["heads"], axes["kv_heads"], axes.get("head_dim", 128)
    page = axes.get("page_size", 16)
    keys = normal(axes["pages"], page, groups, size, dtype=torch.bfloat16)
    values = normal(axes["pages"], page, groups, size, dtype=torch.bfloat16)
    table = torch.randint(0, axes["pages"], (batch, axes["max_pages"]), device="cuda")
    query = normal(batch, heads, 1, size, dtype=torch.bfloat16)

    def run():  # gathers the pages first: PyTorch has no paged attention of its own
        k = keys[table].reshape(batch, -1, groups, size).transpose(1, 2)
        v = values[table].reshape(batch, -1, groups, size).transpose(1, 2)
        return torch.nn.functional.scaled_dot_product_attention(query, k, v, scale=scalars["scale"], enable_gqa=True)
    return run


PEERS = [softmax, matmul, transpose, row_reduce, rmsnorm, layernorm, attention_decode, gemm_bf16, spmv_csr, stencil3d]


def torch_times(peer, workload, axes, compiles):
    run = peer({**axes, **workload["axes"]}, workload.get("scalars", {}))
    times = []
    for function in (run, torch.compile(run) if compiles else None):
        if function is None:
            times.append(math.nan)
            continue
        try:
            function()
            times.append(1e3 * triton.testing.do_bench(function, warmup=25, rep=100, return_mode="median"))
        except Exception as problem:  # a peer that cannot do it is shown as such
            print(f"{peer.__name__}: {type(problem).__name__}: {str(problem)[:200]}", file=sys.stderr)
            times.append(math.nan)
    return times


def command(options, *words):
    run = subprocess.run([options.cli, *words], capture_output=True, text=True)
    return run.stdout, run


def our_best(options, folder, workload, scratch):
    session = os.path.join(scratch, os.path.basename(folder) + ".wwsession")
    _, run = command(options, "search", "--task", folder, "--device", options.device, "--steps", str(options.steps),
                     "--seconds", str(options.seconds), "--seed", "1", "--session", session)
    text, shown = command(options, "show", session, "--best", "--json")
    if shown.returncode != 0:
        raise SystemExit(f"{folder}: the search ended with {run.returncode}: {run.stdout[-400:]} {run.stderr[-400:]}")
    best = json.loads(text)
    source = os.path.join(scratch, "best.cu")
    with open(source, "w") as file:
        file.write(best["source"])
    parameters = [word for name, number in best["parameters"].items() for word in ("--param", f"{name}={number}")]
    text, run = command(options, "evaluate", "--task", folder, "--device", options.device, "--candidate", source,
                        "--workload", workload, *parameters, "--json")
    record = json.loads(text)
    if record["verdict"] != "PASSED":
        raise SystemExit(f"{folder}: {record['verdict']}: {record['message']}")
    summary = json.loads(command(options, "show", session, "--json")[0])
    title = next((each["title"] for each in summary["candidates"] if each["id"] == best["id"]), "?")
    return {"title": title, "confirmed": best["confirmed"], "steps": summary["steps"], "seconds": summary["run_seconds"],
            "us": next(each["median_us"] for each in record["timing"] if each["mode"] == "cold"),
            "speedup": record["speedup"]["ratio"], "ci": record["speedup"]["ci95"],
            "sol": (record.get("bound") or {}).get("sol_score", 0),
            "library": (record.get("library") or {}).get("ratio") or math.nan}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cli", required=True)
    parser.add_argument("--kernels", required=True)
    parser.add_argument("--device", default="cuda:0")
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--seconds", type=int, default=25)
    parser.add_argument("--only", action="append")
    parser.add_argument("--eager-only", action="store_true", help="leave torch.compile out: it takes seconds a task")
    options = parser.parse_args()
    print("| task, workload | best kernel found | steps, s | our µs | naive ÷ ours [95 %] | SOL score | library ÷ ours | eager µs "
          "| compiled µs | eager ÷ ours | compiled ÷ ours |\n|" + " --- |" * 11)
    failed = 0
    for peer in PEERS:
        if options.only and peer.__name__ not in options.only:
            continue
        folder = os.path.join(options.kernels, peer.__name__)
        task = json.load(open(os.path.join(folder, "task.json")))
        constants = {name: axis["value"] for name, axis in task["axes"].items() if axis["type"] == "const"}
        workload = next(each for each in task["workloads"]
                        if each.get("timed", True) and each.get("device", "gpu") == "gpu")
        with tempfile.TemporaryDirectory() as scratch:
            try:
                ours = our_best(options, folder, workload["name"], scratch)
            except (SystemExit, ValueError, StopIteration) as problem:
                print(f"| {peer.__name__} | failed: {str(problem)[:300]} |", flush=True)
                failed = 1
                continue
        eager, compiled = torch_times(peer, workload, constants, not options.eager_only)
        print(f"| {peer.__name__}, {workload['name']} | {ours['title']}{'' if ours['confirmed'] else ' (not confirmed)'} "
              f"| {ours['steps']}, {ours['seconds']:.0f} | {ours['us']:.2f} "
              f"| {ours['speedup']:.1f} [{ours['ci'][0]:.1f}, {ours['ci'][1]:.1f}] | {ours['sol']:.2f} "
              f"| {ours['library']:.2f} | {eager:.2f} | {compiled:.2f} | {eager / ours['us']:.2f} | {compiled / ours['us']:.2f} |", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
