// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/task/Task.h"

#include <array>
#include <span>
#include <string_view>

namespace ww {

/// A function of a vendor's library that a task's library baseline may call: `//@ call NAME(A, B, C, M, N,
/// K)`. All matrices are row-major and packed.
struct LibraryCall {
    std::string_view name; ///< "cublas.sgemm"
    std::array<DType, 3> tensors; ///< of A, B and C, which is written
    std::string_view meaning; ///< "C[M, N] = A[M, K] · B[K, N]"
};
constexpr size_t kLibraryArguments = 6; ///< three tensors, then M, N and K

/// Every call there is: the host code behind them is ours (core/device/cuda/CudaBlas).
[[nodiscard]] std::span<const LibraryCall> libraryCalls();
[[nodiscard]] const LibraryCall *findLibraryCall(std::string_view name);

} // namespace ww
