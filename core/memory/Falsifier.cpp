// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/memory/Falsifier.h"

#include "core/base/Hash.h"
#include "core/candidate/TaskAdmission.h"
#include "core/memory/FailureClass.h"

#include <fmt/format.h>

namespace ww {
namespace {

constexpr size_t kMaxProbe = 16 << 10;
constexpr std::string_view kPlan = "//@ launch probe grid(ceil_div(N, 64)) block(64) args(x, y, N)\n";

std::string headOf(const std::string &language, std::string_view kernel)
{
    return language == "cuda"
        ? fmt::format("extern \"C\" __global__ void {}(const float *x, float *y, int n)\n{{\n"
                      "    const int i = blockIdx.x * blockDim.x + threadIdx.x;\n",
                      kernel)
        : fmt::format("__kernel void {}(__global const float *x, __global float *y, int n)\n{{\n"
                      "    const int i = get_global_id(0);\n",
                      kernel);
}

constexpr std::string_view kTail = "    if (i < n)\n        y[i] = 2.0f * x[i] + 1.0f;\n}\n";

TensorSpec vectorSpec(const char *name, const Expression &length)
{
    TensorSpec spec;
    spec.name = name;
    spec.shape = {length};
    return spec;
}

} // namespace

Result<Task> falsifierTask(const std::string &language)
{
    Task task;
    task.name = "falsifier";
    task.description = "y = 2 x + 1";
    task.language = language;
    task.axes = {{"N", "elements", std::nullopt}};
    WW_TRY(const Expression length, Expression::parse("N"));
    WW_TRY(const Expression flops, Expression::parse("2 * N"));
    WW_TRY(const Expression bytes, Expression::parse("8 * N"));
    task.inputs = {vectorSpec("x", length)};
    task.outputs = {vectorSpec("y", length)};
    task.workloads = {{"thousand", {{"N", 1000}}, {}, true, {}}};
    task.cost = {flops, bytes};
    const std::string right = probeSource(language, {}, {});
    task.reference = {"reference", {}, right};
    task.baseline = {"baseline", {}, right};
    task.hash = sha256Hex("falsifier task 1 " + language);
    WW_CHECK(admitTask(task));
    return task;
}

std::string probeSource(const std::string &language, std::string_view declarations,
                        std::string_view statements, std::string_view plan)
{
    return fmt::format("{}{}{}{}{}{}", plan.empty() ? kPlan : plan, declarations, headOf(language, "probe"),
                       statements, statements.empty() || statements.ends_with('\n') ? "" : "\n", kTail);
}

std::string probeOf(const std::string &language, std::string_view source, const Parameters &parameters)
{
    if (source.size() > kMaxProbe)
        return {};
    std::string probe = fmt::format("//@ launch ww_probe grid(ceil_div(N, 64)) block(64) args(x, y, N)\n{}{}",
                                    headOf(language, "ww_probe"), kTail);
    for (const auto &[name, value] : parameters)
        probe += fmt::format("#define {} {}\n", name, value);
    while (!source.empty()) {
        const size_t end = std::min(source.find('\n'), source.size() - 1) + 1;
        const std::string_view line = source.substr(0, end);
        const size_t first = line.find_first_not_of(" \t");
        const bool isPlan = first != std::string_view::npos && line.substr(first).starts_with("//@");
        probe += isPlan ? std::string_view("\n") : line;
        source.remove_prefix(end);
    }
    return probe;
}

FalsifierFinding judgeFalsifier(const Rule &rule, const Evaluation &evaluation)
{
    const FailureFinding finding = classify(evaluation, rule.language, rule.falsifier.source);
    if (finding.kind == FailureFinding::Kind::Infrastructure)
        return {RuleCheck::Untested, "the device failed, not the source: " + evaluation.message};
    const bool compiles = finding.kind == FailureFinding::Kind::None;
    if (rule.falsifier.expectation == Falsifier::Expectation::Compiles)
        return compiles
            ? FalsifierFinding {RuleCheck::Holds, "the source compiles, as it must"}
            : FalsifierFinding {RuleCheck::Refuted,
                                "the source must compile and does not: " + tidyMessage(evaluation)};
    if (compiles)
        return {RuleCheck::Refuted, "the source must fail and compiles"};
    if (finding.failure.name == rule.errorClass)
        return {RuleCheck::Holds, "the source fails as it must: " + finding.failure.diagnostic};
    return {RuleCheck::Untested, "the source fails in another way: " + tidyMessage(evaluation)};
}

} // namespace ww
