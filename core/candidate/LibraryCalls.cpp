// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/candidate/LibraryCalls.h"

#include <algorithm>

namespace ww {
namespace {

constexpr std::array kCalls {
    LibraryCall {"cublas.sgemm",
                 {DType::Float32, DType::Float32, DType::Float32},
                 "C[M, N] = A[M, K] · B[K, N] in float32, without tf32"},
    LibraryCall {"cublas.gemm_bf16_nt",
                 {DType::BFloat16, DType::BFloat16, DType::Float32},
                 "C[M, N] = A[M, K] · B[N, K]ᵀ, bfloat16 factors, float32 sums"},
};

} // namespace

std::span<const LibraryCall> libraryCalls()
{
    return kCalls;
}

const LibraryCall *findLibraryCall(std::string_view name)
{
    const auto found = std::find_if(kCalls.begin(), kCalls.end(),
                                    [name](const LibraryCall &call) { return call.name == name; });
    return found == kCalls.end() ? nullptr : &*found;
}

} // namespace ww
