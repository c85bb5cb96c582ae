// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/cuda/CudaLaunch.h"

#include <fmt/format.h>

namespace ww {
namespace {

/// Above this dynamic shared memory has to be asked for by name (CUDA C++ Programming Guide, "Shared
/// Memory").
constexpr uint64_t kPlainSharedBytes = 48u << 10;

CUlaunchConfig configOf(const CudaDevice &device, const ResolvedLaunch &sizes)
{
    CUlaunchConfig config {};
    config.gridDimX = static_cast<unsigned>(sizes.grid[0]);
    config.gridDimY = static_cast<unsigned>(sizes.grid[1]);
    config.gridDimZ = static_cast<unsigned>(sizes.grid[2]);
    config.blockDimX = static_cast<unsigned>(sizes.block[0]);
    config.blockDimY = static_cast<unsigned>(sizes.block[1]);
    config.blockDimZ = static_cast<unsigned>(sizes.block[2]);
    config.sharedMemBytes = static_cast<unsigned>(sizes.sharedBytes);
    config.hStream = device.stream();
    return config;
}

} // namespace

CudaResult<void> prepareFunction(const CudaDevice &device, CUfunction function, const ResolvedLaunch &sizes)
{
    const CudaDriver &driver = device.driver();
    if (sizes.sharedBytes > kPlainSharedBytes)
        return driver.checked(driver.cuFuncSetAttribute(function,
                                                        CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
                                                        static_cast<int>(sizes.sharedBytes)),
                              fmt::format("kernel '{}' cannot have {} bytes of shared memory", sizes.kernel,
                                          sizes.sharedBytes));
    return {};
}

CudaResult<void> enqueue(const CudaDevice &device, const std::vector<CudaLaunch> &launches)
{
    const CudaDriver &driver = device.driver();
    std::vector<void *> pointers;
    for (const CudaLaunch &launch : launches) {
        pointers.clear();
        for (const CudaArgument &argument : launch.arguments)
            pointers.push_back(const_cast<std::byte *>(argument.value.data()));
        const CUlaunchConfig config = configOf(device, launch.sizes);
        const CUresult code = driver.cuLaunchKernelEx(&config, launch.function, pointers.data(), nullptr);
        if (auto done = driver.checked(code, fmt::format("kernel '{}' cannot be launched", launch.name));
            !done)
            return done;
    }
    return {};
}

} // namespace ww
