// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/cuda/CudaTiming.h"

#include <fmt/format.h>

namespace ww {

CudaResult<CudaTimer> CudaTimer::make(const CudaDevice &device, CudaHousekeeping &housekeeping)
{
    CudaTimer timer(device, housekeeping);
    auto begin = CudaEvent::create(device), end = CudaEvent::create(device);
    if (!begin || !end)
        return tl::make_unexpected(begin ? end.error() : begin.error());
    timer.m_begin = std::move(*begin);
    timer.m_end = std::move(*end);
    timer.m_persists = device.attribute(CU_DEVICE_ATTRIBUTE_MAX_PERSISTING_L2_CACHE_SIZE) > 0;
    return timer;
}

CudaResult<void> CudaTimer::queue(const std::function<CudaResult<void>()> &enqueuePlan, size_t flushBytes)
{
    const CudaDriver &driver = m_device->driver();
    if (auto done = m_housekeeping->flushCache(flushBytes); !done)
        return done;
    if (auto done = m_housekeeping->hold(); !done)
        return done;
    if (auto done =
            driver.checked(driver.cuEventRecord(m_begin.get(), m_device->stream()), "cannot take the time");
        !done)
        return done;
    if (auto done = enqueuePlan(); !done)
        return done;
    return driver.checked(driver.cuEventRecord(m_end.get(), m_device->stream()), "cannot take the time");
}

CudaResult<CudaSample> CudaTimer::run(const std::vector<CudaLaunch> &launches, size_t flushBytes)
{
    return run([&] { return enqueue(*m_device, launches); },
               launches.empty() ? "the device" : fmt::format("kernel '{}'", launches.front().name),
               flushBytes);
}

CudaResult<CudaSample> CudaTimer::run(const std::function<CudaResult<void>()> &enqueuePlan,
                                      const std::string &what, size_t flushBytes)
{
    const CudaDriver &driver = m_device->driver();
    // Lines that a kernel asked to persist would survive the flush; older devices cannot be asked to.
    if (m_persists) {
        if (auto done = driver.checked(driver.cuCtxResetPersistingL2Cache(), "cannot reset the L2 cache");
            !done)
            return tl::make_unexpected(done.error());
    }
    const CudaResult<void> queued = queue(enqueuePlan, flushBytes);
    m_housekeeping->release();
    const CudaResult<void> done = m_device->finish(what + " failed");
    if (!queued || !done)
        return tl::make_unexpected(queued ? done.error() : queued.error());
    float ms = 0;
    if (auto taken = driver.checked(driver.cuEventElapsedTime(&ms, m_begin.get(), m_end.get()),
                                    "cannot take the time");
        !taken)
        return tl::make_unexpected(taken.error());
    return CudaSample {ms * 1e3f, m_housekeeping->heldMhz()};
}

} // namespace ww
