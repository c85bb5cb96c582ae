// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/cuda/CudaObserver.h"

#include "core/device/cuda/CudaGraph.h"

#include <fmt/format.h>

#include <algorithm>

namespace ww {

CudaResult<void> CudaObserver::openCupti()
{
    if (m_cupti)
        return {};
    Result<Cupti> cupti = Cupti::load();
    if (!cupti)
        return cudaProblem(Problem::Device, cupti.error().message());
    m_cupti.emplace(std::move(*cupti));
    return {};
}

/// First start to last end of the plan's kernels, µs, with a kernel of ours holding the stream until all are
/// queued. `kernels` becomes how many ran.
CudaResult<float> CudaObserver::traced(const std::vector<CudaLaunch> &launches, double &kernels)
{
    const auto records = m_tracer->trace([&]() -> CudaResult<void> {
        if (auto held = m_housekeeping.hold(); !held)
            return held;
        const CudaResult<void> queued = enqueue(m_device, launches);
        m_housekeeping.release();
        const CudaResult<void> done = finish();
        return queued ? done : queued;
    });
    if (!records)
        return tl::make_unexpected(records.error());
    // The first is the one that held the stream.
    if (records->size() < 2)
        return cudaProblem(Problem::Device, "CUPTI recorded no kernel of the plan");
    uint64_t begin = (*records)[1].startNs, end = 0;
    for (size_t i = 1; i < records->size(); ++i) {
        begin = std::min(begin, (*records)[i].startNs);
        end = std::max(end, (*records)[i].endNs);
    }
    kernels = std::max(kernels, static_cast<double>(records->size() - 1));
    return static_cast<float>(static_cast<double>(end - begin) * 1e-3);
}

CudaResult<RunReply> CudaObserver::observe(const ObserveRequest &request,
                                           const std::vector<CudaLaunch> &launches,
                                           const std::function<CudaResult<void>()> &poison)
{
    RunReply reply;
    const auto prepare = [&]() -> CudaResult<void> {
        if (auto done = poison(); !done)
            return done;
        return m_housekeeping.flushCache(request.flushBytes);
    };
    if (request.by == ObserveRequest::By::Graph) {
        const CudaResult<CudaGraph> graph = CudaGraph::capture(m_device, launches);
        if (!graph)
            return tl::make_unexpected(graph.error());
        for (uint32_t i = 0; i < request.count; ++i) {
            if (auto done = poison(); !done)
                return tl::make_unexpected(done.error());
            const CudaResult<CudaSample> sample =
                m_timer.run([&] { return graph->launch(); }, "the graph of the plan", request.flushBytes);
            if (!sample)
                return tl::make_unexpected(sample.error());
            reply.us.push_back(sample->us);
        }
        return reply;
    }
    if (auto opened = openCupti(); !opened)
        return tl::make_unexpected(opened.error());
    if (request.by == ObserveRequest::By::Trace) {
        if (!m_tracer)
            m_tracer.emplace(*m_cupti);
        for (uint32_t i = 0; i < request.count; ++i) {
            CudaResult<void> ready = prepare();
            if (ready)
                ready = finish();
            if (!ready)
                return tl::make_unexpected(ready.error());
            const CudaResult<float> us = traced(launches, reply.figures["kernels"]);
            if (!us)
                return tl::make_unexpected(us.error());
            reply.us.push_back(*us);
        }
        return reply;
    }
    if (!m_profiler) {
        auto made = CudaProfiler::make(m_device, *m_cupti);
        if (!made)
            return tl::make_unexpected(made.error());
        m_profiler = std::move(*made);
    }
    auto figures = m_profiler->measure(
        [&] {
            const CudaResult<void> ready = prepare();
            return ready ? finish() : ready;
        },
        [&] {
            const CudaResult<void> queued = enqueue(m_device, launches);
            return queued ? finish() : queued;
        });
    if (!figures)
        return tl::make_unexpected(figures.error());
    reply.figures = std::move(*figures);
    return reply;
}

} // namespace ww
