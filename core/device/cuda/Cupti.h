// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"
#include "core/device/cuda/SharedLibrary.h"

#include <cupti.h>
#include <cupti_profiler_host.h>
#include <cupti_profiler_target.h>
#include <cupti_range_profiler.h>
#include <cupti_target.h>

#include <string>

// clang-format off
#define WW_CUPTI_FUNCTIONS(X) \
    X(cuptiGetResultString) X(cuptiDeviceGetChipName) \
    X(cuptiActivityRegisterCallbacks) X(cuptiActivityEnable) X(cuptiActivityDisable) \
    X(cuptiActivityFlushAll) X(cuptiActivityGetNextRecord) \
    X(cuptiProfilerInitialize) X(cuptiProfilerGetCounterAvailability) \
    X(cuptiProfilerHostInitialize) X(cuptiProfilerHostDeinitialize) X(cuptiProfilerHostConfigAddMetrics) \
    X(cuptiProfilerHostGetConfigImageSize) X(cuptiProfilerHostGetConfigImage) \
    X(cuptiProfilerHostEvaluateToGpuValues) \
    X(cuptiRangeProfilerEnable) X(cuptiRangeProfilerDisable) X(cuptiRangeProfilerGetCounterDataSize) \
    X(cuptiRangeProfilerCounterDataImageInitialize) X(cuptiRangeProfilerSetConfig) \
    X(cuptiRangeProfilerStart) X(cuptiRangeProfilerStop) X(cuptiRangeProfilerPushRange) \
    X(cuptiRangeProfilerPopRange) X(cuptiRangeProfilerDecodeData)
// clang-format on

namespace ww {

/// NVIDIA's profiling library, of CUDA 12.6 or later, found when the program runs. Tracing needs no rights;
/// counters may.
class Cupti {
public:
    /// Whether a toolkit here has the library; does not load it, so that a process that times stays without.
    [[nodiscard]] static bool installed();
    /// Opens the library; NotFound or Unsupported say what to install.
    [[nodiscard]] static Result<Cupti> load();

    /// What a result means, with the remedy where the machine's owner can help.
    [[nodiscard]] std::string describe(CUptiResult result) const;

#define WW_CUPTI_MEMBER(name) decltype(&::name) name = nullptr;
    WW_CUPTI_FUNCTIONS(WW_CUPTI_MEMBER)
#undef WW_CUPTI_MEMBER

private:
    SharedLibrary m_library;
};

} // namespace ww
