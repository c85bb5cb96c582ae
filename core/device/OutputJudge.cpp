// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/OutputJudge.h"

#include "core/judge/Shapes.h"

#include <fmt/format.h>

namespace ww {
namespace {

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
    record.shape = shapeText(key.task, key.workload);
    record.hidden = key.hidden;
    if (found.worstIndex >= 0)
        record.place = coordinates(found.worstIndex, shapeOf(tensor, key.workload));
    return record;
}

std::string mismatchMessage(const DataKey &key, const std::string &label, const TensorSpec &tensor,
                            const Comparison &found, const Limits &limits, int64_t elements)
{
    const std::string place = fmt::format("{}, data set {}", key.place(), label);
    const auto wrong = [&] { return fmt::format("{} of {} elements are wrong", found.wrong, elements); };
    const std::string worst = fmt::format("{}{} is {:.9g}, expected {:.9g}", tensor.name,
                                          coordinates(found.worstIndex, shapeOf(tensor, key.workload)),
                                          found.actual, found.expected);
    if (found.allZero)
        return fmt::format("'{}' is all zeros, the reference is not ({})", tensor.name, place);
    if (found.notFinite)
        return fmt::format("NaN or infinity where the reference has a number, or the reverse: {}; {} ({})",
                           worst, wrong(), place);
    if (found.clustered && found.matched >= limits.matchedRatio)
        return fmt::format("{}; {}, side by side: part of the output is left out ({})", worst, wrong(),
                           place);
    return fmt::format("{}; {}, largest error {:.3g} against a tolerance of {:.3g} relative ({})", worst,
                       wrong(), found.maxAbs, limits.rtol, place);
}

} // namespace

Outcome<void> judgeOutputs(GateCase &gate, const BoundWorkload &bound, const DataKey &key,
                           const ExpectedData &expected, const std::string &label)
{
    const auto start = std::chrono::steady_clock::now();
    if (const auto damaged = bound.damage())
        return stop(Verdict::RuntimeError,
                    fmt::format("the kernel overstepped {}: {}", key.place(), *damaged));
    Outcome<void> outcome;
    for (size_t i = 0; i < key.task.outputs.size(); ++i) {
        const TensorSpec &tensor = key.task.outputs[i];
        Limits limits = limitsOf(key.task, tensor.dtype, key.set, expected.facts[i].exact);
        limits.slack = expected.slack[i];
        const Comparison found =
            compare(tensor.dtype, bound.output(i), expected.outputs[i], expected.facts[i], limits);
        gate.evaluation.correctness.push_back(recordOf(key, label, tensor, found));
        if (label == toString(DataSet::Default) && !key.hidden)
            gate.foreign.see(key.workload.name, tensor, bound.output(i), expected.outputs[i], found);
        if (!found.ok && outcome)
            outcome =
                stop(Verdict::IncorrectNumerical,
                     mismatchMessage(key, label, tensor, found, limits,
                                     static_cast<int64_t>(bound.output(i).size() / sizeOf(tensor.dtype))));
    }
    gate.addCost("comparing", start);
    return outcome;
}

Stop located(Stop end, const GateCase &gate, const DataKey &key, std::optional<DataSet> set)
{
    end.forPeople.detail =
        fmt::format("workload '{}' ({}){}, seed {}", key.workload.name, shapeText(key.task, key.workload),
                    key.hidden ? ", drawn for this run" : "", key.seed);
    std::string &options = end.forPeople.reproduce;
    options = key.hidden ? fmt::format("--axes {}", shapeText(key.task, key.workload))
                         : fmt::format("--workload '{}'", key.workload.name);
    options += fmt::format(" --seed {}", key.seed);
    if (set)
        options += fmt::format(" --set {}", toString(*set));
    for (const auto &[name, value] : gate.candidate.choice.parameters)
        options += fmt::format(" --param {}={}", name, value);
    return end;
}

} // namespace ww
