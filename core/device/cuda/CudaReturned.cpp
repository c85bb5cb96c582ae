// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/cuda/CudaReturned.h"

namespace ww {

void CudaReturned::take(SharedMemory memory)
{
    unregister();
    m_memory = std::move(memory);
    const std::span<std::byte> bytes = m_memory.bytes();
    // Where it cannot be registered, the driver copies by way of memory of its own.
    m_registered =
        !bytes.empty() && m_device.driver().cuMemHostRegister(bytes.data(), bytes.size(), 0) == CUDA_SUCCESS;
}

void CudaReturned::unregister()
{
    if (m_registered)
        m_device.driver().cuMemHostUnregister(m_memory.bytes().data());
    m_registered = false;
}

} // namespace ww
