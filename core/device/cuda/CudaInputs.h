// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/cuda/CudaHandles.h"

#include <list>

namespace ww {

/// Inputs that a runner has on its device, by their digest: laying them out again is then a copy within the
/// device. Kernels can write here as anywhere, so a copy's digest is checked before it is used. Bounded by a
/// part of the device's memory; the least recently used go first.
class CudaInputs {
public:
    explicit CudaInputs(const CudaDevice &device);

    /// The kept bytes; nothing when they are not here.
    [[nodiscard]] std::optional<CUdeviceptr> find(uint64_t digest, size_t bytes);
    /// Keeps a copy of what lies at the address. Without room on the device nothing is kept.
    void keep(uint64_t digest, CUdeviceptr from, size_t bytes);
    /// Drops what turned out to be damaged.
    void drop(uint64_t digest);

private:
    struct Kept {
        uint64_t digest = 0;
        CudaMemory memory;
    };
    const CudaDevice &m_device;
    std::list<Kept> m_kept; ///< most recently used first
    size_t m_bytes = 0, m_mostBytes = 0;
};

} // namespace ww
