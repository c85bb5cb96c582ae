// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/ChildMessages.h"
#include "core/device/cuda/SharedLibrary.h"

#include "core/base/Result.h"

#include <cuda.h>

#include <string>

// Each name is expanded first: cuda.h defines some of them to their newest version (cuMemAlloc_v2).
// clang-format off
#define WW_CUDA_FUNCTIONS(X) \
    X(cuInit) X(cuDriverGetVersion) X(cuGetErrorName) X(cuGetErrorString) X(cuDeviceGetCount) \
    X(cuDeviceGet) X(cuDeviceGetName) X(cuDeviceGetAttribute) X(cuDeviceGetPCIBusId) \
    X(cuDevicePrimaryCtxRetain) X(cuDevicePrimaryCtxRelease) X(cuCtxSetCurrent) \
    X(cuCtxSetLimit) X(cuCtxResetPersistingL2Cache) X(cuMemAlloc) X(cuMemFree) \
    X(cuMemGetInfo) X(cuMemcpyHtoD) X(cuMemcpyDtoH) X(cuMemcpyHtoDAsync) X(cuMemcpyDtoHAsync) X(cuMemcpyDtoDAsync) \
    X(cuMemsetD8Async) X(cuMemsetD32Async) X(cuMemHostAlloc) X(cuMemFreeHost) X(cuMemHostGetDevicePointer) \
    X(cuMemHostRegister) X(cuMemHostUnregister) \
    X(cuModuleLoadDataEx) X(cuModuleUnload) X(cuModuleGetFunction) X(cuFuncSetAttribute) \
    X(cuLaunchKernelEx) X(cuStreamCreate) X(cuStreamDestroy) X(cuStreamSynchronize) \
    X(cuEventCreate) X(cuEventDestroy) X(cuEventRecord) X(cuEventElapsedTime) \
    X(cuOccupancyMaxActiveBlocksPerMultiprocessor) X(cuOccupancyMaxActiveClusters) \
    X(cuTensorMapEncodeTiled) \
    X(cuStreamBeginCapture) X(cuStreamEndCapture) X(cuGraphInstantiateWithFlags) X(cuGraphUpload) \
    X(cuGraphLaunch) X(cuGraphDestroy) X(cuGraphExecDestroy)
// clang-format on

namespace ww {

/// A request that cannot be carried out, with who has to act.
struct CudaProblem {
    Problem problem = Problem::Device;
    std::string message;
};
template <class T> using CudaResult = tl::expected<T, CudaProblem>;
[[nodiscard]] tl::unexpected<CudaProblem> cudaProblem(Problem problem, std::string message);

/// The functions of NVIDIA's driver, found when the program runs.
class CudaDriver {
public:
    /// Opens libcuda and initialises it. NotFound or Unsupported say what is missing here.
    [[nodiscard]] static Result<CudaDriver> load();

    /// "CUDA_ERROR_ILLEGAL_ADDRESS (700): the kernel read or wrote outside its buffers. …": name, number,
    /// what it means for a kernel and, where there is one, a remedy.
    [[nodiscard]] std::string describe(CUresult code) const;
    /// Succeeds on CUDA_SUCCESS, else fails as "what: describe(code)", blamed by problemOf().
    [[nodiscard]] CudaResult<void> checked(CUresult code, const std::string &what) const;

#define WW_CUDA_MEMBER(name) decltype(&::name) name = nullptr;
    WW_CUDA_FUNCTIONS(WW_CUDA_MEMBER)
#undef WW_CUDA_MEMBER

private:
    SharedLibrary m_library;
};

/// Who has to act on a driver error that came while a kernel was launched or ran.
[[nodiscard]] Problem problemOf(CUresult code);

} // namespace ww
