// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/Reference.h"

#include "core/device/IntakeStage.h"
#include "core/judge/ElementTypes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ww {
namespace {

/// The reference is simple, not fast: float64, one element a work-item.
constexpr double kReferenceSeconds = 120;
constexpr uint8_t kPoison = 0xff;
/// A kernel may round in more places than the inputs; this many roundings of every input are allowed it.
constexpr double kSlackFactor = 4;
constexpr double kMostSlack = 0.1;

/// True for data on which every task must have an answer.
bool mustBeFinite(DataSet set)
{
    return set == DataSet::Default || set == DataSet::Exact || set == DataSet::Shifted;
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
          buildIn(**runner, seated, key.task, gate.everyShape(), gate.request.budgets.compileSeconds,
                  gate.cancellation));
    if (build.problem != Problem::None)
        return stop(Verdict::InvalidReference,
                    fmt::format("the reference does not build: {}\n{}", build.message, build.log));
    WW_GO(BoundWorkload bound,
          BoundWorkload::bind(**runner, {seated}, key, {std::move(inputs)}, gate.cancellation));
    WW_PASS(bound.launch(seated, kPoison, gate.request.budgets.compileSeconds, kReferenceSeconds));
    if (const auto damaged = bound.damage())
        return stop(Verdict::InvalidReference,
                    fmt::format("the reference is broken {}: {}", key.place(), *damaged));
    return copyOutputs(bound);
}

Outcome<std::shared_ptr<const ExpectedData>> expectedFor(GateCase &gate, Bench &bench, const DataKey &key)
{
    if (auto kept = bench.data.expected(key))
        return kept;
    const auto start = std::chrono::steady_clock::now();
    auto inputs = bench.data.inputs(key);
    gate.addCost("making data", start);
    if (!inputs)
        return stop(inputs.error());
    const auto begin = std::chrono::steady_clock::now();
    ExpectedData expected;
    WW_GO(expected.outputs, runReference(gate, bench, key, *inputs));
    Tensors nudged;
    if (key.set == DataSet::Mixed || key.set == DataSet::Structured) {
        auto near = bench.data.nudgedInputs(key);
        if (!near)
            return stop(near.error());
        WW_GO(nudged, runReference(gate, bench, key, *near));
    }
    for (size_t i = 0; i < expected.outputs.size(); ++i) {
        const TensorSpec &output = key.task.outputs[i];
        expected.facts.push_back(factsOf(output.dtype, expected.outputs[i]));
        const bool slack = !nudged.empty() && isFloat(output.dtype);
        expected.slack.push_back(
            slack ? kSlackFactor * largestDifference(output.dtype, expected.outputs[i], nudged[i]) : 0);
        // Where rounding the inputs moves the result by a tenth of its size, no kernel can be told right.
        if (expected.slack[i] > kMostSlack * expected.facts[i].rms)
            expected.usable = false;
        if (expected.facts[i].notFinite == 0)
            continue;
        if (mustBeFinite(key.set))
            return stop(Verdict::InvalidReference,
                        fmt::format("the reference gives {} values of '{}' that are no numbers {}",
                                    expected.facts[i].notFinite, output.name, key.place()));
        expected.usable = false;
    }
    gate.addCost("expected values", begin);
    return bench.data.keepExpected(key, std::move(expected));
}

Outcome<Case> caseFor(GateCase &gate, Bench &bench, const DataKey &key)
{
    WW_GO(auto expected, expectedFor(gate, bench, key));
    const auto start = std::chrono::steady_clock::now();
    auto inputs = bench.data.inputs(key);
    gate.addCost("making data", start);
    if (!inputs)
        return stop(inputs.error());
    return Case {key, std::move(expected), std::move(*inputs)};
}

} // namespace ww
