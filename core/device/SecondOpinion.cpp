// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/SecondOpinion.h"

#include "core/device/BoundWorkload.h"
#include "core/device/Reference.h"
#include "core/device/WorkloadTiming.h"
#include "core/judge/Statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ww {
namespace {

constexpr double kSeconds = 10;
/// Device time that one opinion on one workload may take, and the samples that stay within it.
constexpr double kOpinionUs = 100e3;
constexpr double kMostSamples = 20, kLeastSamples = 5;
constexpr uint32_t kWarmUps = 2;
/// Events hold what lies between two kernels and the ends of the first and last: some µs whatever the kernel.
constexpr double kMayDifferUs = 4, kMayDiffer = 0.05;

uint32_t samplesFor(double us)
{
    return static_cast<uint32_t>(std::clamp(kOpinionUs / std::max(us, 1.0), kLeastSamples, kMostSamples));
}

class Opinions {
public:
    Opinions(GateCase &gate, Bench &bench, ChildProcess &runner)
        : m_gate(gate), m_bench(bench), m_runner(runner)
    {
    }

    Outcome<void> on(size_t index)
    {
        const std::string name = m_gate.evaluation.timing[index].workload;
        const Workload *workload = m_gate.request.task.findWorkload(name);
        if (!workload)
            return {};
        const DataKey key {m_gate.request.task, *workload, DataSet::Default, m_gate.request.seed};
        WW_GO(const Case usual, caseFor(m_gate, m_bench, key));
        WW_GO(BoundWorkload bound,
              BoundWorkload::bind(m_runner, {candidate()}, key, {usual.inputs}, m_gate.cancellation));
        WW_PASS(graph(bound, name, m_gate.evaluation.timing[index].medianUs));
        if (m_gate.request.freshRunner)
            WW_PASS(trace(bound, index));
        return {};
    }

private:
    [[nodiscard]] SeatedKernel candidate() const
    {
        return {m_gate.candidate, Seat::Candidate, Party::Candidate};
    }

    void add(const char *probe, const char *verdict, std::string value)
    {
        m_gate.evaluation.trust.push_back({probe, verdict, std::move(value)});
    }

    /// The samples without those that warm up; nothing, said as a finding, where the device has no such
    /// means.
    Outcome<std::optional<RunReply>> observe(BoundWorkload &bound, ObserveRequest::By by, const char *probe,
                                             double us)
    {
        auto reply = bound.observe(by, candidate(), kWarmUps + samplesFor(us),
                                   flushBytes(m_bench.device.facts), kSeconds);
        if (reply) {
            reply->us.erase(reply->us.begin(), reply->us.begin() + kWarmUps);
            return std::optional(std::move(*reply));
        }
        if (reply.error().cancelled || !m_runner.alive())
            return tl::make_unexpected(std::move(reply.error()));
        add(probe, "ok", "left out: " + reply.error().message);
        return std::optional<RunReply>();
    }

    Outcome<void> graph(BoundWorkload &bound, const std::string &workload, double us)
    {
        WW_GO(std::optional<RunReply> reply, observe(bound, ObserveRequest::By::Graph, "graph", us));
        if (!reply)
            return {};
        TimingRecord record = timingOf(workload, std::move(reply->us));
        record.mode = "graph";
        m_gate.evaluation.timing.push_back(std::move(record));
        return {};
    }

    Outcome<void> trace(BoundWorkload &bound, size_t index)
    {
        const double events = m_gate.evaluation.timing[index].medianUs;
        WW_GO(const std::optional<RunReply> reply,
              observe(bound, ObserveRequest::By::Trace, "trace", events));
        if (!reply)
            return {};
        TimingRecord &record = m_gate.evaluation.timing[index];
        record.tracedUs = quantile(reply->us, 0.5);
        const double difference = events - record.tracedUs;
        const bool differs = std::abs(difference) > std::max(kMayDifferUs, kMayDiffer * events);
        add("trace", differs ? "flag" : "ok",
            fmt::format("{:.2f} µs by events, {:.2f} µs from the first kernel's start to the last one's end "
                        "in the device's records, on '{}'{}",
                        events, record.tracedUs, record.workload,
                        !differs             ? ""
                            : difference > 0 ? ": time passes outside the kernels, or events include others'"
                                             : ": work goes on after the end that events saw"));
        const auto ran = reply->figures.find("kernels");
        const double planned = static_cast<double>(m_gate.candidate.plan.launches.size());
        if (ran != reply->figures.end() && ran->second > planned)
            add("traced kernels", "fail",
                fmt::format("{:.0f} kernels ran on '{}' where the plan launches {:.0f}", ran->second,
                            record.workload, planned));
        return {};
    }

    GateCase &m_gate;
    Bench &m_bench;
    ChildProcess &m_runner;
};

} // namespace

Outcome<void> runSecondOpinion(GateCase &gate, Bench &bench, ChildProcess &runner)
{
    if (bench.device.facts.backend != "cuda")
        return {};
    Opinions opinions(gate, bench, runner);
    const size_t timed = gate.evaluation.timing.size();
    for (size_t i = 0; i < timed; ++i)
        WW_PASS(opinions.on(i));
    return {};
}

} // namespace ww
