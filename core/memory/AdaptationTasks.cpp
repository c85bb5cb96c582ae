// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/memory/AdaptationTasks.h"

#include "core/base/Hash.h"
#include "core/candidate/TaskAdmission.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace ww {
namespace {

/// A task in few words. In `body` @i is the work-item's index, @sum the type to add up in.
struct Pattern {
    const char *name;
    const char *description;
    const char *tag;
    std::vector<std::pair<const char *, std::vector<int64_t>>> axes; ///< with their size on each workload
    std::vector<std::pair<const char *, std::vector<const char *>>> inputs; ///< with their shape
    std::vector<const char *> output; ///< shape of y
    const char *items; ///< work-items of the launch
    const char *body;
    const char *flops;
    const char *bytes;
};

const std::vector<Pattern> &patterns()
{
    static const std::vector<Pattern> kPatterns {
        {"adapt_elementwise",
         "y[i] = a[i] * b[i] + |a[i]|",
         "elementwise",
         {{"N", {1 << 16, 1003}}},
         {{"a", {"N"}}, {"b", {"N"}}},
         {"N"},
         "N",
         "    if (@i < N)\n        y[@i] = a[@i] * b[@i] + fabs(a[@i]);\n",
         "3 * N",
         "12 * N"},
        {"adapt_row_sum",
         "y[r] is the sum of row r of a",
         "reduction",
         {{"rows", {256, 7}}, {"cols", {512, 33}}},
         {{"a", {"rows", "cols"}}},
         {"rows"},
         "rows",
         "    if (@i < rows) {\n        @sum sum = 0;\n        for (int c = 0; c < cols; ++c)\n"
         "            sum += a[@i * cols + c];\n        y[@i] = (float)sum;\n    }\n",
         "rows * cols",
         "4 * (rows * cols + rows)"},
        {"adapt_transposition",
         "y[c][r] = a[r][c]",
         "layout",
         {{"rows", {256, 17}}, {"cols", {192, 45}}},
         {{"a", {"rows", "cols"}}},
         {"cols", "rows"},
         "rows * cols",
         "    if (@i < rows * cols)\n        y[(@i % cols) * rows + @i / cols] = a[@i];\n",
         "0",
         "8 * rows * cols"},
        {"adapt_stencil",
         "y[i] = a[i - 1] + 2 a[i] + a[i + 1], with 0 beyond the ends",
         "stencil",
         {{"N", {1 << 16, 1003}}},
         {{"a", {"N"}}},
         {"N"},
         "N",
         "    if (@i < N)\n        y[@i] = (@i > 0 ? a[@i - 1] : 0.0f) + 2.0f * a[@i] + (@i + 1 < N ? a[@i + "
         "1] : "
         "0.0f);\n",
         "3 * N",
         "8 * N"},
        {"adapt_matrix_vector",
         "y = a b for a matrix a and a vector b",
         "matmul",
         {{"rows", {256, 9}}, {"cols", {256, 65}}},
         {{"a", {"rows", "cols"}}, {"b", {"cols"}}},
         {"rows"},
         "rows",
         "    if (@i < rows) {\n        @sum sum = 0;\n        for (int c = 0; c < cols; ++c)\n"
         "            sum += (@sum)a[@i * cols + c] * b[c];\n        y[@i] = (float)sum;\n    }\n",
         "2 * rows * cols",
         "4 * (rows * cols + rows + cols)"},
    };
    return kPatterns;
}

std::string replaced(std::string text, std::string_view from, std::string_view to)
{
    for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

std::string kernelOf(const Pattern &pattern, bool cuda, const char *sum)
{
    std::string parameters, arguments;
    for (const auto &[name, shape] : pattern.inputs) {
        parameters += fmt::format("{}const float *{}, ", cuda ? "" : "__global ", name);
        arguments += fmt::format("{}, ", name);
    }
    parameters += cuda ? "float *y" : "__global float *y";
    arguments += "y";
    for (const auto &[name, sizes] : pattern.axes) {
        parameters += fmt::format(", int {}", name);
        arguments += fmt::format(", {}", name);
    }
    const std::string body = replaced(replaced(pattern.body, "@sum", sum), "@i", "i");
    return fmt::format("//@ launch attempt grid(ceil_div({}, 64)) block(64) args({})\n"
                       "{} void attempt({})\n{{\n    const int i = {};\n{}}}\n",
                       pattern.items, arguments, cuda ? "extern \"C\" __global__" : "__kernel", parameters,
                       cuda ? "blockIdx.x * blockDim.x + threadIdx.x" : "get_global_id(0)", body);
}

Result<TensorSpec> tensorOf(const char *name, const std::vector<const char *> &shape)
{
    TensorSpec spec;
    spec.name = name;
    for (const char *dimension : shape) {
        WW_TRY(Expression size, Expression::parse(dimension));
        spec.shape.push_back(std::move(size));
    }
    return spec;
}

Result<Task> taskOf(const Pattern &pattern, const std::string &language)
{
    const bool cuda = language == "cuda";
    Task task;
    task.name = pattern.name;
    task.description = pattern.description;
    task.tags = {pattern.tag};
    task.language = language;
    task.workloads = {{"even", {}, {}, true, {}}, {"odd", {}, {}, false, {}}};
    for (const auto &[name, sizes] : pattern.axes) {
        task.axes.push_back({name, {}, std::nullopt});
        for (size_t i = 0; i < task.workloads.size(); ++i)
            task.workloads[i].axes[name] = sizes[i];
    }
    for (const auto &[name, shape] : pattern.inputs) {
        WW_TRY(TensorSpec spec, tensorOf(name, shape));
        task.inputs.push_back(std::move(spec));
    }
    WW_TRY(TensorSpec output, tensorOf("y", pattern.output));
    task.outputs = {std::move(output)};
    WW_TRY(task.cost.flops, Expression::parse(pattern.flops));
    WW_TRY(task.cost.bytes, Expression::parse(pattern.bytes));
    task.reference = {"reference", {}, kernelOf(pattern, cuda, "double")};
    task.baseline = {"baseline", {}, kernelOf(pattern, cuda, "float")};
    task.hash = sha256Hex(fmt::format("{} 1 {}", pattern.name, language));
    WW_CHECK(admitTask(task));
    return task;
}

} // namespace

Result<int64_t> elementsOf(const Task &task, const Workload &workload)
{
    int64_t all = 0;
    for (const auto *tensors : {&task.inputs, &task.outputs}) {
        for (const TensorSpec &tensor : *tensors) {
            WW_TRY(const int64_t count, elementCount(tensor, workload.axes));
            all += count;
        }
    }
    return all;
}

Result<Task> smallTask(const Task &task, const std::string &deviceKind)
{
    std::array<std::optional<std::pair<int64_t, const Workload *>>, 2> least; // not timed, timed
    for (const Workload &workload : task.workloads) {
        if (!suits(workload, deviceKind))
            continue;
        WW_TRY(const int64_t elements, elementsOf(task, workload));
        auto &kept = least[workload.timed ? 1 : 0];
        if (!kept || elements < kept->first)
            kept = {elements, &workload};
    }
    Task small = task;
    small.workloads.clear();
    for (const auto &kept : least) {
        if (kept)
            small.workloads.push_back(*kept->second);
    }
    for (Workload &workload : small.workloads)
        workload.device.clear(); // the task is for this kind alone, and a task needs workloads for every kind
    small.name += "_small";
    small.hash = sha256Hex("small " + task.hash);
    WW_CHECK(admitTask(small));
    return small;
}

Result<std::vector<Task>> patternTasks(const std::string &language)
{
    std::vector<Task> tasks;
    for (const Pattern &pattern : patterns()) {
        WW_TRY(Task task, taskOf(pattern, language));
        tasks.push_back(std::move(task));
    }
    return tasks;
}

} // namespace ww
