// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/cuda/CudaLaunch.h"

#include <fmt/format.h>

namespace ww {
namespace {

/// Above this dynamic shared memory has to be asked for by name (CUDA C++ Programming Guide, "Shared
/// Memory").
constexpr uint64_t kPlainSharedBytes = 48u << 10;

/// A launch as the driver takes it; `attributes` must outlive it.
CUlaunchConfig configOf(const CudaDevice &device, const ResolvedLaunch &sizes,
                        std::array<CUlaunchAttribute, 2> &attributes)
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
    config.attrs = attributes.data();
    if (sizes.cluster[0] > 0) {
        CUlaunchAttribute &cluster = attributes[config.numAttrs++];
        cluster = {};
        cluster.id = CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION;
        cluster.value.clusterDim.x = static_cast<unsigned>(sizes.cluster[0]);
        cluster.value.clusterDim.y = static_cast<unsigned>(sizes.cluster[1]);
        cluster.value.clusterDim.z = static_cast<unsigned>(sizes.cluster[2]);
    }
    if (sizes.cooperative) {
        CUlaunchAttribute &cooperative = attributes[config.numAttrs++];
        cooperative = {};
        cooperative.id = CU_LAUNCH_ATTRIBUTE_COOPERATIVE;
        cooperative.value.cooperative = 1;
    }
    return config;
}

uint64_t product(const std::array<uint64_t, 3> &sizes)
{
    return sizes[0] * sizes[1] * sizes[2];
}

/// A cluster must fit the device once; a cooperative grid as a whole.
CudaResult<void> checkResidency(const CudaDevice &device, CUfunction function, const ResolvedLaunch &sizes)
{
    const CudaDriver &driver = device.driver();
    if (sizes.cluster[0] > 0) {
        std::array<CUlaunchAttribute, 2> attributes;
        const CUlaunchConfig config = configOf(device, sizes, attributes);
        int clusters = 0;
        if (auto asked = driver.checked(driver.cuOccupancyMaxActiveClusters(&clusters, function, &config),
                                        fmt::format("kernel '{}' cannot run in clusters", sizes.kernel));
            !asked)
            return asked;
        if (clusters == 0)
            return cudaProblem(
                Problem::Resource,
                fmt::format("kernel '{}': a cluster of {} blocks does not fit this device: fewer "
                            "blocks, registers or shared memory",
                            sizes.kernel, product(sizes.cluster)));
    }
    if (sizes.cooperative) {
        int blocks = 0;
        if (auto asked = driver.checked(
                driver.cuOccupancyMaxActiveBlocksPerMultiprocessor(
                    &blocks, function, static_cast<int>(product(sizes.block)), sizes.sharedBytes),
                fmt::format("kernel '{}' cannot run", sizes.kernel));
            !asked)
            return asked;
        const uint64_t held =
            static_cast<uint64_t>(blocks) * static_cast<uint64_t>(device.facts().computeUnits);
        if (product(sizes.grid) > held)
            return cudaProblem(
                Problem::Resource,
                fmt::format("kernel '{}' is cooperative: its {} blocks must all run at once, and this "
                            "device holds {}",
                            sizes.kernel, product(sizes.grid), held));
    }
    return {};
}

CUtensorMapDataType mapType(DType type)
{
    switch (type) {
    case DType::Float64: return CU_TENSOR_MAP_DATA_TYPE_FLOAT64;
    case DType::Float32: return CU_TENSOR_MAP_DATA_TYPE_FLOAT32;
    case DType::Float16: return CU_TENSOR_MAP_DATA_TYPE_FLOAT16;
    case DType::BFloat16: return CU_TENSOR_MAP_DATA_TYPE_BFLOAT16;
    case DType::Int32: return CU_TENSOR_MAP_DATA_TYPE_INT32;
    case DType::Float8E4M3:
    case DType::Float8E5M2:
    case DType::Int8: return CU_TENSOR_MAP_DATA_TYPE_UINT8;
    }
    return CU_TENSOR_MAP_DATA_TYPE_UINT8;
}

CUtensorMapSwizzle mapSwizzle(uint64_t bytes)
{
    switch (bytes) {
    case 32: return CU_TENSOR_MAP_SWIZZLE_32B;
    case 64: return CU_TENSOR_MAP_SWIZZLE_64B;
    case 128: return CU_TENSOR_MAP_SWIZZLE_128B;
    default: return CU_TENSOR_MAP_SWIZZLE_NONE;
    }
}

} // namespace

CudaResult<void> prepareFunction(const CudaDevice &device, CUfunction function, const ResolvedLaunch &sizes)
{
    constexpr uint64_t kPortableCluster = 8;
    const CudaDriver &driver = device.driver();
    const auto allow = [&](CUfunction_attribute what, uint64_t value, const std::string &refusal) {
        return driver.checked(driver.cuFuncSetAttribute(function, what, static_cast<int>(value)), refusal);
    };
    if (sizes.sharedBytes > kPlainSharedBytes) {
        if (auto done = allow(CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, sizes.sharedBytes,
                              fmt::format("kernel '{}' cannot have {} bytes of shared memory", sizes.kernel,
                                          sizes.sharedBytes));
            !done)
            return done;
    }
    if (product(sizes.cluster) > kPortableCluster) {
        if (auto done = allow(CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED, 1,
                              fmt::format("kernel '{}' cannot run in clusters of {} blocks", sizes.kernel,
                                          product(sizes.cluster)));
            !done)
            return done;
    }
    return checkResidency(device, function, sizes);
}

CudaResult<CUtensorMap> encodeTensorMap(const CudaDevice &device, const ResolvedTensorMap &map,
                                        CUdeviceptr data)
{
    // The engine counts dimensions from the fastest on, and strides from the second.
    const auto rank = static_cast<uint32_t>(map.shape.size());
    const std::vector<cuuint64_t> shape(map.shape.rbegin(), map.shape.rend());
    const std::vector<cuuint32_t> box(map.box.rbegin(), map.box.rend());
    const std::vector<cuuint32_t> steps(rank, 1);
    std::vector<cuuint64_t> strides;
    cuuint64_t bytes = sizeOf(map.dtype);
    for (const cuuint64_t size : shape)
        strides.push_back(bytes *= size);
    CUtensorMap encoded {};
    const CUresult code = device.driver().cuTensorMapEncodeTiled(
        &encoded, mapType(map.dtype), rank, reinterpret_cast<void *>(data), shape.data(), strides.data(),
        box.data(), steps.data(), CU_TENSOR_MAP_INTERLEAVE_NONE, mapSwizzle(map.swizzleBytes),
        CU_TENSOR_MAP_L2_PROMOTION_L2_128B, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
    if (auto done = device.driver().checked(
            code, fmt::format("line {}: the tensor map '{}' cannot be made", map.line, map.name));
        !done)
        return tl::make_unexpected(done.error());
    return encoded;
}

CudaResult<void> enqueue(const CudaDevice &device, const std::vector<CudaLaunch> &launches)
{
    const CudaDriver &driver = device.driver();
    std::vector<void *> pointers;
    for (const CudaLaunch &launch : launches) {
        if (launch.call) {
            const CudaResult<const CudaBlas *> blas = CudaBlas::open(device);
            if (!blas)
                return tl::make_unexpected(blas.error());
            if (auto done = (*blas)->call(*launch.call); !done)
                return done;
            continue;
        }
        pointers.clear();
        for (const CudaArgument &argument : launch.arguments)
            pointers.push_back(const_cast<std::byte *>(argument.value.data()));
        std::array<CUlaunchAttribute, 2> attributes;
        const CUlaunchConfig config = configOf(device, launch.sizes, attributes);
        const CUresult code = driver.cuLaunchKernelEx(&config, launch.function, pointers.data(), nullptr);
        if (auto done = driver.checked(code, fmt::format("kernel '{}' cannot be launched", launch.name));
            !done)
            return done;
    }
    return {};
}

} // namespace ww
