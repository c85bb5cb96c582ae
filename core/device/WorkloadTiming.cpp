// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/WorkloadTiming.h"

#include "core/device/CleanBaseline.h"
#include "core/device/IntakeStage.h"
#include "core/device/OutputJudge.h"
#include "core/device/Peaks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <thread>

namespace ww {
namespace {

constexpr int kWarmUps = 3;
/// Beyond this one warm-up is as good as three.
constexpr double kSlowWarmUpUs = 20e3;
constexpr double kDriftAllowed = 0.25;
constexpr uint64_t kMostFlushBytes = 512u << 20;
constexpr uint8_t kTimedPoison = 0xa5;
constexpr auto kLateWait = std::chrono::milliseconds(15);
/// Inputs rotate between this many sets; one where two would take too much memory.
constexpr size_t kRotating = 2;
constexpr uint64_t kRotatingBytes = uint64_t {256} << 20;

} // namespace

uint64_t flushBytes(const Capabilities &device)
{
    return std::min<uint64_t>(2 * static_cast<uint64_t>(std::max<int64_t>(device.globalCacheBytes, 0)),
                              kMostFlushBytes);
}

DataKey derivedKey(const DataKey &key, std::string_view purpose)
{
    DataKey derived = key;
    derived.seed = fillKey(key.seed, key.workload.name, key.set, purpose);
    return derived;
}

Outcome<void> warmUp(BoundWorkload &bound, const SeatedKernel &seated, double compileSeconds, double seconds,
                     double knownUs)
{
    WW_PASS(bound.launch(seated, kTimedPoison, compileSeconds, seconds));
    if (knownUs > kSlowWarmUpUs)
        return {};
    for (int i = 1; i < kWarmUps; ++i) {
        WW_GO(const TimedRuns runs, bound.time({{seated.seat, 0}}, 0, seconds, seated.party));
        if (runs.us.front() > kSlowWarmUpUs)
            break;
    }
    return {};
}

Outcome<PairedSamples> WorkloadTiming::run(double seconds)
{
    WW_GO(const CleanBaseline clean, cleanBaseline(m_gate, m_bench, m_key, seconds));
    WW_PASS(prepareCases());
    std::vector<std::shared_ptr<const InputData>> inputs;
    for (const Case &next : m_cases)
        inputs.push_back(next.inputs);
    const SeatedKernel candidate {m_gate.candidate, Seat::Candidate, Party::Candidate};
    const SeatedKernel baseline {m_gate.baseline, Seat::Baseline, Party::Baseline};
    WW_GO(
        BoundWorkload bound,
        BoundWorkload::bind(m_runner, {candidate, baseline}, m_key, std::move(inputs), m_gate.cancellation));
    const double compileSeconds = m_gate.request.budgets.compileSeconds;
    WW_PASS(warmUp(bound, candidate, compileSeconds, seconds));
    // A clean runner has run this baseline well: a fault of it here is the candidate's doing.
    WW_PASS(warmUp(bound, {m_gate.baseline, Seat::Baseline, Party::Candidate}, compileSeconds, seconds,
                   clean.medianUs));
    SampleCollector collector(m_key.workload.name, m_gate.request.seed, seconds, m_gate.request.probesAbove,
                              m_bench.device.facts.noiseFloor);
    m_recordsBefore = m_gate.evaluation.correctness.size();
    WW_PASS(collect(bound, collector, seconds));
    WW_PASS(checkLast(bound, seconds));
    checkDrift(collector.samples(), clean.medianUs);
    keep(collector);
    return collector.samples();
}

Outcome<void> WorkloadTiming::prepareCases()
{
    const bool rotates = tensorBytes(m_key.task, m_key.workload) <= kRotatingBytes;
    for (size_t i = 0; i < (rotates ? kRotating : 1); ++i) {
        WW_GO(Case next, caseFor(m_gate, m_bench, i == 0 ? m_key : derivedKey(m_key, "rotation")));
        m_cases.push_back(std::move(next));
    }
    WW_GO(Case fresh, caseFor(m_gate, m_bench, derivedKey(m_key, "fresh")));
    m_cases.push_back(std::move(fresh));
    return {};
}

std::vector<PlanRun> WorkloadTiming::rotated(const std::vector<Seat> &order)
{
    const auto sets = static_cast<uint32_t>(m_cases.size() - 1);
    std::vector<PlanRun> runs;
    for (const Seat seat : order) {
        uint32_t &next = m_next[static_cast<size_t>(seat)];
        runs.push_back({seat, next});
        next = (next + 1) % sets;
    }
    return runs;
}

Outcome<void> WorkloadTiming::collect(BoundWorkload &bound, SampleCollector &collector, double seconds)
{
    for (std::vector<Seat> order = collector.nextBatch(); !order.empty(); order = collector.nextBatch()) {
        const double left = std::max(seconds - collector.spentSeconds(), 1.0);
        const std::vector<PlanRun> runs = rotated(order);
        WW_GO(const TimedRuns timed,
              bound.time(runs, flushBytes(m_bench.device.facts), left, Party::Candidate,
                         BoundWorkload::After::Judged, kTimedPoison));
        checkClock(timed);
        collector.add(order, timed.us, m_runner.lastCallSeconds(), timed.mhz);
        tell(order, timed.us);
        if (!timed.readings.empty())
            m_readings.push_back(timed.readings);
        // Blocks end with the candidate: what it left under the clock is there to be judged.
        WW_PASS(judgeTimed(bound, runs.back().set));
        if (collector.restSeconds() > 0)
            std::this_thread::sleep_for(std::chrono::duration<double>(collector.restSeconds()));
    }
    return {};
}

Outcome<void> WorkloadTiming::judgeTimed(const BoundWorkload &bound, uint32_t set)
{
    // The last batch's records stand for all of them.
    m_gate.evaluation.correctness.resize(m_recordsBefore);
    Outcome<void> judged = judgeOutputs(m_gate, bound, m_cases[set].key, *m_cases[set].expected, "timed run");
    if (!judged)
        return tl::make_unexpected(located(std::move(judged.error()), m_gate, m_key, std::nullopt));
    return {};
}

void WorkloadTiming::checkClock(const TimedRuns &runs)
{
    double claimed = 0;
    for (const float sample : runs.us)
        claimed += static_cast<double>(sample) * 1e-6;
    const double wall = m_runner.lastCallSeconds();
    if (claimed > wall)
        m_gate.evaluation.trust.push_back({"clock", "fail",
                                           fmt::format("samples of {:.3f} s in {:.3f} s of wall time on '{}'",
                                                       claimed, wall, m_key.workload.name)});
}

void WorkloadTiming::tell(const std::vector<Seat> &order, const std::vector<float> &us) const
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

/// A kernel that stops working after a number of launches, knows its data by now, or goes on writing after
/// its end must not pass for a fast one.
Outcome<void> WorkloadTiming::checkLast(BoundWorkload &bound, double seconds)
{
    const SeatedKernel candidate {m_gate.candidate, Seat::Candidate, Party::Candidate};
    const auto fresh = static_cast<uint32_t>(m_cases.size() - 1);
    const Case &last = m_cases[fresh];
    WW_PASS(bound.launch(candidate, kTimedPoison, m_gate.request.budgets.compileSeconds, seconds, fresh));
    Outcome<void> judged = judgeOutputs(m_gate, bound, last.key, *last.expected, "fresh data");
    if (!judged)
        return tl::make_unexpected(located(std::move(judged.error()), m_gate, m_key, std::nullopt));
    m_gate.evaluation.trust.push_back(
        {"fresh data", "ok",
         fmt::format("right on '{}' after timing, on data never used before", m_key.workload.name)});
    // A processor is idle at once, but a kernel there may have left a thread behind.
    if (m_bench.device.facts.deviceKind == "cpu")
        std::this_thread::sleep_for(kLateWait);
    WW_PASS(bound.readAgain(seconds, Party::Candidate));
    const auto late = bound.changedOutput();
    m_gate.evaluation.trust.push_back(
        {"late write", late ? "fail" : "ok",
         late ? fmt::format("'{}' changed after the end of the launch was signalled", *late)
              : fmt::format("outputs on '{}' stayed as they were at the end", m_key.workload.name)});
    return {};
}

void WorkloadTiming::checkDrift(const PairedSamples &samples, double cleanUs)
{
    const double now = quantile(samples.baselineUs, 0.5);
    const double drift = cleanUs > 0 ? now / cleanUs - 1 : 0;
    m_gate.evaluation.trust.push_back(
        {"baseline drift", std::abs(drift) > kDriftAllowed ? "flag" : "ok",
         fmt::format("{:+.1f} % against a clean runner on '{}'", drift * 100, m_key.workload.name)});
}

void WorkloadTiming::keep(const SampleCollector &collector)
{
    TimingRecord record = timingOf(m_key.workload.name, collector.samples().candidateUs);
    record.unstable = !collector.settled();
    record.discarded = collector.discarded();
    record.clockMhz = collector.clockMhz();
    record.readings = std::move(m_readings);
    if (const auto bound = boundOf(m_key.task, m_key.workload, m_bench.device.facts.peaks, record.medianUs)) {
        record.solUs = bound->solUs;
        record.solScore = bound->solScore;
    }
    m_gate.evaluation.timing.push_back(std::move(record));
}

} // namespace ww
