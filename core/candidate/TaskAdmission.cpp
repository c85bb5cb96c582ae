// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/candidate/TaskAdmission.h"

#include "core/task/Names.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace ww {
namespace {

constexpr size_t kMaxNames = 64; // axes; tensors
constexpr size_t kMaxDimensions = 8;
constexpr size_t kMaxWorkloads = 256;
constexpr size_t kMaxVariants = 256;
constexpr size_t kMaxConstraints = 64;
constexpr size_t kMaxTitle = 64;

/// Task, workload and variant names appear in paths and tables: visible ASCII, no slash, no leading dot.
bool isTitle(std::string_view text)
{
    return !text.empty() && text.size() <= kMaxTitle && text.front() != '.' && text.front() != '-'
        && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'
                   || c == '-' || c == '.' || c == '+';
           });
}

bool isWhole(double value, double low, double high)
{
    return std::isfinite(value) && std::trunc(value) == value && value >= low && value <= high;
}

/// Range of an integer element type.
std::pair<double, double> rangeOf(DType type)
{
    if (type == DType::Int8)
        return {-128, 127};
    return {std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()};
}

class Admission {
public:
    explicit Admission(const Task &task) : m_task(task)
    {
        for (const Axis &axis : task.axes)
            m_axes.push_back(axis.name);
    }

    Status run() const
    {
        WW_CHECK(checkHead());
        WW_CHECK(checkNames());
        WW_CHECK(checkTensors());
        WW_CHECK(checkExpressions());
        WW_CHECK(checkTolerance());
        for (size_t i = 0; i < m_task.workloads.size(); ++i)
            WW_CHECK(checkWorkload(m_task.workloads[i], fmt::format("workloads[{}]", i)));
        return checkKernels();
    }

private:
    [[nodiscard]] tl::unexpected<Error> refused(const std::string &path, std::string_view why,
                                                std::string remedy = {}) const
    {
        return failure(ErrorCode::BadInput, fmt::format("cannot admit the task {}", inQuotes(m_task.name)),
                       fmt::format("{}: {}", path, why), std::move(remedy));
    }

    Status checkCount(const char *key, size_t count, size_t least, size_t most) const
    {
        if (count < least)
            return refused(key, fmt::format("there must be at least {}", least));
        if (count > most)
            return refused(key, fmt::format("there are {}, and at most {} are allowed", count, most));
        return {};
    }

    Status checkHead() const
    {
        if (!isTitle(m_task.name))
            return refused(
                "name",
                fmt::format("{} must be 1 to {} letters, digits, '_', '-', '+' or '.', and not begin "
                            "with '.' or '-'",
                            inQuotes(m_task.name), kMaxTitle));
        if (m_task.language != "opencl" && m_task.language != "cuda")
            return refused(
                "language",
                fmt::format("{} is not known; there are opencl and cuda", inQuotes(m_task.language)));
        WW_CHECK(checkCount("axes", m_task.axes.size(), 0, kMaxNames));
        WW_CHECK(checkCount("inputs", m_task.inputs.size(), 0, kMaxNames));
        WW_CHECK(checkCount("outputs", m_task.outputs.size(), 1, kMaxNames));
        WW_CHECK(checkCount("constraints", m_task.constraints.size(), 0, kMaxConstraints));
        WW_CHECK(checkCount("workloads", m_task.workloads.size(), 1, kMaxWorkloads));
        WW_CHECK(checkCount("variants", m_task.variants.size(), 0, kMaxVariants));
        if (std::none_of(m_task.workloads.begin(), m_task.workloads.end(),
                         [](const Workload &workload) { return workload.timed; }))
            return refused("workloads", "none of them is timed", "Give one of them \"timed\": true");
        for (const char *kind : {"cpu", "gpu"}) {
            const bool timed = std::any_of(
                m_task.workloads.begin(), m_task.workloads.end(),
                [kind](const Workload &workload) { return workload.timed && suits(workload, kind); });
            if (!timed)
                return refused("workloads", fmt::format("none of them is timed on a {}", kind),
                               fmt::format("Time one that is for a {} or for both", kind));
        }
        return {};
    }

    Status checkName(const std::string &path, const std::string &name, std::vector<std::string> &taken) const
    {
        if (!isIdentifier(name))
            return refused(path,
                           fmt::format("{} is not a name: letters, digits and '_' only, at most 64, no digit "
                                       "first",
                                       inQuotes(name)));
        if (isExpressionFunction(name))
            return refused(path, fmt::format("'{}' is a function of expressions: choose another name", name));
        if (std::find(taken.begin(), taken.end(), name) != taken.end())
            return refused(path,
                           fmt::format("the name '{}' is taken: axes, inputs and outputs need names of their "
                                       "own",
                                       name));
        taken.push_back(name);
        return {};
    }

    Status checkNames() const
    {
        std::vector<std::string> taken;
        for (const Axis &axis : m_task.axes) {
            WW_CHECK(checkName("axes", axis.name, taken));
            if (axis.value && *axis.value < 1)
                return refused(fmt::format("axes.{}.value", axis.name),
                               fmt::format("must be at least 1, not {}", *axis.value));
        }
        for (const TensorSpec &tensor : m_task.inputs)
            WW_CHECK(checkName("inputs", tensor.name, taken));
        for (const TensorSpec &tensor : m_task.outputs)
            WW_CHECK(checkName("outputs", tensor.name, taken));
        std::vector<std::string> titles;
        for (size_t i = 0; i < m_task.workloads.size(); ++i)
            WW_CHECK(checkTitle(fmt::format("workloads[{}].name", i), m_task.workloads[i].name, titles));
        titles.clear();
        for (size_t i = 0; i < m_task.variants.size(); ++i)
            WW_CHECK(checkTitle(fmt::format("variants[{}].name", i), m_task.variants[i].name, titles));
        return {};
    }

    Status checkTitle(const std::string &path, const std::string &title,
                      std::vector<std::string> &taken) const
    {
        if (!isTitle(title))
            return refused(path,
                           fmt::format("{} must be 1 to {} letters, digits, '_', '-', '+' or '.', and not "
                                       "begin with '.' or '-'",
                                       inQuotes(title), kMaxTitle));
        if (std::find(taken.begin(), taken.end(), title) != taken.end())
            return refused(path, fmt::format("the name '{}' stands twice", title));
        taken.push_back(title);
        return {};
    }

    /// Shapes, constraints and costs are computed from axes alone.
    Status checkAxesOf(const std::string &path, const Expression &expression) const
    {
        for (const std::string &name : expression.names()) {
            if (std::find(m_axes.begin(), m_axes.end(), name) == m_axes.end())
                return refused(path,
                               fmt::format("{} uses '{}', which is not an axis{}",
                                           inQuotes(expression.text()), name, didYouMean(name, m_axes)),
                               "Declare it under axes or correct the name");
        }
        return {};
    }

    Status checkTensors() const
    {
        for (const TensorSpec &input : m_task.inputs) {
            const std::string path = "inputs." + input.name;
            WW_CHECK(checkShape(path, input));
            if (!input.isScalar)
                WW_CHECK(checkFill(path + ".fill", input));
        }
        for (const TensorSpec &output : m_task.outputs) {
            const std::string path = "outputs." + output.name;
            if (output.isScalar)
                return refused(path + ".shape", "an output cannot be a scalar", "Give it the shape [1]");
            WW_CHECK(checkShape(path, output));
        }
        return {};
    }

    Status checkShape(const std::string &path, const TensorSpec &tensor) const
    {
        if (tensor.isScalar)
            return {};
        WW_CHECK(checkCount((path + ".shape").c_str(), tensor.shape.size(), 1, kMaxDimensions));
        for (size_t i = 0; i < tensor.shape.size(); ++i)
            WW_CHECK(checkAxesOf(fmt::format("{}.shape[{}]", path, i), tensor.shape[i]));
        return {};
    }

    Status checkFill(const std::string &path, const TensorSpec &tensor) const
    {
        const Fill &fill = tensor.fill;
        if (fill.kind == Fill::Kind::Normal) {
            if (!isFloat(tensor.dtype))
                return refused(path, "'normal' is for floating-point tensors",
                               "Use 'integer' with low and high");
            if (!std::isfinite(fill.mean) || !std::isfinite(fill.stddev) || fill.stddev < 0)
                return refused(path, "mean and stddev must be finite, and stddev not negative");
            return {};
        }
        WW_CHECK(checkAxesOf(path, fill.bound));
        if (fill.kind == Fill::Kind::Offsets) {
            if (tensor.dtype != DType::Int32 || tensor.shape.size() != 1 || fill.bound.empty())
                return refused(path,
                               "'offsets' is for int32 tensors of one dimension, with a 'last' element");
            return {};
        }
        if (!fill.bound.empty())
            return isWhole(fill.low, -0x1p31, 0x1p31 - 1)
                ? Status()
                : refused(path, "low must be a whole number of 32 bits");
        if (!std::isfinite(fill.low) || !std::isfinite(fill.high) || fill.low > fill.high)
            return refused(path, fmt::format("low ({}) must not be above high ({})", fill.low, fill.high));
        const bool whole = fill.kind == Fill::Kind::Integer || !isFloat(tensor.dtype);
        const auto [least, most] = isFloat(tensor.dtype) ? std::pair(-0x1p53, 0x1p53) : rangeOf(tensor.dtype);
        if (whole && (!isWhole(fill.low, least, most) || !isWhole(fill.high, least, most)))
            return refused(path,
                           fmt::format("low and high must be whole numbers from {} to {}", least, most));
        return {};
    }

    Status checkExpressions() const
    {
        for (size_t i = 0; i < m_task.constraints.size(); ++i)
            WW_CHECK(checkAxesOf(fmt::format("constraints[{}]", i), m_task.constraints[i]));
        WW_CHECK(checkAxesOf("cost.flops", m_task.cost.flops));
        return checkAxesOf("cost.bytes", m_task.cost.bytes);
    }

    Status checkTolerance() const
    {
        for (const auto &[key, value] : {std::pair("tolerance.rtol", m_task.tolerance.rtol),
                                         std::pair("tolerance.atol", m_task.tolerance.atol)}) {
            if (value && (!std::isfinite(*value) || *value < 0))
                return refused(key, "must be a number, not negative");
        }
        const double ratio = m_task.tolerance.matchedRatio;
        if (!(ratio > 0 && ratio <= 1))
            return refused("tolerance.matched_ratio",
                           fmt::format("must be above 0 and at most 1, not {}", ratio));
        return {};
    }

    Status checkWorkload(const Workload &workload, const std::string &path) const
    {
        WW_CHECK(checkWorkloadAxes(workload, path));
        WW_CHECK(checkScalars(workload, path));
        for (size_t i = 0; i < m_task.constraints.size(); ++i) {
            const std::string place = fmt::format("{} ('{}')", path, workload.name);
            const Result<int64_t> holds = m_task.constraints[i].evaluate(workload.axes);
            if (!holds)
                return refused(place, fmt::format("constraints[{}]: {}", i, holds.error().message()));
            if (*holds == 0)
                return refused(
                    place,
                    fmt::format("breaks constraints[{}], {}", i, inQuotes(m_task.constraints[i].text())),
                    "Change the workload or the constraint");
        }
        WW_CHECK(checkSizes(workload, path, m_task.inputs));
        WW_CHECK(checkSizes(workload, path, m_task.outputs));
        WW_CHECK(checkCost(workload, path, "cost.flops", m_task.cost.flops));
        return checkCost(workload, path, "cost.bytes", m_task.cost.bytes);
    }

    Status checkWorkloadAxes(const Workload &workload, const std::string &path) const
    {
        for (const auto &[name, size] : workload.axes) {
            const auto axis = std::find_if(m_task.axes.begin(), m_task.axes.end(),
                                           [&name = name](const Axis &a) { return a.name == name; });
            const std::string at = fmt::format("{}.axes.{}", path, name);
            if (axis == m_task.axes.end())
                return refused(at, fmt::format("there is no such axis{}", didYouMean(name, m_axes)));
            if (size < 1)
                return refused(at, fmt::format("must be at least 1, not {}", size),
                               "Empty tensors cannot be tested");
            if (axis->value && *axis->value != size)
                return refused(at,
                               fmt::format("the axis is const with value {}, not {}", *axis->value, size));
        }
        for (const Axis &axis : m_task.axes) {
            if (!workload.axes.contains(axis.name))
                return refused(path + ".axes", fmt::format("the axis '{}' is missing", axis.name),
                               "Give every var axis a value in every workload");
        }
        return {};
    }

    Status checkScalars(const Workload &workload, const std::string &path) const
    {
        std::vector<std::string> scalars;
        for (const TensorSpec &input : m_task.inputs) {
            if (!input.isScalar)
                continue;
            scalars.push_back(input.name);
            const auto value = workload.scalars.find(input.name);
            if (value == workload.scalars.end())
                return refused(path + ".scalars", fmt::format("the scalar '{}' is missing", input.name));
            const auto [least, most] = rangeOf(input.dtype);
            const bool fits =
                isFloat(input.dtype) ? std::isfinite(value->second) : isWhole(value->second, least, most);
            if (!fits)
                return refused(fmt::format("{}.scalars.{}", path, input.name),
                               fmt::format("{} is not a value of {}", value->second, toString(input.dtype)));
        }
        for (const auto &[name, value] : workload.scalars) {
            if (std::find(scalars.begin(), scalars.end(), name) == scalars.end())
                return refused(fmt::format("{}.scalars.{}", path, name),
                               fmt::format("there is no such scalar input{}", didYouMean(name, scalars)));
        }
        return {};
    }

    Status checkSizes(const Workload &workload, const std::string &path,
                      const std::vector<TensorSpec> &tensors) const
    {
        const std::string place = fmt::format("{} ('{}')", path, workload.name);
        for (const TensorSpec &tensor : tensors) {
            const Result<int64_t> count = elementCount(tensor, workload.axes);
            if (!count)
                return refused(place, count.error().message());
            if (*count < 1)
                return refused(place, fmt::format("the tensor '{}' has no elements", tensor.name),
                               "Empty tensors cannot be tested");
            if (const auto bound = withBoundFill(tensor, workload.axes); !bound)
                return refused(place, bound.error().message());
        }
        return {};
    }

    Status checkCost(const Workload &workload, const std::string &path, const char *key,
                     const Expression &cost) const
    {
        if (cost.empty())
            return {};
        const Result<double> value = cost.evaluateReal(workload.axes);
        if (!value)
            return refused(key,
                           fmt::format("on {} ('{}'): {}", path, workload.name, value.error().message()));
        if (*value < 0)
            return refused(
                key,
                fmt::format("is {} on {} ('{}'), and must not be negative", *value, path, workload.name));
        return {};
    }

    Status checkKernels() const
    {
        WW_CHECK(checkKernel("reference", m_task.reference));
        WW_CHECK(checkKernel("baseline", m_task.baseline));
        if (m_task.library)
            WW_CHECK(checkKernel("library", *m_task.library, PlanUse::Library));
        for (const KernelSource &variant : m_task.variants)
            WW_CHECK(checkKernel("variants/" + variant.name, variant));
        return {};
    }

    /// A kernel of the task must run on every workload with its first parameters.
    Status checkKernel(const std::string &role, const KernelSource &kernel,
                       PlanUse use = PlanUse::Kernel) const
    {
        const std::string file = kernel.path.empty() ? fmt::format("{}/{}", m_task.name, role) : kernel.path;
        const PlanParse parse = parsePlan(kernel.text, &m_task, use);
        if (!parse.ok())
            return tl::make_unexpected(parse.error(file));
        for (const Workload &workload : m_task.workloads) {
            const Result<ResolvedPlan> resolved = resolvePlan(parse.plan, {}, m_task, workload);
            if (resolved)
                continue;
            Error error = resolved.error();
            error.what = fmt::format("{} cannot run with its default parameters", role);
            // The plan knows its line, we know its file.
            constexpr std::string_view kLine = "line ";
            error.where = error.where.starts_with(kLine)
                ? fmt::format("{}:{}", file, error.where.substr(kLine.size()))
                : file;
            error.remedy = "Let the first value of each tunable suit every workload, or relax the plan";
            return tl::make_unexpected(std::move(error));
        }
        return {};
    }

    const Task &m_task;
    std::vector<std::string> m_axes;
};

} // namespace

Status admitTask(const Task &task)
{
    return Admission(task).run();
}

} // namespace ww
