// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/SharedMemory.h"
#include "core/device/cuda/CudaDevice.h"

namespace ww {

/// The memory shared with the supervisor that runs are given back to, registered with the driver where it
/// lets itself be: copies then go at the speed of the bus.
class CudaReturned {
public:
    explicit CudaReturned(const CudaDevice &device) : m_device(device) { }
    ~CudaReturned() { unregister(); }
    CudaReturned(const CudaReturned &) = delete;
    CudaReturned &operator=(const CudaReturned &) = delete;

    /// Takes new memory in the place of what there was.
    void take(SharedMemory memory);

    [[nodiscard]] std::span<std::byte> bytes() { return m_memory.bytes(); }

private:
    void unregister();

    const CudaDevice &m_device;
    SharedMemory m_memory;
    bool m_registered = false;
};

} // namespace ww
