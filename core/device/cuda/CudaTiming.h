// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/cuda/CudaHousekeeping.h"
#include "core/device/cuda/CudaLaunch.h"

#include <functional>

namespace ww {

/// One timed run of a plan.
struct CudaSample {
    float us = 0; ///< from the start of its first kernel to the end of its last
    float mhz = 0; ///< multiprocessor clock just before
};

/// Times plans with events. Before each the persisting part of the L2 is given back and the cache flushed; a
/// kernel of ours holds the device until everything is queued, so that no gap of the host's is measured.
class CudaTimer {
public:
    [[nodiscard]] static CudaResult<CudaTimer> make(const CudaDevice &device, CudaHousekeeping &housekeeping);

    /// Runs the plan once and waits for it.
    [[nodiscard]] CudaResult<CudaSample> run(const std::vector<CudaLaunch> &launches, size_t flushBytes);
    /// The same for whatever `enqueuePlan` queues; `what` names it where it fails.
    [[nodiscard]] CudaResult<CudaSample> run(const std::function<CudaResult<void>()> &enqueuePlan,
                                             const std::string &what, size_t flushBytes);

private:
    CudaTimer(const CudaDevice &device, CudaHousekeeping &housekeeping)
        : m_device(&device), m_housekeeping(&housekeeping)
    {
    }
    [[nodiscard]] CudaResult<void> queue(const std::function<CudaResult<void>()> &enqueuePlan,
                                         size_t flushBytes);

    const CudaDevice *m_device;
    CudaHousekeeping *m_housekeeping;
    CudaEvent m_begin, m_end;
    bool m_persists = false; ///< the L2 can keep lines on request
};

} // namespace ww
