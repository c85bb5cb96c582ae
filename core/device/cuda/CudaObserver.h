// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/cuda/CudaProfiler.h"
#include "core/device/cuda/CudaTiming.h"
#include "core/device/cuda/CudaTracer.h"

#include <functional>
#include <memory>
#include <optional>

namespace ww {

/// Looks at a plan by other means than events around its launches: as a graph, in the device's own records,
/// by hardware counters. CUPTI is opened at the first need of it.
class CudaObserver {
public:
    CudaObserver(const CudaDevice &device, CudaHousekeeping &housekeeping, CudaTimer &timer)
        : m_device(device), m_housekeeping(housekeeping), m_timer(timer)
    {
    }

    /// Answers the request for these launches; `poison` queues filling what they write to.
    [[nodiscard]] CudaResult<RunReply> observe(const ObserveRequest &request,
                                               const std::vector<CudaLaunch> &launches,
                                               const std::function<CudaResult<void>()> &poison);

private:
    [[nodiscard]] CudaResult<void> openCupti();
    [[nodiscard]] CudaResult<float> traced(const std::vector<CudaLaunch> &launches, double &kernels);
    [[nodiscard]] CudaResult<void> finish() const { return m_device.finish("a kernel of the plan failed"); }

    const CudaDevice &m_device;
    CudaHousekeeping &m_housekeeping;
    CudaTimer &m_timer;
    std::optional<Cupti> m_cupti;
    std::optional<CudaTracer> m_tracer;
    std::unique_ptr<CudaProfiler> m_profiler;
};

} // namespace ww
