// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/ProfileStage.h"

#include "core/analysis/Bottleneck.h"
#include "core/analysis/ProfileMetrics.h"
#include "core/device/BoundWorkload.h"
#include "core/device/DeviceLock.h"
#include "core/device/IntakeStage.h"
#include "core/device/Reference.h"
#include "core/device/WorkloadTiming.h"

#include <fmt/format.h>

#include <algorithm>

namespace ww {
namespace {

constexpr double kLockSeconds = 120;
constexpr double kProfileSeconds = 60;
constexpr uint8_t kPoison = 0xff;

/// The timed workload with the most bytes, else the largest there is.
const Workload *largest(const GateCase &gate)
{
    const auto timed = [](const Workload *workload) { return workload->timed; };
    const auto last = std::find_if(gate.workloads.rbegin(), gate.workloads.rend(), timed);
    return last != gate.workloads.rend() ? *last : gate.workloads.empty() ? nullptr : gate.workloads.back();
}

Outcome<ProfileRecord> profile(GateCase &gate, Bench &bench, const Workload &workload)
{
    const Result<DeviceLock> lock = DeviceLock::acquire(bench.device.facts, kLockSeconds, gate.cancellation);
    if (!lock)
        return stop(lock.error());
    const Result<ChildProcess *> runner = bench.runners.profileRunner(gate.cancellation);
    if (!runner)
        return stop(runner.error());
    const double compileSeconds = gate.request.budgets.compileSeconds;
    const SeatedKernel candidate {gate.candidate, Seat::Candidate, Party::Candidate};
    WW_GO(const BuildReply build,
          buildIn(**runner, candidate, gate.request.task, gate.everyShape(), compileSeconds,
                  gate.cancellation));
    if (build.problem != Problem::None)
        return stop(Verdict::InfraError, build.message);
    const DataKey key {gate.request.task, workload, DataSet::Default, gate.request.seed};
    WW_GO(const Case usual, caseFor(gate, bench, key));
    WW_GO(BoundWorkload bound,
          BoundWorkload::bind(**runner, {candidate}, key, {usual.inputs}, gate.cancellation));
    WW_PASS(bound.launch(candidate, kPoison, compileSeconds, kProfileSeconds));
    WW_GO(RunReply reply,
          bound.observe(ObserveRequest::By::Counters, candidate, 1, flushBytes(bench.device.facts),
                        kProfileSeconds));
    ProfileRecord record;
    record.source = bench.device.facts.counters;
    record.workload = workload.name;
    record.passes = reply.figures["passes"];
    reply.figures.erase("passes");
    record.metrics = std::move(reply.figures);
    leaveOutIdleEnds(record.metrics);
    Bottleneck bottleneck = bottleneckOf(record.metrics);
    record.bottleneck = std::move(bottleneck.name);
    record.reasons = std::move(bottleneck.reasons);
    for (const TimingRecord &timing : gate.evaluation.timing) {
        if (timing.workload != workload.name || timing.mode != "cold")
            continue;
        if (std::string remark = remarkOnShortPlan(record.metrics, timing.medianUs); !remark.empty())
            record.reasons.push_back(std::move(remark));
    }
    return record;
}

} // namespace

Outcome<void> runProfile(GateCase &gate, Bench &bench)
{
    if (!gate.request.profile)
        return {};
    StageClock clock(gate, "profile");
    const Workload *workload = largest(gate);
    if (bench.device.facts.counters == "none" || !workload) {
        clock.skipped("this device or its toolkit offers no counters (CUDA: install CUPTI where the worker "
                      "runs, or read a report of ncu with 'import ncu')");
        return {};
    }
    Outcome<ProfileRecord> outcome = profile(gate, bench, *workload);
    if (outcome) {
        clock.done(fmt::format("{} metrics in {:.0f} passes on '{}': {}", outcome->metrics.size(),
                               outcome->passes, workload->name, outcome->bottleneck));
        gate.evaluation.profile = std::move(*outcome);
        return {};
    }
    if (outcome.error().cancelled)
        return tl::make_unexpected(std::move(outcome.error()));
    clock.skipped(outcome.error().message);
    return {};
}

} // namespace ww
