// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/cuda/CudaProfiler.h"

#include "core/analysis/ProfileMetrics.h"

#include <fmt/format.h>

#include <cmath>

namespace ww {
namespace {

/// More passes than all metrics of any chip take; a schedule that never ends is none.
constexpr int kMostPasses = 128;

/// A parameter block of CUPTI's: its first member is its own size, all others begin as zero.
template <class P> P block(size_t size)
{
    P params {};
    params.structSize = size;
    return params;
}
#define WW_CUPTI_BLOCK(name) block<name>(name##_STRUCT_SIZE)

} // namespace

CudaResult<void> CudaProfiler::checked(CUptiResult result, const char *what) const
{
    if (result == CUPTI_SUCCESS)
        return {};
    return cudaProblem(Problem::Device,
                       fmt::format("cannot profile: {}: {}", what, m_cupti.describe(result)));
}

CudaResult<std::unique_ptr<CudaProfiler>> CudaProfiler::make(const CudaDevice &device, const Cupti &cupti)
{
    std::unique_ptr<CudaProfiler> profiler(new CudaProfiler(device, cupti));
    CudaResult<void> made = profiler->openHost();
    if (made)
        made = profiler->enable();
    if (made)
        made = profiler->schedule();
    if (!made)
        return tl::make_unexpected(made.error());
    return profiler;
}

CudaProfiler::~CudaProfiler()
{
    if (m_ranges) {
        auto params = WW_CUPTI_BLOCK(CUpti_RangeProfiler_Disable_Params);
        params.pRangeProfilerObject = m_ranges;
        m_cupti.cuptiRangeProfilerDisable(&params);
    }
    if (m_host) {
        auto params = WW_CUPTI_BLOCK(CUpti_Profiler_Host_Deinitialize_Params);
        params.pHostObject = m_host;
        m_cupti.cuptiProfilerHostDeinitialize(&params);
    }
}

/// Finds out what the chip is and which counters this process may have.
CudaResult<void> CudaProfiler::openHost()
{
    auto initialize = WW_CUPTI_BLOCK(CUpti_Profiler_Initialize_Params);
    if (auto done = checked(m_cupti.cuptiProfilerInitialize(&initialize), "the profiler does not start");
        !done)
        return done;
    auto chip = WW_CUPTI_BLOCK(CUpti_Device_GetChipName_Params);
    chip.deviceIndex = static_cast<size_t>(m_device.handle());
    if (auto done = checked(m_cupti.cuptiDeviceGetChipName(&chip), "the chip has no name"); !done)
        return done;
    m_chip = chip.pChipName;
    auto available = WW_CUPTI_BLOCK(CUpti_Profiler_GetCounterAvailability_Params);
    if (auto done = checked(m_cupti.cuptiProfilerGetCounterAvailability(&available), "counters are not told");
        !done)
        return done;
    m_available.resize(available.counterAvailabilityImageSize);
    available.pCounterAvailabilityImage = m_available.data();
    return checked(m_cupti.cuptiProfilerGetCounterAvailability(&available), "counters are not told");
}

CudaResult<CUpti_Profiler_Host_Object *> CudaProfiler::hostObject() const
{
    auto params = WW_CUPTI_BLOCK(CUpti_Profiler_Host_Initialize_Params);
    params.profilerType = CUPTI_PROFILER_TYPE_RANGE_PROFILER;
    params.pChipName = m_chip.c_str();
    params.pCounterAvailabilityImage = m_available.data();
    if (auto done =
            checked(m_cupti.cuptiProfilerHostInitialize(&params), "this chip's metrics are not known");
        !done)
        return tl::make_unexpected(done.error());
    return params.pHostObject;
}

CudaResult<void> CudaProfiler::enable()
{
    auto params = WW_CUPTI_BLOCK(CUpti_RangeProfiler_Enable_Params);
    if (auto done = checked(m_cupti.cuptiRangeProfilerEnable(&params), "the counters are not given"); !done)
        return done;
    m_ranges = params.pRangeProfilerObject;
    return {};
}

/// Chooses the metrics that this chip has, and makes the plan by which they are counted.
CudaResult<void> CudaProfiler::schedule()
{
    const CudaResult<CUpti_Profiler_Host_Object *> trial = hostObject();
    if (!trial)
        return tl::make_unexpected(trial.error());
    for (const ProfileMetric &metric : profileMetrics()) {
        const std::string counter(metric.counter);
        const char *name = counter.c_str();
        auto add = WW_CUPTI_BLOCK(CUpti_Profiler_Host_ConfigAddMetrics_Params);
        add.pHostObject = *trial;
        add.ppMetricNames = &name;
        add.numMetrics = 1;
        if (m_cupti.cuptiProfilerHostConfigAddMetrics(&add) == CUPTI_SUCCESS)
            m_names.push_back(counter);
    }
    auto end = WW_CUPTI_BLOCK(CUpti_Profiler_Host_Deinitialize_Params);
    end.pHostObject = *trial;
    m_cupti.cuptiProfilerHostDeinitialize(&end);
    for (const std::string &name : m_names)
        m_namePointers.push_back(name.c_str());

    const CudaResult<CUpti_Profiler_Host_Object *> host = hostObject();
    if (!host)
        return tl::make_unexpected(host.error());
    m_host = *host;
    auto add = WW_CUPTI_BLOCK(CUpti_Profiler_Host_ConfigAddMetrics_Params);
    add.pHostObject = m_host;
    add.ppMetricNames = m_namePointers.data();
    add.numMetrics = m_namePointers.size();
    if (auto done = checked(m_cupti.cuptiProfilerHostConfigAddMetrics(&add), "no metric can be had"); !done)
        return done;
    auto size = WW_CUPTI_BLOCK(CUpti_Profiler_Host_GetConfigImageSize_Params);
    size.pHostObject = m_host;
    if (auto done = checked(m_cupti.cuptiProfilerHostGetConfigImageSize(&size), "the metrics have no plan");
        !done)
        return done;
    m_config.resize(size.configImageSize);
    auto image = WW_CUPTI_BLOCK(CUpti_Profiler_Host_GetConfigImage_Params);
    image.pHostObject = m_host;
    image.configImageSize = m_config.size();
    image.pConfigImage = m_config.data();
    return checked(m_cupti.cuptiProfilerHostGetConfigImage(&image), "the metrics have no plan");
}

/// Empty counters for one range, and the session that fills them.
CudaResult<void> CudaProfiler::clear()
{
    auto size = WW_CUPTI_BLOCK(CUpti_RangeProfiler_GetCounterDataSize_Params);
    size.pRangeProfilerObject = m_ranges;
    size.pMetricNames = m_namePointers.data();
    size.numMetrics = m_namePointers.size();
    size.maxNumOfRanges = 1;
    size.maxNumRangeTreeNodes = 1;
    if (auto done = checked(m_cupti.cuptiRangeProfilerGetCounterDataSize(&size), "the counters have no size");
        !done)
        return done;
    m_counters.assign(size.counterDataSize, 0);
    auto empty = WW_CUPTI_BLOCK(CUpti_RangeProfiler_CounterDataImage_Initialize_Params);
    empty.pRangeProfilerObject = m_ranges;
    empty.counterDataSize = m_counters.size();
    empty.pCounterData = m_counters.data();
    if (auto done = checked(m_cupti.cuptiRangeProfilerCounterDataImageInitialize(&empty),
                            "the counters cannot be cleared");
        !done)
        return done;
    auto config = WW_CUPTI_BLOCK(CUpti_RangeProfiler_SetConfig_Params);
    config.pRangeProfilerObject = m_ranges;
    config.configSize = m_config.size();
    config.pConfig = m_config.data();
    config.counterDataImageSize = m_counters.size();
    config.pCounterDataImage = m_counters.data();
    config.range = CUPTI_UserRange;
    config.replayMode = CUPTI_UserReplay;
    config.maxRangesPerPass = 1;
    config.numNestingLevels = 1;
    config.minNestingLevel = 1;
    config.targetNestingLevel = 1;
    return checked(m_cupti.cuptiRangeProfilerSetConfig(&config), "the counters cannot be set");
}

/// One run with some of the counters; `all` becomes true after the last that is needed.
CudaResult<void> CudaProfiler::pass(const std::function<CudaResult<void>()> &run, bool &all)
{
    auto start = WW_CUPTI_BLOCK(CUpti_RangeProfiler_Start_Params);
    auto push = WW_CUPTI_BLOCK(CUpti_RangeProfiler_PushRange_Params);
    auto pop = WW_CUPTI_BLOCK(CUpti_RangeProfiler_PopRange_Params);
    auto stop = WW_CUPTI_BLOCK(CUpti_RangeProfiler_Stop_Params);
    start.pRangeProfilerObject = push.pRangeProfilerObject = pop.pRangeProfilerObject =
        stop.pRangeProfilerObject = m_ranges;
    push.pRangeName = "plan";
    if (auto done = checked(m_cupti.cuptiRangeProfilerStart(&start), "counting does not start"); !done)
        return done;
    if (auto done = checked(m_cupti.cuptiRangeProfilerPushRange(&push), "counting does not start"); !done)
        return done;
    const CudaResult<void> ran = run();
    const CudaResult<void> popped =
        checked(m_cupti.cuptiRangeProfilerPopRange(&pop), "counting does not end");
    const CudaResult<void> stopped = checked(m_cupti.cuptiRangeProfilerStop(&stop), "counting does not end");
    all = stop.isAllPassSubmitted != 0;
    return !ran ? ran : !popped ? popped : stopped;
}

CudaResult<std::map<std::string, double>>
CudaProfiler::measure(const std::function<CudaResult<void>()> &prepare,
                      const std::function<CudaResult<void>()> &run)
{
    if (auto done = clear(); !done)
        return tl::make_unexpected(done.error());
    int passes = 0;
    for (bool all = false; !all; ++passes) {
        if (passes == kMostPasses)
            return cudaProblem(Problem::Device, "cannot profile: the counters never had all their turns");
        CudaResult<void> done = prepare();
        if (done)
            done = pass(run, all);
        if (!done)
            return tl::make_unexpected(done.error());
    }
    auto decode = WW_CUPTI_BLOCK(CUpti_RangeProfiler_DecodeData_Params);
    decode.pRangeProfilerObject = m_ranges;
    if (auto done = checked(m_cupti.cuptiRangeProfilerDecodeData(&decode), "the counters cannot be read");
        !done)
        return tl::make_unexpected(done.error());
    std::vector<double> values(m_names.size());
    auto evaluate = WW_CUPTI_BLOCK(CUpti_Profiler_Host_EvaluateToGpuValues_Params);
    evaluate.pHostObject = m_host;
    evaluate.pCounterDataImage = m_counters.data();
    evaluate.counterDataImageSize = m_counters.size();
    evaluate.ppMetricNames = m_namePointers.data();
    evaluate.numMetrics = m_namePointers.size();
    evaluate.pMetricValues = values.data();
    if (auto done = checked(m_cupti.cuptiProfilerHostEvaluateToGpuValues(&evaluate),
                            "the metrics cannot be computed");
        !done)
        return tl::make_unexpected(done.error());
    std::map<std::string, double> figures {{"passes", passes}};
    for (const ProfileMetric &metric : profileMetrics()) {
        for (size_t i = 0; i < m_names.size(); ++i) {
            if (m_names[i] == metric.counter && std::isfinite(values[i]))
                figures[std::string(metric.name)] = values[i] * metric.scale;
        }
    }
    return figures;
}

#undef WW_CUPTI_BLOCK

} // namespace ww
