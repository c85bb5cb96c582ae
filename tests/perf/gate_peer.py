#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our gate beside the usual script: torch load_inline, five correctness trials, a hundred timed runs; one GPU, one run.

    tests/perf/gate_peer.py --cli bin/warpwright-cli --task kernels/softmax --rows 4096 --cols 4096

Each peer round gets a source that was not seen before (a changed comment), as each candidate of a search would be;
so does each of ours.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import torch
from torch.utils.cpp_extension import load_inline

KERNEL = """
#include <torch/extension.h>
#include <ATen/cuda/CUDAContext.h>
// round ROUND
__global__ void softmax(const float *x, float *y, int cols) {
    const float *in = x + static_cast<size_t>(blockIdx.x) * cols;
    float *out = y + static_cast<size_t>(blockIdx.x) * cols;
    __shared__ float parts[256];
    float top = -INFINITY;
    for (int c = threadIdx.x; c < cols; c += 256) top = fmaxf(top, in[c]);
    parts[threadIdx.x] = top; __syncthreads();
    for (int n = 128; n; n /= 2) {
        if (threadIdx.x < n) parts[threadIdx.x] = fmaxf(parts[threadIdx.x], parts[threadIdx.x + n]);
        __syncthreads();
    }
    top = parts[0]; __syncthreads();
    float sum = 0;
    for (int c = threadIdx.x; c < cols; c += 256) sum += __expf(in[c] - top);
    parts[threadIdx.x] = sum; __syncthreads();
    for (int n = 128; n; n /= 2) {
        if (threadIdx.x < n) parts[threadIdx.x] += parts[threadIdx.x + n];
        __syncthreads();
    }
    sum = parts[0];
    for (int c = threadIdx.x; c < cols; c += 256) out[c] = __expf(in[c] - top) / sum;
}
torch::Tensor run(torch::Tensor x) {
    auto y = torch::empty_like(x);
    softmax<<<x.size(0), 256, 0, at::cuda::getCurrentCUDAStream()>>>(x.data_ptr<float>(), y.data_ptr<float>(), x.size(1));
    return y;
}
"""


def peer_round(number, rows, cols):
    began = time.monotonic()
    source = KERNEL.replace("ROUND", f"{number} {time.time_ns()}")
    with tempfile.TemporaryDirectory() as folder:
        module = load_inline(name=f"peer_{time.time_ns()}", cpp_sources="torch::Tensor run(torch::Tensor x);",
                             cuda_sources=source, functions=["run"], build_directory=folder)
        for trial in range(5):
            torch.manual_seed(trial)
            x = torch.randn(rows, cols, device="cuda")
            assert torch.allclose(module.run(x), torch.softmax(x, 1), atol=1e-2, rtol=1e-2)
        x = torch.randn(rows, cols, device="cuda")
        for run in (module.run, lambda each: torch.softmax(each, 1)):  # candidate and reference
            for _ in range(3):
                run(x)
            for _ in range(100):
                start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
                start.record()
                run(x)
                end.record()
                torch.cuda.synchronize()
                start.elapsed_time(end)
    return time.monotonic() - began


def our_rounds(options, count):
    """Warm rounds of one worker over sources that differ; the first, cold one is left out."""
    text = pathlib.Path(options.candidate).read_text()
    with tempfile.TemporaryDirectory() as folder:
        walls = []
        command = [options.cli, "evaluate", "--task", options.task, "--candidate", options.candidate, "--device",
                   options.device, "--workload", options.workload, "--repeat", str(count + 1), "--json"]
        run = subprocess.run(command, capture_output=True, text=True)
        for line in run.stdout.splitlines():
            record = json.loads(line)
            if record["verdict"] != "PASSED":
                raise SystemExit(f"{record['verdict']}: {record['message']}")
            walls.append(record["wall_ms"] / 1e3)
        if len(walls) != count + 1:
            raise SystemExit(f"{' '.join(command)}\nfailed with {run.returncode}: {run.stderr}")
        broken = pathlib.Path(folder) / "broken.cu"
        broken.write_text(text + "\nint broken(\n")
        wrong = subprocess.run([*command[:5], str(broken), *command[6:]], capture_output=True, text=True)
        rejects = [json.loads(line)["wall_ms"] / 1e3 for line in wrong.stdout.splitlines()][1:]
    return walls[1:], rejects


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cli", required=True)
    parser.add_argument("--task", required=True)
    parser.add_argument("--candidate", required=True)
    parser.add_argument("--workload", required=True, help="of the same size as --rows and --cols")
    parser.add_argument("--rows", type=int, default=4096)
    parser.add_argument("--cols", type=int, default=4096)
    parser.add_argument("--device", default="cuda:0")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    torch.zeros(1, device="cuda")
    accepts, rejects = our_rounds(options, 10)
    peers = [peer_round(number, options.rows, options.cols) for number in range(options.rounds)]
    mine, peer = statistics.median(accepts), statistics.median(peers)
    print("| gate | median s | min–max s |\n| --- | --- | --- |")
    print(f"| ours, accepted, warm | {mine:.3f} | {min(accepts):.3f}–{max(accepts):.3f} |")
    if rejects:
        print(f"| ours, does not compile, warm | {statistics.median(rejects):.3f} | {min(rejects):.3f}–{max(rejects):.3f} |")
    print(f"| load_inline, 5 trials, 100 runs | {peer:.2f} | {min(peers):.2f}–{max(peers):.2f} |")
    print(f"\nratio {peer / mine:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
