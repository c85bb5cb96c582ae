// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/opencl/ClBinding.h"

#include <map>

namespace ww {

/// Our own kernels beside a candidate's: they evict the last-level cache, tell whether memory was changed and
/// measure peaks.
class ClHousekeeping {
public:
    /// Builds the kernels; fails when the driver cannot.
    [[nodiscard]] static ClResult<ClHousekeeping> make(const ClDevice &device);

    /// Reads `bytes` of memory of its own, spread over all compute units. Reading leaves clean lines
    /// behind: nothing is written back during the sample that follows.
    [[nodiscard]] ClResult<void> flushCache(const ClDevice &device, size_t bytes);

    /// digestOf() the `bytes` of the buffer from `offset` on, a multiple of 8; waits for what was queued
    /// before.
    [[nodiscard]] ClResult<uint64_t> digest(const ClDevice &device, const ClBuffer &buffer, size_t offset,
                                            size_t bytes, uint64_t key);

    /// The same of memory of its own, which makes the driver generate code for it.
    [[nodiscard]] ClResult<uint64_t> digestOfOwn(const ClDevice &device)
    {
        return digest(device, m_memory, 0, m_bytes, 0);
    }

    /// Copy bandwidth ("copy_gbps", read + written bytes), read bandwidth ("read_gbps") and float32
    /// multiply-add throughput
    /// ("flops_f32_gflops"), each the best of several runs.
    [[nodiscard]] ClResult<std::map<std::string, double>> measurePeaks(const ClDevice &device);

    /// The golden kernels: "read_us", "fma_us", each the best of a few runs, and "wrong": how many results
    /// were not what they must be.
    [[nodiscard]] ClResult<std::map<std::string, double>> golden(const ClDevice &device);

private:
    ClResult<void> reserve(const ClDevice &device, size_t bytes);
    ClResult<double> wrongResults(const ClDevice &device, size_t items, float right) const;

    ClProgramHandle m_program;
    ClKernel m_sweep, m_copy, m_multiplyAdd, m_digest;
    ClBuffer m_memory, m_sink;
    size_t m_bytes = 0;
};

} // namespace ww
