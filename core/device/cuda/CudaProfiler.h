// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/cuda/CudaDevice.h"
#include "core/device/cuda/Cupti.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ww {

/// Hardware counters of one run, by CUPTI's range profiler. The run is repeated until every counter had its
/// turn. Counting slows the context down for good: a process that does it times nothing afterwards.
class CudaProfiler {
public:
    /// Schedules every metric of profileMetrics() that this chip has; fails, with the remedy, where the
    /// driver refuses its counters.
    [[nodiscard]] static CudaResult<std::unique_ptr<CudaProfiler>> make(const CudaDevice &device,
                                                                        const Cupti &cupti);
    ~CudaProfiler();
    CudaProfiler(const CudaProfiler &) = delete;
    CudaProfiler &operator=(const CudaProfiler &) = delete;

    /// The metrics of `run` by their own names, and "passes". `prepare` is called before each pass and is not
    /// counted; both return once the device is idle.
    [[nodiscard]] CudaResult<std::map<std::string, double>>
    measure(const std::function<CudaResult<void>()> &prepare, const std::function<CudaResult<void>()> &run);

private:
    CudaProfiler(const CudaDevice &device, const Cupti &cupti) : m_device(device), m_cupti(cupti) { }
    [[nodiscard]] CudaResult<void> checked(CUptiResult result, const char *what) const;
    [[nodiscard]] CudaResult<void> openHost();
    [[nodiscard]] CudaResult<CUpti_Profiler_Host_Object *> hostObject() const;
    [[nodiscard]] CudaResult<void> schedule();
    [[nodiscard]] CudaResult<void> enable();
    [[nodiscard]] CudaResult<void> pass(const std::function<CudaResult<void>()> &run, bool &all);
    [[nodiscard]] CudaResult<void> clear();

    const CudaDevice &m_device;
    const Cupti &m_cupti;
    std::string m_chip;
    std::vector<uint8_t> m_available; ///< which counters there are here
    CUpti_Profiler_Host_Object *m_host = nullptr;
    std::vector<std::string> m_names; ///< the counters that are measured
    std::vector<const char *> m_namePointers;
    std::vector<uint8_t> m_config, m_counters;
    CUpti_RangeProfiler_Object *m_ranges = nullptr;
};

} // namespace ww
