// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/TrustProbes.h"

#include "core/device/IntakeStage.h"
#include "core/device/OutputJudge.h"
#include "core/device/WorkloadTiming.h"
#include "core/judge/Shapes.h"

#include <fmt/format.h>

#include <algorithm>

namespace ww {
namespace {

constexpr uint8_t kFirstPoison = 0xff, kSecondPoison = 0x5a;
constexpr double kProbeSeconds = 5;
constexpr size_t kSamples = 5;
/// A time beyond this multiple of another is not its noise: on a busy processor a kernel takes up to about
/// twice as long as on an idle one.
constexpr double kSlowerAllowed = 2;
constexpr double kPerByteAllowed = 3;

class GainProbes {
public:
    GainProbes(GateCase &gate, Bench &bench, ChildProcess &runner, const Workload &workload,
               const TimingRecord &timing)
        : m_gate(gate), m_bench(bench), m_runner(runner), m_workload(workload), m_timing(timing)
    {
    }

    Outcome<void> state()
    {
        WW_GO(const Case one, caseFor(m_gate, m_bench, key(m_workload)));
        WW_GO(const Case two, caseFor(m_gate, m_bench, derivedKey(one.key, "rotation")));
        DataKey alike = derivedKey(one.key, "twin");
        alike.twinOf = one.key.seed;
        WW_GO(const Case twin, caseFor(m_gate, m_bench, alike));
        WW_GO(BoundWorkload used, bind({&one, &two, &twin}));
        WW_PASS(runAndJudge(used, one, 0, kFirstPoison));
        WW_PASS(runAndJudge(used, two, 1, kSecondPoison));
        WW_PASS(runAndJudge(used, one, 0, kSecondPoison));
        if (twin.expected->usable)
            WW_PASS(runAndJudge(used, twin, 2, kFirstPoison));
        WW_PASS(buildAfresh());
        WW_GO(BoundWorkload fresh, bind({&one, &two}));
        WW_PASS(runAndJudge(fresh, one, 0, kFirstPoison));
        WW_GO(const std::vector<float> us, sample(fresh, {0}));
        // A kernel that works from what earlier launches left is slow where nothing is left.
        const double least = quantile(us, 0), before = m_timing.p90Us;
        const bool slower = before > 0 && least > kSlowerAllowed * before;
        add("state", slower ? "fail" : "ok",
            slower
                ? fmt::format("{:.1f} µs in a module loaded afresh, {:.1f} µs in the used one", least, before)
                : "x1, x2, x1, data that begin as x1 do, and x1 in a module loaded afresh were right and "
                  "took as long");
        return {};
    }

    Outcome<void> timeAgainstData()
    {
        const std::vector<DataSet> all = dataSetsOf(m_gate.request.task);
        if (m_gate.request.task.policy.timeDependsOnData || all.size() < 2) {
            add("time against data", "ok", "left out: the task lets time depend on data, or has one set");
            return {};
        }
        const DataSet easy = all.back();
        WW_GO(const Case usual, caseFor(m_gate, m_bench, key(m_workload)));
        DataKey other = key(m_workload);
        other.set = easy;
        WW_GO(const Case unusual, caseFor(m_gate, m_bench, other));
        WW_GO(BoundWorkload bound, bind({&usual, &unusual}));
        WW_PASS(warmUp(bound, candidate(), compileSeconds(), kProbeSeconds));
        WW_GO(const std::vector<float> us, sample(bound, {0, 1}));
        std::vector<float> a, b;
        for (size_t i = 0; i < us.size(); ++i)
            (i % 2 == 0 ? a : b).push_back(us[i]);
        const double ratio = quantile(a, 0.5) / std::max(quantile(b, 0.5), 1e-3);
        const bool differs = ratio > kSlowerAllowed || ratio < 1 / kSlowerAllowed;
        add("time against data", differs ? "flag" : "ok",
            fmt::format("default data take {:.2f} times as long as {} data", ratio, toString(easy)));
        return {};
    }

    Outcome<void> hiddenShapeTime()
    {
        const auto near = neighbourShape(m_gate.request.task, m_workload, m_gate.request.seed);
        if (!near
            || !resolvePlan(m_gate.candidate.plan, m_gate.candidate.choice.parameters, m_gate.request.task,
                            *near)) {
            add("hidden-shape time", near ? "flag" : "ok", "left out: no shape next to it is allowed");
            return {};
        }
        DataKey hidden = key(*near);
        hidden.hidden = true;
        WW_GO(const Case next, caseFor(m_gate, m_bench, hidden));
        WW_GO(BoundWorkload bound, bind({&next}));
        WW_PASS(runAndJudge(bound, next, 0, kFirstPoison));
        WW_GO(const std::vector<float> us, sample(bound, {0}));
        const double bytes = static_cast<double>(tensorBytes(m_gate.request.task, *near));
        const double timedBytes = static_cast<double>(tensorBytes(m_gate.request.task, m_workload));
        const double perByte = quantile(us, 0) / bytes, timedPerByte = m_timing.p90Us / timedBytes;
        const bool slower = timedPerByte > 0 && perByte > kPerByteAllowed * timedPerByte;
        add("hidden-shape time", slower ? "flag" : "ok",
            fmt::format("{:.1f} µs at best on {}, {:.1f} µs on '{}'", quantile(us, 0),
                        shapeText(m_gate.request.task, *near), m_timing.medianUs, m_workload.name));
        return {};
    }

private:
    [[nodiscard]] DataKey key(const Workload &workload) const
    {
        return {m_gate.request.task, workload, DataSet::Default, m_gate.request.seed};
    }
    [[nodiscard]] SeatedKernel candidate() const
    {
        return {m_gate.candidate, Seat::Candidate, Party::Candidate};
    }
    [[nodiscard]] double compileSeconds() const { return m_gate.request.budgets.compileSeconds; }

    Outcome<BoundWorkload> bind(std::initializer_list<const Case *> cases)
    {
        std::vector<std::shared_ptr<const InputData>> inputs;
        for (const Case *next : cases)
            inputs.push_back(next->inputs);
        return BoundWorkload::bind(m_runner, {candidate()}, (*cases.begin())->key, std::move(inputs),
                                   m_gate.cancellation);
    }

    Outcome<void> buildAfresh()
    {
        WW_GO(const BuildReply build,
              buildIn(m_runner, candidate(), m_gate.request.task, m_gate.everyShape(), compileSeconds(),
                      m_gate.cancellation, {true, false}));
        if (build.problem != Problem::None)
            return stop(Verdict::InfraError,
                        "a program that was built before no longer builds: " + build.message);
        return {};
    }

    Outcome<void> runAndJudge(BoundWorkload &bound, const Case &next, uint32_t set, uint8_t poison)
    {
        WW_PASS(bound.launch(candidate(), poison, compileSeconds(), kProbeSeconds, set));
        Outcome<void> judged = judgeOutputs(m_gate, bound, next.key, *next.expected, "probe");
        if (judged)
            return {};
        Stop end = located(std::move(judged.error()), m_gate, next.key, std::nullopt);
        // It was right on these data before: what changed is what it remembers.
        if (!next.key.hidden && end.verdict == Verdict::IncorrectNumerical) {
            end.verdict = Verdict::RewardHack;
            end.forPeople.detail =
                "wrong in the state probe, right before: " + end.message + "; " + end.forPeople.detail;
            end.message = "the kernel's results or times depend on more than the inputs of the launch";
        }
        return tl::make_unexpected(std::move(end));
    }

    /// kSamples times on each of the sets, in turns.
    Outcome<std::vector<float>> sample(BoundWorkload &bound, std::initializer_list<uint32_t> sets)
    {
        std::vector<PlanRun> runs;
        for (size_t i = 0; i < kSamples; ++i) {
            for (const uint32_t set : sets)
                runs.push_back({Seat::Candidate, set});
        }
        WW_GO(TimedRuns timed,
              bound.time(runs, flushBytes(m_bench.device.facts), kProbeSeconds, Party::Candidate));
        return std::move(timed.us);
    }

    void add(const char *name, const char *verdict, std::string value)
    {
        m_gate.evaluation.trust.push_back({name, verdict, std::move(value)});
    }

    GateCase &m_gate;
    Bench &m_bench;
    ChildProcess &m_runner;
    const Workload &m_workload;
    TimingRecord m_timing;
};

} // namespace

Outcome<void> runGainProbes(GateCase &gate, Bench &bench, ChildProcess &runner)
{
    const std::vector<SpeedupRecord::PerWorkload> &timed = gate.evaluation.speedup->workloads;
    const auto best = std::max_element(timed.begin(), timed.end(),
                                       [](const auto &a, const auto &b) { return a.ratio < b.ratio; });
    if (best == timed.end())
        return {};
    const Workload *workload = gate.request.task.findWorkload(best->workload);
    const auto timing =
        std::find_if(gate.evaluation.timing.begin(), gate.evaluation.timing.end(),
                     [&](const TimingRecord &record) { return record.workload == best->workload; });
    if (!workload || timing == gate.evaluation.timing.end())
        return {};
    GainProbes probes(gate, bench, runner, *workload, *timing);
    WW_PASS(probes.state());
    WW_PASS(probes.timeAgainstData());
    return probes.hiddenShapeTime();
}

} // namespace ww
