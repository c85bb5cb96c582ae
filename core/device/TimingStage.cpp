// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/TimingStage.h"

#include "core/device/DeviceLock.h"
#include "core/device/Golden.h"
#include "core/device/LibraryBaseline.h"
#include "core/device/Peaks.h"
#include "core/device/WorkloadTiming.h"

#include <fmt/format.h>

#include <algorithm>

namespace ww {
namespace {

constexpr double kLockSeconds = 120;
/// The machine's pace may move this much between two runs of the golden kernels, or by three times its noise.
constexpr double kPaceAllowed = 0.05;
constexpr double kNoiseFactor = 3;

/// Adds speed of light of the timed workload with the most bytes.
void addBound(GateCase &gate, const Capabilities &device)
{
    for (const TimingRecord &record : gate.evaluation.timing) {
        const Workload *workload = gate.request.task.findWorkload(record.workload);
        const auto bound =
            workload ? boundOf(gate.request.task, *workload, device.peaks, record.medianUs) : std::nullopt;
        if (bound && (!gate.evaluation.bound || bound->bytes > gate.evaluation.bound->bytes))
            gate.evaluation.bound = bound;
    }
}

/// What one pass over the timed workloads gave.
struct Pass {
    std::vector<PairedSamples> samples;
    double drift = 0; ///< of the golden kernels
};

class Timing {
public:
    Timing(GateCase &gate, Bench &bench, ChildProcess &runner)
        : m_gate(gate), m_bench(bench), m_runner(runner)
    {
        std::copy_if(gate.workloads.begin(), gate.workloads.end(), std::back_inserter(m_timed),
                     [](const Workload *workload) { return workload->timed; });
    }

    /// Times every workload within `left()` seconds, between two runs of the golden kernels.
    template <class Left> Outcome<Pass> pass(Left left)
    {
        Pass pass;
        WW_GO(const GoldenTimes before, golden());
        for (size_t i = 0; i < m_timed.size(); ++i) {
            const double share = std::max(0.0, left()) / static_cast<double>(m_timed.size() - i);
            if (share <= 0)
                return stop(Verdict::Timeout,
                            fmt::format("timing took over {:g} s; it had come to workload '{}'",
                                        m_gate.request.budgets.timingSeconds, m_timed[i]->name));
            const DataKey key {m_gate.request.task, *m_timed[i], DataSet::Default, m_gate.request.seed};
            WW_GO(PairedSamples pair, WorkloadTiming(m_gate, m_bench, m_runner, key).run(share));
            pass.samples.push_back(std::move(pair));
        }
        WW_GO(const GoldenTimes after, golden());
        pass.drift = driftBetween(before, after);
        return pass;
    }

    [[nodiscard]] double paceAllowed() const
    {
        return std::max(kPaceAllowed, kNoiseFactor * m_bench.device.facts.noiseFloor);
    }

private:
    Outcome<GoldenTimes> golden()
    {
        WW_GO(GoldenTimes times, runGolden(m_runner, m_gate.cancellation));
        if (times.wrong) {
            Stop end = stop(Verdict::RuntimeError, "the kernel damaged the process it ran in").value();
            end.forPeople.detail = "the golden kernels, which are ours, compute something else in it";
            end.runnerDied = true;
            return tl::make_unexpected(std::move(end));
        }
        return times;
    }

    GateCase &m_gate;
    Bench &m_bench;
    ChildProcess &m_runner;
    std::vector<const Workload *> m_timed;
};

Outcome<void> buildBaseline(GateCase &gate, ChildProcess &runner)
{
    const SeatedKernel baseline {gate.baseline, Seat::Baseline, Party::Baseline};
    WW_GO(const BuildReply build,
          buildIn(runner, baseline, gate.request.task, gate.everyShape(), gate.request.budgets.compileSeconds,
                  gate.cancellation));
    if (build.problem != Problem::None)
        return stop(Verdict::InvalidReference,
                    fmt::format("the baseline does not build: {}\n{}", build.message, build.log));
    return {};
}

/// What a pass has found out stands: a second one may find the kernel on its guard.
bool hasFailed(const Evaluation &evaluation)
{
    return std::any_of(evaluation.trust.begin(), evaluation.trust.end(),
                       [](const TrustRecord &record) { return record.verdict == "fail"; });
}

Outcome<void> timeAll(GateCase &gate, Bench &bench, ChildProcess &runner, StageClock &clock,
                      std::string &detail)
{
    const Result<DeviceLock> lock = DeviceLock::acquire(bench.device.facts, kLockSeconds, gate.cancellation);
    if (!lock)
        return stop(lock.error());
    bench.runners.settle(gate.cancellation);
    WW_PASS(buildBaseline(gate, runner));
    const auto left = [&] {
        return gate.request.budgets.timingSeconds - (clock.seconds() - lock->waitedSeconds());
    };
    Timing timing(gate, bench, runner);
    const Evaluation untimed = gate.evaluation;
    WW_GO(Pass pass, timing.pass(left));
    const std::string &baseline = gate.baseline.choice.name;
    const double floor = bench.device.facts.noiseFloor;
    SpeedupRecord speedup = speedupOf(baseline, pass.samples, gate.request.seed, floor);
    // A gain is measured once more on a machine that changed its pace; for a loss it does not matter.
    const double passSeconds = clock.seconds() - lock->waitedSeconds();
    const bool again = pass.drift > timing.paceAllowed() && speedup.ratio > gate.request.probesAbove
        && left() > passSeconds && !hasFailed(gate.evaluation);
    const double firstDrift = pass.drift;
    if (again) {
        gate.evaluation = untimed;
        WW_GO(pass, timing.pass(left));
        speedup = speedupOf(baseline, pass.samples, gate.request.seed, floor);
    }
    gate.evaluation.trust.push_back(
        {"machine pace", pass.drift > timing.paceAllowed() ? "flag" : "ok",
         fmt::format("golden kernels moved {:.1f} % over the measurement, {:.1f} % are allowed{}",
                     pass.drift * 100, timing.paceAllowed() * 100,
                     again ? fmt::format("; measured again after {:.1f} %", firstDrift * 100) : "")});
    if (!pass.samples.empty())
        gate.evaluation.speedup = std::move(speedup);
    addBound(gate, bench.device.facts);
    WW_PASS(compareWithLibrary(gate, bench));
    size_t count = 0;
    for (const PairedSamples &pair : pass.samples)
        count += pair.candidateUs.size() + pair.baselineUs.size();
    detail = fmt::format("{} samples on {} workloads, cache flushed by reading {} MiB before each", count,
                         pass.samples.size(), flushBytes(bench.device.facts) >> 20);
    gate.samples = std::move(pass.samples);
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
