// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/PromptText.h"

#include "core/analysis/Bottleneck.h"
#include "core/base/Utf8.h"
#include "core/search/ReplyText.h"

#include <fmt/format.h>

#include <algorithm>

namespace ww {
namespace {

constexpr size_t kMostDiagnostics = 12;
constexpr size_t kMostElements = 4;
constexpr size_t kLongestMessage = 400;
constexpr size_t kLongestLog = 3000;
constexpr size_t kLongestSource = 64 << 10;
/// Data that the task itself describes; failures on other data are told by the verdict's message alone.
constexpr std::string_view kOwnData = "default";

/// Code between fences that nothing in it closes.
std::string fenced(const std::string &code, const std::string &language)
{
    std::string fence = "```";
    while (code.find(fence) != std::string::npos)
        fence += '`';
    return fmt::format("{}{}\n{}{}\n", fence, language == "cuda" ? "cuda" : "c",
                       withUnixLineEnds(clipped(code, kLongestSource)), fence);
}

std::string shapeOf(const TensorSpec &tensor)
{
    if (tensor.isScalar)
        return fmt::format("scalar {}", toString(tensor.dtype));
    std::string shape;
    for (const Expression &dimension : tensor.shape)
        shape += (shape.empty() ? "" : ", ") + dimension.text();
    return fmt::format("{}[{}]", toString(tensor.dtype), shape);
}

std::string described(const std::string &head, const std::string &description)
{
    return fmt::format("- {}{}{}\n", head, description.empty() ? "" : ": ", description);
}

std::string valuesOf(const Workload &workload)
{
    std::string values;
    for (const auto &[name, value] : workload.axes)
        values += fmt::format("{}{} = {}", values.empty() ? "" : ", ", name, value);
    for (const auto &[name, value] : workload.scalars)
        values += fmt::format(", {} = {:g}", name, value);
    return values;
}

std::string parametersOf(const Parameters &parameters)
{
    std::string list;
    for (const auto &[name, value] : parameters)
        list += fmt::format("{}{}={}", list.empty() ? "" : " ", name, value);
    return list;
}

std::string standingOf(const Node &node)
{
    if (!node.evaluation)
        return "not measured yet";
    const Evaluation &evaluation = *node.evaluation;
    if (!correct(evaluation.verdict))
        return compiled(evaluation.verdict) ? "compiles, fails the checks" : "does not compile";
    if (!evaluation.speedup)
        return "correct, not timed";
    return fmt::format("correct, {:.3g}× [{:.3g}, {:.3g}] the baseline's speed", evaluation.speedup->ratio,
                       evaluation.speedup->ci95Low, evaluation.speedup->ci95High);
}

std::string diagnosticsText(const Node &node)
{
    const std::vector<std::string_view> lines = linesOf(node.candidate.source);
    std::string text;
    size_t count = 0;
    for (const Diagnostic &diagnostic : node.evaluation->diagnostics) {
        if (diagnostic.severity != Diagnostic::Severity::Error)
            continue;
        if (++count > kMostDiagnostics)
            return text + "- … and more\n";
        text += diagnostic.line > 0
            ? fmt::format("- line {}, column {}: {}\n", diagnostic.line, diagnostic.column,
                          clipped(diagnostic.message, kLongestMessage))
            : fmt::format("- {}\n", clipped(diagnostic.message, kLongestMessage));
        if (diagnostic.line > 0 && static_cast<size_t>(diagnostic.line) <= lines.size())
            text += fmt::format("  `{}`\n",
                                clipped(lines[static_cast<size_t>(diagnostic.line) - 1], kLongestMessage));
    }
    return text;
}

/// Elements that are wrong on the task's own data and workloads.
std::string elementsText(const Evaluation &evaluation)
{
    std::string text;
    size_t count = 0;
    for (const CorrectnessRecord &record : evaluation.correctness) {
        if (record.ok || record.hidden || record.set != kOwnData || ++count > kMostElements)
            continue;
        text += fmt::format(
            "- {} ({}): {}{} is {:.9g} and should be {:.9g}; {:.3g} % of the elements are right\n",
            record.workload, record.shape, record.output, record.place, record.actual, record.expected,
            100 * record.matched);
    }
    return text;
}

} // namespace

std::string taskText(const Task &task, const std::string &deviceKind)
{
    std::string text = fmt::format("Task: {}. {}\n\nAxes:\n", task.name, task.description);
    for (const Axis &axis : task.axes)
        text += described(axis.value ? fmt::format("{} = {}", axis.name, *axis.value) : axis.name,
                          axis.description);
    text += "\nInputs, row-major:\n";
    for (const TensorSpec &tensor : task.inputs)
        text += described(fmt::format("{} {}", tensor.name, shapeOf(tensor)), tensor.description);
    text += "\nOutputs:\n";
    for (const TensorSpec &tensor : task.outputs)
        text += described(fmt::format("{} {}", tensor.name, shapeOf(tensor)), tensor.description);
    text += "\nTimed on:\n";
    for (const Workload &workload : task.workloads) {
        if (workload.timed && suits(workload, deviceKind))
            text += fmt::format("- {}: {}\n", workload.name, valuesOf(workload));
    }
    text += "\nMust be right for every shape";
    for (size_t i = 0; i < task.constraints.size(); ++i)
        text += fmt::format("{}{}", i == 0 ? " with " : " and ", task.constraints[i].text());
    text += ", small, odd and prime sizes included.\n";
    if (task.tolerance.rtol)
        text += fmt::format("Relative tolerance: {:g}.\n", *task.tolerance.rtol);
    if (task.policy.tf32Allowed)
        text += "Tensor cores may work in TF32.\n";
    text += fmt::format(
        "\nThe reference, which defines what is right:\n{}\nThe baseline, which is to be beaten:\n{}",
        fenced(task.reference.text, task.language), fenced(task.baseline.text, task.language));
    return text;
}

std::string deviceText(const Capabilities *device)
{
    if (!device)
        return "Not known yet.\n";
    std::string text = fmt::format("{} ({}, {})\n", device->device, device->deviceKind, device->backend);
    const auto line = [&text](const char *name, int64_t value, const char *unit) {
        if (value > 0)
            text += fmt::format("- {}: {}{}\n", name, value, unit);
    };
    line("compute units", device->computeUnits, "");
    line("most work-items in a group", device->maxWorkGroup, "");
    line("local (shared) memory of a group", device->localMemoryBytes, " bytes");
    line("last-level cache", device->globalCacheBytes, " bytes");
    for (const auto &[name, value] : device->peaks)
        text += fmt::format("- measured ceiling {}: {:.4g}\n", name, value);
    if (!device->toolchain.empty())
        text += fmt::format("- compiler: {}\n", device->toolchain);
    return text;
}

std::string kernelText(const Node &node, const std::string &language)
{
    const Candidate &candidate = node.candidate;
    const std::string parameters = parametersOf(candidate.parameters);
    return fmt::format("#{} · {} ({}){}\n{}", candidate.id, candidate.title, standingOf(node),
                       parameters.empty() ? "" : fmt::format(", measured with {}", parameters),
                       fenced(candidate.source, language));
}

std::string problemText(const Node &node)
{
    if (!node.evaluation || correct(node.evaluation->verdict)
        || node.evaluation->verdict == Verdict::InfraError)
        return {};
    const Evaluation &evaluation = *node.evaluation;
    std::string text = fmt::format("{}: {}\n", toString(evaluation.verdict), evaluation.message);
    const std::string located = diagnosticsText(node);
    text += located + elementsText(evaluation);
    if (located.empty() && !compiled(evaluation.verdict) && !evaluation.buildLog.empty())
        text += fenced(clipped(evaluation.buildLog, kLongestLog), "");
    return text;
}

std::string bottleneckText(const Node &node)
{
    if (!node.evaluation || !node.evaluation->speedup)
        return {};
    const Evaluation &evaluation = *node.evaluation;
    std::string text;
    for (const SpeedupRecord::PerWorkload &workload : evaluation.speedup->workloads)
        text += fmt::format("- {}: {:.4g} µs, the baseline {:.4g} µs ({:.3g}×)\n", workload.workload,
                            workload.candidateMedianUs, workload.baselineMedianUs, workload.ratio);
    for (const TimingRecord &timing : evaluation.timing) {
        if (timing.solUs > 0)
            text += fmt::format("- {}: speed of light {:.4g} µs, {:.0f} % reached\n", timing.workload,
                                timing.solUs, 100 * timing.solScore);
    }
    if (const auto &bound = evaluation.bound; bound && bound->bytes > 0)
        text += fmt::format("- arithmetic intensity of the task: {:.3g} operations a byte\n",
                            bound->flops / bound->bytes);
    for (const auto &[name, value] : evaluation.resources)
        text += fmt::format("- {}: {}\n", name, clipped(value, kLongestMessage));
    // Counters are read when a best is confirmed.
    const bool again = node.confirmation && node.confirmation->profile;
    if (const auto &profile = again ? node.confirmation->profile : evaluation.profile)
        text += profileText(*profile);
    return text;
}

} // namespace ww
