// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ww {

/// What one multiprocessor of a compute capability holds. Source: CUDA C++ Programming Guide 13.0, table
/// "Technical Specifications per Compute Capability"; allocation steps: cuda_occupancy.h of the same toolkit.
struct CudaArchitecture {
    int number = 0; ///< 10 · major + minor: 90 for compute capability 9.0
    int warpsPerSm = 0;
    int blocksPerSm = 0;
    int barriersPerSm = 0; ///< hardware barriers that its blocks share
    int64_t sharedPerSm = 0; ///< bytes
    int64_t sharedPerBlock = 0; ///< bytes, most with the opt-in
    int64_t sharedReservedPerBlock = 0; ///< bytes the system takes of each block
    int64_t sharedStep = 128; ///< bytes, allocation granularity
    int64_t registersPerSm = 65536;
    int64_t registersPerBlock = 65536;
    int64_t registerStep = 256; ///< registers of a warp are rounded up to this
    int registersPerThread = 255;
    int threadsPerBlock = 1024;
    int schedulers = 4; ///< parts of a multiprocessor that registers and warps are dealt to
};

/// The limits of a compute capability, or nothing where this version has no figures for it.
[[nodiscard]] std::optional<CudaArchitecture> cudaArchitecture(int number);

/// Every compute capability with known limits, rising.
[[nodiscard]] std::vector<int> knownCudaArchitectures();

/// 90 from "sm_90" or "sm_90a"; nothing for anything else.
[[nodiscard]] std::optional<int> cudaArchitectureNumber(std::string_view name);

/// The name to compile for a device of its own: "sm_90a" for 90, "sm_89" for 89. From 9.0 on the variant
/// with a letter has the instructions that only this very architecture knows (wgmma, setmaxnreg).
[[nodiscard]] std::string cudaTargetName(int number);

} // namespace ww
