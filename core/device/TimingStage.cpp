// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/TimingStage.h"

#include "core/base/Hash.h"
#include "core/device/DeviceLock.h"
#include "core/device/OutputJudge.h"
#include "core/device/Peaks.h"
#include "core/device/Reference.h"
#include "core/device/SampleCollector.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ww {
namespace {

constexpr double kLockSeconds = 120;
constexpr int kWarmUps = 3;
/// Beyond this one warm-up is as good as three.
constexpr double kSlowWarmUpUs = 20e3;
constexpr double kDriftAllowed = 0.25;
constexpr uint64_t kMostFlushBytes = 64u << 20;
constexpr uint8_t kLastPoison = 0xa5;

uint64_t flushBytes(const Capabilities &device)
{
    return std::min<uint64_t>(2 * static_cast<uint64_t>(std::max<int64_t>(device.globalCacheBytes, 0)),
                              kMostFlushBytes);
}

/// Untimed launches: page tables, thread pools and branch predictors. The first is a watched one, because a
/// driver may generate code in it.
Outcome<void> warmUp(BoundWorkload &bound, const SeatedKernel &seated, double compileSeconds, double seconds)
{
    WW_PASS(bound.launch(seated, kLastPoison, compileSeconds, seconds));
    for (int i = 1; i < kWarmUps; ++i) {
        WW_GO(const TimedRuns runs, bound.time({{seated.seat, 0}}, 0, seconds, seated.party));
        if (runs.us.front() > kSlowWarmUpUs)
            break;
    }
    return {};
}

/// The baseline's median in a runner that no candidate has touched, measured once a task and kept; the
/// baseline's outputs are checked on the way.
Outcome<CleanBaseline> cleanBaseline(GateCase &gate, Bench &bench, const DataKey &key, double seconds)
{
    const KernelChoice &choice = gate.baseline.choice;
    std::string name = key.text() + '\n' + sha256Hex(choice.source);
    for (const auto &[parameter, value] : choice.parameters)
        name += fmt::format("\n{}={}", parameter, value);
    if (const auto kept = bench.baselines.find(name))
        return *kept;
    const Result<ChildProcess *> runner = bench.runners.referenceRunner(gate.cancellation);
    if (!runner)
        return stop(runner.error());
    const SeatedKernel seated {gate.baseline, Seat::Baseline, Party::Baseline};
    WW_GO(const auto expected, expectedFor(gate, bench, key));
    WW_GO(const BuildReply build,
          buildIn(**runner, seated, key.task, {&key.workload}, gate.request.budgets.compileSeconds,
                  gate.cancellation));
    if (build.problem != Problem::None)
        return stop(
            Verdict::InvalidReference,
            fmt::format("the baseline '{}' does not build: {}\n{}", choice.name, build.message, build.log));
    auto inputs = bench.data.inputs(key);
    if (!inputs)
        return stop(inputs.error());
    WW_GO(BoundWorkload bound, BoundWorkload::bind(**runner, {seated}, key, {*inputs}, gate.cancellation));
    WW_PASS(bound.launch(seated, kLastPoison, gate.request.budgets.compileSeconds, seconds));
    std::vector<CorrectnessRecord> records;
    std::swap(records, gate.evaluation.correctness);
    const Outcome<void> right = judgeOutputs(gate, bound, key, *expected, "baseline");
    std::swap(records, gate.evaluation.correctness);
    if (!right)
        return stop(Verdict::InvalidReference,
                    fmt::format("the baseline '{}' is wrong: {}", choice.name, right.error().message));
    std::vector<float> samples;
    constexpr size_t kRuns = 5, kSlowRuns = 3;
    while (samples.size() < kRuns && (samples.size() < kSlowRuns || samples.front() < kSlowWarmUpUs)) {
        WW_GO(const TimedRuns runs,
              bound.time({{Seat::Baseline, 0}}, flushBytes(bench.device.facts), seconds, Party::Baseline));
        samples.push_back(runs.us.front());
    }
    const CleanBaseline clean {quantile(samples, 0.5)};
    bench.baselines.keep(name, std::make_shared<const CleanBaseline>(clean), 0);
    return clean;
}

/// All of timing for one workload.
class WorkloadTiming {
public:
    WorkloadTiming(GateCase &gate, Bench &bench, ChildProcess &runner, DataKey key)
        : m_gate(gate), m_bench(bench), m_runner(runner), m_key(key)
    {
    }

    Outcome<PairedSamples> run(double seconds)
    {
        WW_GO(const CleanBaseline clean, cleanBaseline(m_gate, m_bench, m_key, seconds));
        auto inputs = m_bench.data.inputs(m_key);
        if (!inputs)
            return stop(inputs.error());
        const SeatedKernel candidate {m_gate.candidate, Seat::Candidate, Party::Candidate};
        const SeatedKernel baseline {m_gate.baseline, Seat::Baseline, Party::Baseline};
        WW_GO(BoundWorkload bound,
              BoundWorkload::bind(m_runner, {candidate, baseline}, m_key, {*inputs}, m_gate.cancellation));
        const double compileSeconds = m_gate.request.budgets.compileSeconds;
        WW_PASS(warmUp(bound, candidate, compileSeconds, seconds));
        // A clean runner has run this baseline well: a fault of it here is the candidate's doing.
        WW_PASS(warmUp(bound, {m_gate.baseline, Seat::Baseline, Party::Candidate}, compileSeconds, seconds));
        SampleCollector collector(m_key.workload.name, m_gate.request.seed, seconds);
        WW_PASS(collect(bound, collector, seconds));
        WW_PASS(checkLast(bound, candidate, seconds));
        checkDrift(collector.samples(), clean);
        keep(collector);
        return collector.samples();
    }

private:
    Outcome<void> collect(BoundWorkload &bound, SampleCollector &collector, double seconds)
    {
        for (std::vector<Seat> order = collector.nextBatch(); !order.empty(); order = collector.nextBatch()) {
            const double left = std::max(seconds - collector.spentSeconds(), 1.0);
            std::vector<PlanRun> plan;
            for (const Seat seat : order)
                plan.push_back({seat, 0});
            WW_GO(const TimedRuns runs,
                  bound.time(plan, flushBytes(m_bench.device.facts), left, Party::Candidate));
            const std::vector<float> &us = runs.us;
            const double wall = m_runner.lastCallSeconds();
            double claimed = 0;
            for (const float sample : us)
                claimed += static_cast<double>(sample) * 1e-6;
            if (claimed > wall)
                m_gate.evaluation.trust.push_back(
                    {"clock", "fail",
                     fmt::format("samples of {:.3f} s in {:.3f} s of wall time on '{}'", claimed, wall,
                                 m_key.workload.name)});
            collector.add(order, us, wall);
            tell(order, us);
        }
        return {};
    }

    void tell(const std::vector<Seat> &order, const std::vector<float> &us) const
    {
        if (!m_gate.listener.onSamples)
            return;
        for (const Seat seat : {Seat::Candidate, Seat::Baseline}) {
            std::vector<float> mine;
            for (size_t i = 0; i < order.size(); ++i) {
                if (order[i] == seat)
                    mine.push_back(us[i]);
            }
            if (!mine.empty())
                m_gate.listener.onSamples(m_key.workload.name, seat == Seat::Baseline, mine);
        }
    }

    /// A kernel that stops working after a number of launches must not pass for a fast one.
    Outcome<void> checkLast(BoundWorkload &bound, const SeatedKernel &candidate, double seconds)
    {
        WW_GO(const auto expected, expectedFor(m_gate, m_bench, m_key));
        WW_PASS(bound.launch(candidate, kLastPoison, m_gate.request.budgets.compileSeconds, seconds));
        return judgeOutputs(m_gate, bound, m_key, *expected, "after timing");
    }

    void checkDrift(const PairedSamples &samples, const CleanBaseline &clean)
    {
        const double now = quantile(samples.baselineUs, 0.5);
        const double drift = clean.medianUs > 0 ? now / clean.medianUs - 1 : 0;
        m_gate.evaluation.trust.push_back(
            {"baseline drift", std::abs(drift) > kDriftAllowed ? "flag" : "ok",
             fmt::format("{:+.1f} % against a clean runner on '{}'", drift * 100, m_key.workload.name)});
    }

    void keep(const SampleCollector &collector)
    {
        TimingRecord record =
            timingOf(m_key.workload.name, collector.samples().candidateUs, m_gate.request.seed);
        record.unstable = !collector.settled();
        m_gate.evaluation.timing.push_back(std::move(record));
    }

    GateCase &m_gate;
    Bench &m_bench;
    ChildProcess &m_runner;
    DataKey m_key;
};

/// Speed of light on the timed workload with the most bytes, and whose time it bounds.
struct BoundedTime {
    BoundRecord bound;
    const TimingRecord *timing = nullptr;
};

std::optional<BoundedTime> largestBound(const GateCase &gate, const Peaks &peaks)
{
    std::optional<BoundedTime> largest;
    for (const TimingRecord &record : gate.evaluation.timing) {
        const Workload *workload = gate.request.task.findWorkload(record.workload);
        const auto bound =
            workload ? boundOf(gate.request.task, *workload, peaks, record.medianUs) : std::nullopt;
        if (bound && (!largest || bound->bytes > largest->bound.bytes))
            largest = BoundedTime {*bound, &record};
    }
    return largest;
}

/// Adds the bound and the physics floor under the time. Called under the device lock.
void addBound(GateCase &gate, Bench &bench)
{
    std::optional<BoundedTime> found = largestBound(gate, bench.device.facts.peaks);
    if (found && found->timing->medianUs < found->bound.solUs) {
        raisePeaks(bench, gate.cancellation);
        found = largestBound(gate, bench.device.facts.peaks);
    }
    if (!found)
        return;
    const auto &[bound, timing] = *found;
    gate.evaluation.bound = bound;
    constexpr double kFloor = 0.9;
    // Within the cache the memory's bandwidth bounds nothing.
    const bool binding =
        bound.solUs > 0 && bound.bytes > static_cast<double>(bench.device.facts.globalCacheBytes);
    const bool tooFast = binding && timing->medianUs < kFloor * bound.solUs;
    gate.evaluation.trust.push_back({"physics floor", tooFast ? "fail" : "ok",
                                     binding ? fmt::format("{:.1f} µs against a bound of {:.1f} µs on '{}'",
                                                           timing->medianUs, bound.solUs, timing->workload)
                                             : "the data fit the cache: no bound"});
}

Outcome<void> timeAll(GateCase &gate, Bench &bench, ChildProcess &runner, StageClock &clock,
                      std::string &detail)
{
    const Result<DeviceLock> lock = DeviceLock::acquire(bench.device.facts, kLockSeconds, gate.cancellation);
    if (!lock)
        return stop(lock.error());
    bench.runners.settle(gate.cancellation);
    std::vector<const Workload *> timed;
    std::copy_if(gate.workloads.begin(), gate.workloads.end(), std::back_inserter(timed),
                 [](const Workload *workload) { return workload->timed; });
    const SeatedKernel baseline {gate.baseline, Seat::Baseline, Party::Baseline};
    WW_GO(const BuildReply build,
          buildIn(runner, baseline, gate.request.task, gate.workloads, gate.request.budgets.compileSeconds,
                  gate.cancellation));
    if (build.problem != Problem::None)
        return stop(Verdict::InvalidReference,
                    fmt::format("the baseline does not build: {}\n{}", build.message, build.log));
    std::vector<PairedSamples> samples;
    for (size_t i = 0; i < timed.size(); ++i) {
        const double left = gate.request.budgets.timingSeconds - (clock.seconds() - lock->waitedSeconds());
        const double share = std::max(0.0, left) / static_cast<double>(timed.size() - i);
        if (share <= 0)
            return stop(Verdict::Timeout,
                        fmt::format("timing took over {:g} s; it had come to workload '{}'",
                                    gate.request.budgets.timingSeconds, timed[i]->name));
        const DataKey key {gate.request.task, *timed[i], DataSet::Default, gate.request.seed};
        WW_GO(PairedSamples pair, WorkloadTiming(gate, bench, runner, key).run(share));
        samples.push_back(std::move(pair));
    }
    if (!samples.empty())
        gate.evaluation.speedup = speedupOf(gate.baseline.choice.name, samples, gate.request.seed);
    addBound(gate, bench);
    size_t count = 0;
    for (const PairedSamples &pair : samples)
        count += pair.candidateUs.size() + pair.baselineUs.size();
    detail = fmt::format("{} samples on {} workloads, cache flushed by reading {} MiB before each", count,
                         samples.size(), flushBytes(bench.device.facts) >> 20);
    return {};
}

} // namespace

Outcome<void> runTiming(GateCase &gate, Bench &bench, ChildProcess &runner)
{
    StageClock clock(gate, "timing");
    std::string detail;
    Outcome<void> outcome = timeAll(gate, bench, runner, clock, detail);
    if (outcome)
        clock.done(detail);
    else
        clock.failed(outcome.error().message);
    return outcome;
}

} // namespace ww
