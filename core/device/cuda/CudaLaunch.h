// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/candidate/LaunchPlan.h"
#include "core/device/cuda/CudaBlas.h"
#include "core/device/cuda/CudaDevice.h"
#include "core/device/cuda/CudaProgram.h"

#include <array>
#include <vector>

namespace ww {

/// The bytes of one kernel argument. The largest is a tensor map, which must lie at a multiple of 64.
struct CudaArgument {
    alignas(64) std::array<std::byte, sizeof(CUtensorMap)> value {};
    std::string input; ///< the input tensor that it points to: its address changes with the set of data
    std::optional<ResolvedTensorMap> map; ///< set where it is a tensor map
};

/// A kernel with its arguments and sizes, ready to be queued.
struct CudaLaunch {
    std::string name;
    CUfunction function = nullptr;
    ResolvedLaunch sizes; ///< with cluster and cooperative
    std::vector<CudaArgument> arguments;
    std::optional<CudaBlasCall> call {}; ///< a library's function instead of a kernel
};

/// Allows the function the dynamic shared memory and the cluster size that the launch asks for, and checks
/// that the device can run it at all.
[[nodiscard]] CudaResult<void> prepareFunction(const CudaDevice &device, CUfunction function,
                                               const ResolvedLaunch &sizes);

/// The view of a buffer that the bulk copy engine takes.
[[nodiscard]] CudaResult<CUtensorMap> encodeTensorMap(const CudaDevice &device, const ResolvedTensorMap &map,
                                                      CUdeviceptr data);

/// Queues all launches of a plan. An error names the kernel.
[[nodiscard]] CudaResult<void> enqueue(const CudaDevice &device, const std::vector<CudaLaunch> &launches);

} // namespace ww
