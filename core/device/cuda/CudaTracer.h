// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/cuda/CudaDriver.h"
#include "core/device/cuda/Cupti.h"

#include <functional>
#include <vector>

namespace ww {

/// One kernel as the device's own records tell it.
struct TracedKernel {
    uint64_t startNs = 0, endNs = 0; ///< on the device's clock
    uint32_t order = 0; ///< rises in the order of the launches
};

/// The kernels of a run as CUPTI's activity records tell them: a second clock beside events. One lives in a
/// process at a time, because CUPTI calls back without saying on whose behalf.
class CudaTracer {
public:
    explicit CudaTracer(const Cupti &cupti);
    ~CudaTracer();
    CudaTracer(const CudaTracer &) = delete;
    CudaTracer &operator=(const CudaTracer &) = delete;

    /// Everything that ran on the device while `work` queued it and waited for it, in the order of the
    /// launches.
    [[nodiscard]] CudaResult<std::vector<TracedKernel>> trace(const std::function<CudaResult<void>()> &work);

private:
    const Cupti &m_cupti;
};

} // namespace ww
