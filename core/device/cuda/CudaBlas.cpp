// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/cuda/CudaBlas.h"

#include "core/device/cuda/CudaToolkit.h"

#include <fmt/format.h>

namespace ww {
namespace {

// Values of cublas_api.h and library_types.h, which not every toolkit installs: their ABI is stable.
constexpr int kSuccess = 0;
constexpr int kPlain = 0, kTransposed = 1;
constexpr int kFloat32 = 0, kBFloat16 = 14;
constexpr int kComputeFloat32 = 68; ///< never tf32
constexpr int kDefaultAlgorithm = -1;

} // namespace

CudaResult<const CudaBlas *> CudaBlas::open(const CudaDevice &device)
{
    static CudaBlas blas;
    if (!blas.m_handle) {
        if (auto started = blas.start(device); !started)
            return tl::make_unexpected(started.error());
    }
    return &blas;
}

CudaResult<void> CudaBlas::start(const CudaDevice &device)
{
    m_library = SharedLibrary::open(toolkitLibraries({"libcublas.so.13", "libcublas.so.12", "libcublas.so"}));
    const bool complete = m_library.isOpen() && m_library.resolve(m_create, "cublasCreate_v2")
        && m_library.resolve(m_setStream, "cublasSetStream_v2")
        && m_library.resolve(m_statusName, "cublasGetStatusName")
        && m_library.resolve(m_gemm, "cublasGemmEx");
    if (!complete)
        return cudaProblem(
            Problem::Device,
            fmt::format(
                "cuBLAS cannot be used: {}. Install the CUDA Toolkit's libcublas where the worker runs",
                m_library.problem()));
    void *handle = nullptr;
    if (auto made = checked(m_create(&handle), "cuBLAS does not start"); !made)
        return made;
    if (auto set = checked(m_setStream(handle, device.stream()), "cuBLAS does not take the stream"); !set)
        return set;
    m_handle = handle;
    return {};
}

CudaResult<void> CudaBlas::checked(int status, const std::string &what) const
{
    if (status == kSuccess)
        return {};
    return cudaProblem(Problem::Device, fmt::format("{}: {}", what, m_statusName(status)));
}

CudaResult<void> CudaBlas::call(const CudaBlasCall &call) const
{
    const float one = 1, zero = 0;
    // cuBLAS counts by columns: a row-major C is its transpose, so that the factors change places.
    const bool transposed = call.name == "cublas.gemm_bf16_nt";
    const int factors = transposed ? kBFloat16 : kFloat32;
    return checked(m_gemm(m_handle, transposed ? kTransposed : kPlain, kPlain, call.n, call.m, call.k, &one,
                          call.b, factors, transposed ? call.k : call.n, call.a, factors, call.k, &zero,
                          call.c, kFloat32, call.n, kComputeFloat32, kDefaultAlgorithm),
                   call.name + " fails");
}

} // namespace ww
