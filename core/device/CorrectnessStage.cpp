// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/CorrectnessStage.h"

#include "core/device/IntakeStage.h"
#include "core/device/OutputJudge.h"
#include "core/device/Reference.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace ww {
namespace {

constexpr uint8_t kFirstPoison = 0xff, kSecondPoison = 0x5a;
/// Tensors beyond this see three data sets instead of six.
constexpr uint64_t kSmallBytes = uint64_t {1} << 19;
/// Sets of tensors beyond this are laid out one after the other.
constexpr uint64_t kTogetherBytes = uint64_t {64} << 20;

/// Index of the first element that still holds the poison in both outputs; -1 when there is none.
int64_t unwrittenElement(DType type, std::span<const std::byte> first, std::span<const std::byte> second)
{
    const size_t width = sizeOf(type);
    for (size_t at = 0; at + width <= first.size(); at += width) {
        const auto holds = [&](std::span<const std::byte> bytes, uint8_t poison) {
            return std::all_of(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                               bytes.begin() + static_cast<std::ptrdiff_t>(at + width),
                               [&](std::byte b) { return b == std::byte {poison}; });
        };
        if (holds(first, kFirstPoison) && holds(second, kSecondPoison))
            return static_cast<int64_t>(at / width);
    }
    return -1;
}

/// A candidate on one shape after the other.
class Checker {
public:
    Checker(GateCase &gate, Bench &bench, ChildProcess &runner)
        : m_gate(gate), m_bench(bench), m_runner(runner)
    {
    }

    /// Checks the shape on these sets. `seconds` gives the time that is left to the candidate.
    template <class Left>
    Outcome<void> check(const Workload &workload, bool hidden, const std::vector<DataSet> &sets, Left seconds)
    {
        std::vector<Case> cases;
        const auto start = std::chrono::steady_clock::now();
        for (const DataSet set : sets) {
            WW_GO(
                Case next,
                caseFor(m_gate, m_bench, {m_gate.request.task, workload, set, m_gate.request.seed, hidden}));
            if (next.expected->usable)
                cases.push_back(std::move(next));
        }
        m_referenceSeconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        const bool together = tensorBytes(m_gate.request.task, workload) <= kTogetherBytes;
        const size_t group = together ? std::max<size_t>(cases.size(), 1) : 1;
        for (size_t first = 0; first < cases.size(); first += group) {
            const std::span<const Case> part =
                std::span(cases).subspan(first, std::min(group, cases.size() - first));
            WW_PASS(checkGroup(part, seconds));
        }
        return {};
    }

    /// Whether three runs on the same data gave the same bits; nothing when it was not tried.
    [[nodiscard]] const std::optional<std::string> &differs() const { return m_differs; }
    void watchDeterminism(const Workload *workload) { m_watched = workload; }
    /// What the reference took: not the candidate's to answer for.
    [[nodiscard]] double referenceSeconds() const { return m_referenceSeconds; }
    [[nodiscard]] bool triedDeterminism() const { return m_tried; }

private:
    template <class Left> Outcome<void> checkGroup(std::span<const Case> cases, Left seconds)
    {
        std::vector<std::shared_ptr<const InputData>> inputs;
        for (const Case &next : cases)
            inputs.push_back(next.inputs);
        const DataKey &key = cases.front().key;
        const BindOptions options {fillKey(key.seed, key.workload.name, DataSet::Default, "pointer shift")
                                   | 1};
        WW_GO(BoundWorkload bound,
              BoundWorkload::bind(m_runner, {candidate()}, key, std::move(inputs), m_gate.cancellation,
                                  options));
        for (uint32_t set = 0; set < cases.size(); ++set) {
            const double left = seconds();
            if (left <= 0)
                return stop(Verdict::Timeout,
                            fmt::format("checking took over {:g} s; it had come to {}",
                                        m_gate.request.budgets.correctnessSeconds, key.place()));
            const Case &next = cases[set];
            Outcome<void> judged = next.key.set == DataSet::Default
                ? judgeTwice(bound, next, set, left)
                : judge(bound, next, set, left, kFirstPoison, toString(next.key.set));
            if (!judged)
                return tl::make_unexpected(
                    located(std::move(judged.error()), m_gate, next.key, next.key.set));
        }
        return {};
    }

    Outcome<void> judge(BoundWorkload &bound, const Case &next, uint32_t set, double seconds, uint8_t poison,
                        const std::string &label)
    {
        WW_PASS(bound.launch(candidate(), poison, m_gate.request.budgets.compileSeconds, seconds, set));
        return judgeOutputs(m_gate, bound, next.key, *next.expected, label);
    }

    /// The default set: both outputs must agree with the reference, and neither may come from what memory
    /// held before.
    Outcome<void> judgeTwice(BoundWorkload &bound, const Case &next, uint32_t set, double seconds)
    {
        Outcome<void> first = judge(bound, next, set, seconds, kFirstPoison, "default");
        if (!first && first.error().verdict != Verdict::IncorrectNumerical)
            return first;
        Outcome<void> second = judge(bound, next, set, seconds, kSecondPoison, "poison");
        if (!second && second.error().verdict != Verdict::IncorrectNumerical)
            return second;
        if (first && second)
            return compareRuns(bound, next, set, seconds);
        const std::vector<TensorSpec> &outputs = next.key.task.outputs;
        for (size_t i = 0; i < outputs.size(); ++i) {
            const int64_t unwritten =
                unwrittenElement(outputs[i].dtype, bound.earlierOutput(i), bound.output(i));
            if (unwritten >= 0)
                return stop(Verdict::IncorrectNumerical,
                            fmt::format("{}{} is never written {}: it still holds what was there before",
                                        outputs[i].name,
                                        coordinates(unwritten, shapeOf(outputs[i], next.key.workload)),
                                        next.key.place()));
        }
        if (const auto output = bound.changedOutput())
            return stop(
                Verdict::IncorrectNumerical,
                fmt::format("'{}' depends on what outputs or scratch held before the launch: the kernel "
                            "reads memory that it never wrote. {}",
                            *output, first ? second.error().message : first.error().message));
        return first ? second : first;
    }

    /// A third run where determinism is watched; what differs is a matter for a flag, not a failure.
    Outcome<void> compareRuns(BoundWorkload &bound, const Case &next, uint32_t set, double seconds)
    {
        if (!m_differs)
            m_differs = bound.changedOutput();
        if (m_watched != &next.key.workload)
            return {};
        m_tried = true;
        WW_PASS(bound.launch(candidate(), kFirstPoison, m_gate.request.budgets.compileSeconds, seconds, set));
        if (!m_differs)
            m_differs = bound.changedOutput();
        return {};
    }

    [[nodiscard]] SeatedKernel candidate() const
    {
        return {m_gate.candidate, Seat::Candidate, Party::Candidate};
    }

    GateCase &m_gate;
    Bench &m_bench;
    ChildProcess &m_runner;
    const Workload *m_watched = nullptr;
    std::optional<std::string> m_differs;
    bool m_tried = false;
    double m_referenceSeconds = 0;
};

/// A whole stage as one function: times it and keeps its end.
template <class F> Outcome<void> staged(GateCase &gate, const char *name, F run)
{
    StageClock clock(gate, name);
    std::string detail;
    Outcome<void> outcome = run(clock, detail);
    if (outcome)
        clock.done(detail);
    else
        clock.failed(outcome.error().message);
    return outcome;
}

void addDeterminism(GateCase &gate, const Checker &checker)
{
    if (!checker.triedDeterminism())
        return;
    gate.evaluation.trust.push_back(
        {"determinism", checker.differs() ? "flag" : "ok",
         checker.differs() ? fmt::format("runs on the same data gave '{}' different bits", *checker.differs())
                           : "three runs on the same data gave the same bits"});
}

} // namespace

std::vector<DataSet> dataSetsFor(const GateCase &gate, const Workload &workload)
{
    constexpr size_t kOfLarge = 3;
    const std::vector<DataSet> &all = gate.sets;
    if (tensorBytes(gate.request.task, workload) <= kSmallBytes || all.size() <= kOfLarge)
        return all;
    const uint64_t draw = fillKey(gate.request.seed, workload.name, DataSet::Default, "third set");
    return {all[0], all[1], all[2 + draw % (all.size() - 2)]};
}

Outcome<void> runSmoke(GateCase &gate, Bench &bench, ChildProcess &runner)
{
    return staged(gate, "smoke", [&](StageClock &, std::string &detail) -> Outcome<void> {
        if (gate.workloads.empty())
            return stop(Verdict::Rejected, "there is no workload to run");
        const Workload &smallest = *gate.workloads.front();
        Checker checker(gate, bench, runner);
        WW_PASS(checker.check(smallest, false, {DataSet::Default},
                              [&] { return gate.request.budgets.smokeSeconds; }));
        // The correctness stage does it all again, with its own records.
        gate.evaluation.correctness.clear();
        detail = fmt::format("workload '{}' ran clean", smallest.name);
        return {};
    });
}

Outcome<void> runCorrectness(GateCase &gate, Bench &bench, ChildProcess &runner)
{
    return staged(gate, "correctness", [&](StageClock &clock, std::string &detail) -> Outcome<void> {
        Checker checker(gate, bench, runner);
        const auto timed = std::find_if(gate.workloads.begin(), gate.workloads.end(),
                                        [](const Workload *workload) { return workload->timed; });
        checker.watchDeterminism(timed == gate.workloads.end() ? gate.workloads.back() : *timed);
        const auto left = [&] {
            return gate.request.budgets.correctnessSeconds - (clock.seconds() - checker.referenceSeconds());
        };
        for (const Workload *workload : gate.workloads)
            WW_PASS(checker.check(*workload, false, dataSetsFor(gate, *workload), left));
        for (const Workload &shape : gate.hidden)
            WW_PASS(checker.check(shape, true, dataSetsFor(gate, shape), left));
        if (runner.takes().tasks > runner.tookWhenWarm().tasks)
            return stop(Verdict::RuntimeError, "the kernel left processes or threads of its own behind");
        addDeterminism(gate, checker);
        detail = fmt::format("{} comparisons on {} workloads and {} drawn shapes",
                             gate.evaluation.correctness.size(), gate.workloads.size(), gate.hidden.size());
        return {};
    });
}

} // namespace ww
