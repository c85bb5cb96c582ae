// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/cuda/CudaInputs.h"

#include <algorithm>

namespace ww {

CudaInputs::CudaInputs(const CudaDevice &device) : m_device(device)
{
    constexpr size_t kShare = 10;
    size_t free = 0, total = 0;
    if (device.driver().cuMemGetInfo(&free, &total) == CUDA_SUCCESS)
        m_mostBytes = free / kShare;
}

std::optional<CUdeviceptr> CudaInputs::find(uint64_t digest, size_t bytes)
{
    const auto kept = std::find_if(m_kept.begin(), m_kept.end(), [&](const Kept &known) {
        return known.digest == digest && known.memory.bytes() == bytes;
    });
    if (kept == m_kept.end())
        return std::nullopt;
    m_kept.splice(m_kept.begin(), m_kept, kept);
    return m_kept.front().memory.address();
}

void CudaInputs::keep(uint64_t digest, CUdeviceptr from, size_t bytes)
{
    if (bytes == 0 || bytes > m_mostBytes)
        return;
    while (m_bytes + bytes > m_mostBytes) {
        m_bytes -= m_kept.back().memory.bytes();
        m_kept.pop_back();
    }
    auto memory = CudaMemory::allocate(m_device, bytes, "no room to keep an input");
    if (!memory
        || m_device.driver().cuMemcpyDtoDAsync(memory->address(), from, bytes, m_device.stream())
            != CUDA_SUCCESS)
        return;
    m_bytes += bytes;
    m_kept.push_front({digest, std::move(*memory)});
}

void CudaInputs::drop(uint64_t digest)
{
    std::erase_if(m_kept, [&](const Kept &known) {
        if (known.digest != digest)
            return false;
        m_bytes -= known.memory.bytes();
        return true;
    });
}

} // namespace ww
