// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/CorrectnessStage.h"

#include "core/device/IntakeStage.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace ww {
namespace {

constexpr uint8_t kFirstPoison = 0xff, kSecondPoison = 0x5a;
/// The reference is simple, not fast: float64, one element a work-item.
constexpr double kReferenceSeconds = 120;

std::vector<int64_t> shapeOf(const TensorSpec &tensor, const Workload &workload)
{
    std::vector<int64_t> shape;
    for (const Expression &dimension : tensor.shape)
        shape.push_back(dimension.evaluate(workload.axes).value_or(0));
    return shape;
}

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

CorrectnessRecord recordOf(const DataKey &key, const std::string &label, const TensorSpec &tensor,
                           const Comparison &found)
{
    CorrectnessRecord record;
    record.workload = key.workload.name;
    record.set = label;
    record.output = tensor.name;
    record.maxAbs = found.maxAbs;
    record.maxRel = found.maxRel;
    record.matched = found.matched;
    record.worstIndex = found.worstIndex;
    record.expected = found.expected;
    record.actual = found.actual;
    record.seedTag = key.seed;
    record.ok = found.ok;
    return record;
}

std::string mismatchMessage(const DataKey &key, const std::string &label, const TensorSpec &tensor,
                            const Comparison &found, const Limits &limits, int64_t elements)
{
    const std::string place =
        fmt::format("workload '{}', data set {}, seed {}", key.workload.name, label, key.seed);
    const auto wrong = [&] { return fmt::format("{} of {} elements are wrong", found.wrong, elements); };
    const std::string worst = fmt::format("{}{} is {:.9g}, expected {:.9g}", tensor.name,
                                          coordinates(found.worstIndex, shapeOf(tensor, key.workload)),
                                          found.actual, found.expected);
    if (found.allZero)
        return fmt::format("'{}' is all zeros, the reference is not ({})", tensor.name, place);
    if (found.notFinite)
        return fmt::format("NaN or infinity where the reference has a number, or the reverse: {}; {} ({})",
                           worst, wrong(), place);
    return fmt::format("{}; {}, largest error {:.3g} against a tolerance of {:.3g} relative ({})", worst,
                       wrong(), found.maxAbs, limits.rtol, place);
}

/// One launch of the candidate, looked at and compared.
Outcome<void> launchAndJudge(GateCase &gate, BoundWorkload &bound, const ExpectedData &expected,
                             uint8_t poison, const std::string &label, double runSeconds)
{
    const SeatedKernel candidate {gate.candidate, Seat::Candidate, Party::Candidate};
    WW_PASS(bound.launch(candidate, poison, gate.request.budgets.compileSeconds, runSeconds));
    return judgeOutputs(gate, bound, expected, label);
}

Tensors copyOutputs(const BoundWorkload &bound)
{
    Tensors outputs;
    for (size_t i = 0; i < bound.key().task.outputs.size(); ++i) {
        const auto bytes = bound.output(i);
        outputs.emplace_back(bytes.begin(), bytes.end());
    }
    return outputs;
}

/// The default set: twice, and the two outputs must agree with the reference and with each other's making.
Outcome<void> judgeTwice(GateCase &gate, BoundWorkload &bound, const ExpectedData &expected,
                         double runSeconds)
{
    Outcome<void> first = launchAndJudge(gate, bound, expected, kFirstPoison, "default", runSeconds);
    const bool numerical = !first && first.error().verdict == Verdict::IncorrectNumerical;
    if (!first && !numerical)
        return first;
    const Tensors before = copyOutputs(bound);
    Outcome<void> second = launchAndJudge(gate, bound, expected, kSecondPoison, "poison", runSeconds);
    if (first && second)
        return {};
    if (!second && second.error().verdict != Verdict::IncorrectNumerical)
        return second;
    const std::vector<TensorSpec> &outputs = bound.key().task.outputs;
    for (size_t i = 0; i < outputs.size(); ++i) {
        const int64_t unwritten = unwrittenElement(outputs[i].dtype, before[i], bound.output(i));
        if (unwritten >= 0)
            return stop(
                Verdict::IncorrectNumerical,
                fmt::format("{}{} is never written on workload '{}': it still holds what was there before",
                            outputs[i].name,
                            coordinates(unwritten, shapeOf(outputs[i], bound.key().workload)),
                            bound.key().workload.name));
        const bool differs = before[i].size() != bound.output(i).size()
            || (!before[i].empty()
                && std::memcmp(before[i].data(), bound.output(i).data(), before[i].size()) != 0);
        if (differs)
            return stop(
                Verdict::IncorrectNumerical,
                fmt::format(
                    "'{}' depends on what outputs or scratch held before the launch: the kernel reads "
                    "memory that it never wrote. {}",
                    outputs[i].name, first ? second.error().message : first.error().message));
    }
    return first ? second : first;
}

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

} // namespace

Outcome<Tensors> runReference(GateCase &gate, Bench &bench, const DataKey &key,
                              std::shared_ptr<const InputData> inputs)
{
    const KernelSource &source = key.task.reference;
    auto reference = prepareKernel(key.task, {source.name, source.text, {}});
    if (!reference)
        return stop(Verdict::InvalidReference, "the reference's plan: " + reference.error().message);
    const SeatedKernel seated {*reference, Seat::Candidate, Party::Reference};
    Result<ChildProcess *> runner = bench.runners.referenceRunner(gate.cancellation);
    if (!runner)
        return stop(runner.error());
    WW_GO(const BuildReply build,
          buildIn(**runner, seated, key.task, gate.workloads, gate.request.budgets.compileSeconds,
                  gate.cancellation));
    if (build.problem != Problem::None)
        return stop(Verdict::InvalidReference,
                    fmt::format("the reference does not build: {}\n{}", build.message, build.log));
    WW_GO(BoundWorkload bound,
          BoundWorkload::bind(**runner, {seated}, key, {std::move(inputs)}, gate.cancellation));
    WW_PASS(bound.launch(seated, kFirstPoison, gate.request.budgets.compileSeconds, kReferenceSeconds));
    if (const auto damaged = bound.damage())
        return stop(Verdict::InvalidReference,
                    fmt::format("the reference is broken on workload '{}': {}", key.workload.name, *damaged));
    return copyOutputs(bound);
}

Outcome<std::shared_ptr<const ExpectedData>> expectedFor(GateCase &gate, Bench &bench, const DataKey &key)
{
    if (auto kept = bench.data.expected(key))
        return kept;
    auto inputs = bench.data.inputs(key);
    if (!inputs)
        return stop(inputs.error());
    WW_GO(Tensors outputs, runReference(gate, bench, key, *inputs));
    auto expected = bench.data.keepExpected(key, std::move(outputs));
    for (size_t i = 0; i < expected->facts.size(); ++i) {
        if (expected->facts[i].notFinite > 0)
            return stop(
                Verdict::InvalidReference,
                fmt::format("the reference gives {} values of '{}' that are no numbers on workload '{}'",
                            expected->facts[i].notFinite, key.task.outputs[i].name, key.workload.name));
    }
    return expected;
}

Outcome<void> judgeOutputs(GateCase &gate, const BoundWorkload &bound, const ExpectedData &expected,
                           const std::string &label)
{
    const DataKey &key = bound.key();
    if (const auto damaged = bound.damage())
        return stop(Verdict::RuntimeError,
                    fmt::format("the kernel overstepped on workload '{}': {}", key.workload.name, *damaged));
    Outcome<void> outcome;
    for (size_t i = 0; i < key.task.outputs.size(); ++i) {
        const TensorSpec &tensor = key.task.outputs[i];
        const Limits limits = limitsOf(key.task, tensor.dtype, key.set, expected.facts[i].exact);
        const Comparison found =
            compare(tensor.dtype, bound.output(i), expected.outputs[i], expected.facts[i], limits);
        gate.evaluation.correctness.push_back(recordOf(key, label, tensor, found));
        if (!found.ok && outcome)
            outcome =
                stop(Verdict::IncorrectNumerical,
                     mismatchMessage(key, label, tensor, found, limits,
                                     static_cast<int64_t>(bound.output(i).size() / sizeOf(tensor.dtype))));
    }
    return outcome;
}

Outcome<void> runSmoke(GateCase &gate, Bench &bench, ChildProcess &runner)
{
    return staged(gate, "smoke", [&](StageClock &, std::string &detail) -> Outcome<void> {
        if (gate.workloads.empty())
            return stop(Verdict::Rejected, "there is no workload to run");
        const DataKey key {gate.request.task, *gate.workloads.front(), DataSet::Default, gate.request.seed};
        WW_GO(const auto expected, expectedFor(gate, bench, key));
        auto inputs = bench.data.inputs(key);
        if (!inputs)
            return stop(inputs.error());
        const SeatedKernel candidate {gate.candidate, Seat::Candidate, Party::Candidate};
        WW_GO(BoundWorkload bound,
              BoundWorkload::bind(runner, {candidate}, key, {*inputs}, gate.cancellation));
        WW_PASS(judgeTwice(gate, bound, *expected, gate.request.budgets.smokeSeconds));
        // The correctness stage does it all again, with its own records.
        gate.evaluation.correctness.clear();
        detail = fmt::format("workload '{}' ran clean", key.workload.name);
        return {};
    });
}

Outcome<void> runCorrectness(GateCase &gate, Bench &bench, ChildProcess &runner)
{
    return staged(gate, "correctness", [&](StageClock &clock, std::string &detail) -> Outcome<void> {
        const std::vector<DataSet> sets = dataSetsOf(gate.request.task);
        const SeatedKernel candidate {gate.candidate, Seat::Candidate, Party::Candidate};
        double referenceSeconds = 0;
        for (const Workload *workload : gate.workloads) {
            for (const DataSet set : sets) {
                const DataKey key {gate.request.task, *workload, set, gate.request.seed};
                const double before = clock.seconds();
                WW_GO(const auto expected, expectedFor(gate, bench, key));
                auto inputs = bench.data.inputs(key);
                if (!inputs)
                    return stop(inputs.error());
                referenceSeconds += clock.seconds() - before;
                // The reference's share is not the candidate's to answer for.
                const double left =
                    gate.request.budgets.correctnessSeconds - (clock.seconds() - referenceSeconds);
                if (left <= 0)
                    return stop(Verdict::Timeout,
                                fmt::format("checking took over {:g} s; it had come to workload '{}'",
                                            gate.request.budgets.correctnessSeconds, workload->name));
                WW_GO(BoundWorkload bound,
                      BoundWorkload::bind(runner, {candidate}, key, {*inputs}, gate.cancellation));
                if (set == DataSet::Default)
                    WW_PASS(judgeTwice(gate, bound, *expected, left));
                else
                    WW_PASS(launchAndJudge(gate, bound, *expected, kFirstPoison, toString(set), left));
            }
        }
        if (runner.takes().tasks > runner.tookWhenWarm().tasks)
            return stop(Verdict::RuntimeError, "the kernel left processes or threads of its own behind");
        detail = fmt::format("{} comparisons on {} workloads", gate.evaluation.correctness.size(),
                             gate.workloads.size());
        return {};
    });
}

} // namespace ww
