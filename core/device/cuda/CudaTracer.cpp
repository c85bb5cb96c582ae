// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/cuda/CudaTracer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>

namespace ww {
namespace {

constexpr size_t kBufferBytes = 1u << 20;
constexpr size_t kBufferAlignment = 8; ///< that CUPTI asks for

/// What the callbacks write to, which may come on a thread of CUPTI's.
struct Collected {
    std::mutex mutex;
    const Cupti *cupti = nullptr;
    std::vector<TracedKernel> kernels;
};

Collected &collected()
{
    static Collected all;
    return all;
}

void CUPTIAPI giveBuffer(uint8_t **buffer, size_t *size, size_t *maxRecords)
{
    *buffer = static_cast<uint8_t *>(std::aligned_alloc(kBufferAlignment, kBufferBytes));
    *size = *buffer ? kBufferBytes : 0;
    *maxRecords = 0;
}

void CUPTIAPI takeBuffer(CUcontext, uint32_t, uint8_t *buffer, size_t, size_t validBytes)
{
    Collected &all = collected();
    const std::lock_guard lock(all.mutex);
    CUpti_Activity *record = nullptr;
    while (all.cupti && validBytes > 0
           && all.cupti->cuptiActivityGetNextRecord(buffer, validBytes, &record) == CUPTI_SUCCESS) {
        if (record->kind != CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL)
            continue;
        // Newer releases only add fields behind those read here.
        const auto *kernel = reinterpret_cast<const CUpti_ActivityKernel9 *>(record);
        all.kernels.push_back({kernel->start, kernel->end, kernel->correlationId});
    }
    std::free(buffer);
}

} // namespace

CudaTracer::CudaTracer(const Cupti &cupti) : m_cupti(cupti)
{
    Collected &all = collected();
    const std::lock_guard lock(all.mutex);
    all.cupti = &cupti;
}

CudaTracer::~CudaTracer()
{
    Collected &all = collected();
    const std::lock_guard lock(all.mutex);
    all.cupti = nullptr;
}

CudaResult<std::vector<TracedKernel>> CudaTracer::trace(const std::function<CudaResult<void>()> &work)
{
    const auto checked = [&](CUptiResult result) -> CudaResult<void> {
        if (result == CUPTI_SUCCESS)
            return {};
        return cudaProblem(Problem::Device, "CUPTI does not trace: " + m_cupti.describe(result));
    };
    {
        const std::lock_guard lock(collected().mutex);
        collected().kernels.clear();
    }
    for (const CUptiResult result : {m_cupti.cuptiActivityRegisterCallbacks(giveBuffer, takeBuffer),
                                     m_cupti.cuptiActivityEnable(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL)}) {
        if (auto done = checked(result); !done)
            return tl::make_unexpected(done.error());
    }
    const CudaResult<void> done = work();
    m_cupti.cuptiActivityFlushAll(CUPTI_ACTIVITY_FLAG_FLUSH_FORCED);
    m_cupti.cuptiActivityDisable(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL);
    if (!done)
        return tl::make_unexpected(done.error());
    const std::lock_guard lock(collected().mutex);
    std::vector<TracedKernel> kernels = std::move(collected().kernels);
    std::sort(kernels.begin(), kernels.end(),
              [](const TracedKernel &a, const TracedKernel &b) { return a.order < b.order; });
    return kernels;
}

} // namespace ww
