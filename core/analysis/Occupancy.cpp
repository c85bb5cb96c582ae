// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/Occupancy.h"

#include <algorithm>
#include <array>
#include <limits>

namespace ww {
namespace {

constexpr int64_t kWarp = 32;
constexpr int64_t kUnlimited = std::numeric_limits<int64_t>::max();

int64_t dividedUp(int64_t value, int64_t step)
{
    return (value + step - 1) / step;
}

/// Registers are dealt to schedulers: each holds whole warps of its own share.
int64_t blocksByRegisters(const CudaArchitecture &architecture, int64_t warps, int64_t registersPerThread)
{
    if (registersPerThread == 0)
        return kUnlimited;
    if (registersPerThread > architecture.registersPerThread)
        return 0;
    const int64_t ofWarp =
        dividedUp(registersPerThread * kWarp, architecture.registerStep) * architecture.registerStep;
    const int64_t warpsDealt = dividedUp(warps, architecture.schedulers) * architecture.schedulers;
    if (warpsDealt * ofWarp > architecture.registersPerBlock)
        return 0;
    const int64_t warpsHeld =
        architecture.registersPerSm / architecture.schedulers / ofWarp * architecture.schedulers;
    return warpsHeld / warps;
}

int64_t blocksByShared(const CudaArchitecture &architecture, int64_t bytes)
{
    if (bytes > architecture.sharedPerBlock)
        return 0;
    const int64_t taken = dividedUp(bytes + architecture.sharedReservedPerBlock, architecture.sharedStep)
        * architecture.sharedStep;
    return taken == 0 ? kUnlimited : architecture.sharedPerSm / taken;
}

} // namespace

Occupancy occupancyOf(const CudaArchitecture &architecture, const BlockNeeds &block)
{
    struct Bound {
        int64_t blocks;
        const char *name;
    };
    Occupancy occupancy;
    if (block.threads < 1 || block.threads > architecture.threadsPerBlock) {
        occupancy.limiter = "warps";
        return occupancy;
    }
    const int64_t warps = dividedUp(block.threads, kWarp);
    const std::array bounds {
        Bound {architecture.warpsPerSm / warps, "warps"}, Bound {architecture.blocksPerSm, "blocks"},
        Bound {blocksByRegisters(architecture, warps, block.registersPerThread), "registers"},
        Bound {blocksByShared(architecture, block.sharedBytes), "shared memory"},
        Bound {block.barriers > 0 ? architecture.barriersPerSm / block.barriers : kUnlimited, "barriers"}};
    const int64_t least = std::min_element(bounds.begin(), bounds.end(), [](const Bound &a, const Bound &b) {
                              return a.blocks < b.blocks;
                          })->blocks;
    for (const Bound &bound : bounds) {
        if (bound.blocks == least)
            occupancy.limiter += (occupancy.limiter.empty() ? "" : ", ") + std::string(bound.name);
    }
    occupancy.blocksPerSm = static_cast<int>(least);
    occupancy.warpsPerSm = static_cast<int>(least * warps);
    occupancy.ratio = static_cast<double>(occupancy.warpsPerSm) / architecture.warpsPerSm;
    return occupancy;
}

} // namespace ww
