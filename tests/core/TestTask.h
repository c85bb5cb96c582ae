// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/task/JsonFields.h"
#include "core/task/TaskJson.h"

#include <stdexcept>
#include <string>

/// A small task that uses every part of the format; tests break it one piece at a time.
inline const std::string kTestTaskJson = R"json({
  "name": "scaled-sum",
  "description": "C[m, n] = alpha · sum over k of A[m, k] + bias[n]",
  "tags": ["reduction", "test"],
  "axes": {
    "M": {"type": "var", "description": "rows"},
    "N": {"type": "var", "description": "columns"},
    "K": {"type": "const", "value": 64}
  },
  "inputs": {
    "bias": {"shape": ["N"], "dtype": "int32", "fill": {"kind": "integer", "low": -4, "high": 4}},
    "A": {"shape": ["M", "K"], "dtype": "float32", "description": "rows to add up",
          "fill": {"kind": "uniform", "low": 0.5, "high": 2}},
    "alpha": {"shape": null, "dtype": "float32"}
  },
  "outputs": {
    "C": {"shape": ["M", "N"], "dtype": "float32"}
  },
  "constraints": ["M > 0", "M * N <= 1000000"],
  "workloads": [
    {"name": "large", "axes": {"M": 256, "N": 512}, "scalars": {"alpha": 0.5}, "timed": true},
    {"name": "odd", "axes": {"M": 3, "N": 7, "K": 64}, "scalars": {"alpha": 2}, "timed": false}
  ],
  "tolerance": {"rtol": 1e-4, "atol": 1e-5, "matched_ratio": 1},
  "cost": {"flops": "M * (K + 2 * N)", "bytes": "4 * (M * K + N + M * N)"},
  "policy": {"tf32_allowed": false, "weights_may_be_packed": true, "time_depends_on_data": false, "linear": true}
})json";

inline const std::string kTestReference =
    R"(//@ launch scaled_sum grid(M, N) block(1) args(A, bias, C, N, K, alpha)
kernel void scaled_sum(global const float *A, global const int *bias, global float *C, int N, int K, float alpha) {}
)";

inline const std::string kTestVariant = R"(// two kernels and a buffer between them
//@ tune BLOCK = 64, 128, 256
//@ tune VEC = 1, 2, 4
//@ require K % VEC == 0 && BLOCK * VEC <= 512
//@ scratch sums: float32[M, ceil_div(K, BLOCK)] zero
//@ launch add_rows grid(M) block(BLOCK) shared(4 * BLOCK) args(A, sums, M, K, VEC)
//@ launch finish grid(ceil_div(N, BLOCK), M) block(BLOCK) args(sums, bias, C, N, alpha, ceil_div(K, BLOCK))
kernel void add_rows(global const float *A, global float *sums, int M, int K, int vec) {}
kernel void finish(global const float *sums, global const int *bias, global float *C, int N, float alpha, int n) {}
)";

/// The task above in memory, with its kernels.
inline ww::Task testTask()
{
    const auto document = ww::parseOrderedJson(kTestTaskJson);
    if (!document)
        throw std::runtime_error(document.error().message());
    auto task = ww::taskFromFileJson(*document);
    if (!task)
        throw std::runtime_error(task.error().message());
    task->reference = {"reference", {}, kTestReference};
    task->baseline = {"baseline", {}, kTestReference};
    task->variants = {{"two-pass", {}, kTestVariant}};
    task->hash = ww::taskHash(*task);
    return *task;
}
