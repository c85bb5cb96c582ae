// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/Shapes.h"

#include "core/base/Hash.h"
#include "core/base/Random.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace ww {
namespace {

/// Sizes at which kernels go wrong: one, and either side of what is a tile or a vector.
constexpr std::array<int64_t, 22> kEdges {1,  2,  3,  5,  7,  8,  13,  15,  16,  17,  31,
                                          32, 33, 48, 63, 64, 65, 100, 127, 128, 129, 257};
constexpr int64_t kSmallElements = int64_t {1} << 15;
constexpr double kSmallFlops = 0x1p22;
constexpr int kTries = 300;

std::vector<const Axis *> varying(const Task &task)
{
    std::vector<const Axis *> axes;
    for (const Axis &axis : task.axes) {
        if (!axis.value)
            axes.push_back(&axis);
    }
    return axes;
}

int64_t axisOf(const Workload &workload, const std::string &name)
{
    const auto found = workload.axes.find(name);
    return found == workload.axes.end() ? 0 : found->second;
}

/// Whole numbers between fixed bounds may be indices that a smaller axis would leave dangling.
bool holdsFixedWholeNumbers(const Task &task)
{
    return std::any_of(task.inputs.begin(), task.inputs.end(), [](const TensorSpec &input) {
        return !input.isScalar && (!isFloat(input.dtype) || input.fill.kind == Fill::Kind::Integer)
            && input.fill.bound.empty();
    });
}

/// What an axis spans over the task's workloads.
struct Span {
    int64_t low = 1, high = 1;
};

Span spanOf(const Task &task, const std::string &axis)
{
    Span span {axisOf(task.workloads.front(), axis), 1};
    for (const Workload &workload : task.workloads) {
        span.low = std::min(span.low, axisOf(workload, axis));
        span.high = std::max(span.high, axisOf(workload, axis));
    }
    return {holdsFixedWholeNumbers(task) ? span.low : int64_t {1}, span.high};
}

/// The first constraint that does not hold, or that a tensor would be empty; nothing when all is well.
std::optional<std::string> broken(const Task &task, const Workload &workload)
{
    for (const Expression &constraint : task.constraints) {
        if (constraint.evaluate(workload.axes).value_or(0) == 0)
            return constraint.text();
    }
    for (const std::vector<TensorSpec> *tensors : {&task.inputs, &task.outputs}) {
        for (const TensorSpec &tensor : *tensors) {
            const Result<int64_t> count = elementCount(tensor, workload.axes);
            if (!count || *count == 0)
                return fmt::format("'{}' has elements", tensor.name);
        }
    }
    return std::nullopt;
}

int64_t elementsOf(const Task &task, const Workload &workload)
{
    int64_t elements = 0;
    for (const std::vector<TensorSpec> *tensors : {&task.inputs, &task.outputs}) {
        for (const TensorSpec &tensor : *tensors)
            elements += elementCount(tensor, workload.axes).value_or(0);
    }
    return elements;
}

double flopsOf(const Task &task, const Workload &workload)
{
    return task.cost.flops.empty() ? 0 : task.cost.flops.evaluateReal(workload.axes).value_or(0);
}

int64_t drawSize(const Span &span, RandomStream &random)
{
    int64_t size = 0;
    switch (random.below(3)) {
    case 0: size = kEdges[random.below(kEdges.size())]; break;
    case 1: size = span.high - random.below(4); break;
    default: {
        const double low = std::log(static_cast<double>(span.low)),
                     high = std::log(static_cast<double>(span.high));
        size = std::llround(std::exp(low + (high - low) * random.uniform()));
    }
    }
    return std::clamp(size, span.low, span.high);
}

bool isKnown(const Task &task, const std::vector<Workload> &drawn, const Workload &shape)
{
    const auto same = [&](const Workload &other) {
        return other.axes == shape.axes && other.scalars == shape.scalars;
    };
    return std::any_of(task.workloads.begin(), task.workloads.end(), same)
        || std::any_of(drawn.begin(), drawn.end(), same);
}

/// A name that workloads may have, the same for the same shape: it decides the data.
std::string nameOf(const Task &task, const Workload &shape)
{
    constexpr size_t kDigits = 12;
    return "shape-" + sha256Hex(shapeText(task, shape)).substr(0, kDigits);
}

Status setValue(const Task &task, std::string_view name, std::string_view value, Workload &workload)
{
    const auto fault = [&](std::string why, std::string remedy) -> Status {
        return failure(ErrorCode::BadInput,
                       value.data() == nullptr ? fmt::format("cannot read the shape's '{}'", name)
                                               : fmt::format("cannot read the shape's '{}={}'", name, value),
                       std::move(why), std::move(remedy));
    };
    const char *end = value.data() + value.size();
    for (const Axis &axis : task.axes) {
        if (axis.name != name)
            continue;
        int64_t size = 0;
        if (axis.value)
            return fault(fmt::format("the axis is always {}", *axis.value), "Leave it out");
        if (const auto read = std::from_chars(value.data(), end, size);
            read.ptr != end || read.ec != std::errc())
            return fault("it is not a whole number", "Write it as NAME=VALUE,NAME=VALUE");
        workload.axes[axis.name] = size;
        return {};
    }
    for (const TensorSpec &input : task.inputs) {
        if (!input.isScalar || input.name != name)
            continue;
        double number = 0;
        if (const auto read = std::from_chars(value.data(), end, number);
            read.ptr != end || read.ec != std::errc())
            return fault("it is not a number", "Write it as NAME=VALUE,NAME=VALUE");
        workload.scalars[input.name] = number;
        return {};
    }
    std::vector<std::string> names;
    for (const Axis *axis : varying(task))
        names.push_back(axis->name);
    return fault(fmt::format("the task '{}' has no such axis or scalar", task.name),
                 fmt::format("Its axes are {}", fmt::join(names, ", ")));
}

} // namespace

std::string shapeText(const Task &task, const Workload &workload)
{
    std::vector<std::string> parts;
    for (const Axis *axis : varying(task))
        parts.push_back(fmt::format("{}={}", axis->name, axisOf(workload, axis->name)));
    for (const TensorSpec &input : task.inputs) {
        const auto value = workload.scalars.find(input.name);
        if (input.isScalar && value != workload.scalars.end())
            parts.push_back(fmt::format("{}={}", input.name, value->second));
    }
    return fmt::format("{}", fmt::join(parts, ","));
}

Result<Workload> workloadOfShape(const Task &task, std::string_view text)
{
    if (task.workloads.empty())
        return failure(ErrorCode::BadInput, "cannot make a workload", "the task has none to start from");
    Workload workload;
    workload.timed = false;
    workload.scalars = task.workloads.front().scalars;
    for (const Axis &axis : task.axes) {
        if (axis.value)
            workload.axes[axis.name] = *axis.value;
    }
    for (size_t at = 0; at <= text.size();) {
        const size_t end = std::min(text.find(',', at), text.size());
        const std::string_view part = text.substr(at, end - at);
        const size_t equals = std::min(part.find('='), part.size());
        WW_CHECK(setValue(task, part.substr(0, equals),
                          equals < part.size() ? part.substr(equals + 1) : std::string_view(), workload));
        at = end + 1;
    }
    for (const Axis *axis : varying(task)) {
        if (!workload.axes.contains(axis->name))
            return failure(ErrorCode::BadInput, fmt::format("cannot use the shape '{}'", text),
                           fmt::format("it does not say how large the axis '{}' is", axis->name));
    }
    workload.name = nameOf(task, workload);
    if (const auto constraint = broken(task, workload))
        return failure(ErrorCode::BadInput, fmt::format("cannot use the shape '{}'", text),
                       fmt::format("it breaks the task's constraint '{}'", *constraint));
    return workload;
}

std::vector<Workload> hiddenShapes(const Task &task, uint64_t seed, size_t count)
{
    std::vector<Workload> shapes;
    const std::vector<const Axis *> axes = varying(task);
    if (task.workloads.empty() || axes.empty())
        return shapes;
    constexpr uint64_t kStream = 0x68696464656eull;
    RandomStream random(seed, kStream);
    int64_t mostElements = kSmallElements;
    double mostFlops = kSmallFlops;
    // A task whose fixed axes are large has no small shapes: what counts as small grows until some fit.
    for (int attempt = 0; attempt < 4 && shapes.size() < count; ++attempt) {
        for (int i = 0; i < kTries && shapes.size() < count; ++i) {
            const auto pick = random.below(static_cast<uint32_t>(task.workloads.size()));
            Workload shape = task.workloads[pick];
            shape.timed = false;
            for (const Axis *axis : axes)
                shape.axes[axis->name] = drawSize(spanOf(task, axis->name), random);
            shape.name = nameOf(task, shape);
            if (!broken(task, shape) && elementsOf(task, shape) <= mostElements
                && flopsOf(task, shape) <= mostFlops && !isKnown(task, shapes, shape))
                shapes.push_back(std::move(shape));
        }
        mostElements *= 16;
        mostFlops *= 16;
    }
    return shapes;
}

std::optional<Workload> neighbourShape(const Task &task, const Workload &workload, uint64_t seed)
{
    constexpr uint64_t kStream = 0x6e656172ull;
    RandomStream random(seed, kStream);
    const std::vector<const Axis *> axes = varying(task);
    std::optional<Workload> nearest;
    for (int i = 0; i < kTries && !axes.empty(); ++i) {
        Workload shape = workload;
        shape.timed = false;
        for (const Axis *axis : axes) {
            const int64_t size = axisOf(workload, axis->name);
            const auto less =
                static_cast<int64_t>(random.below(static_cast<uint32_t>(std::min<int64_t>(size / 8, 9) + 1)));
            shape.axes[axis->name] = std::max(size - less, spanOf(task, axis->name).low);
        }
        shape.name = nameOf(task, shape);
        if (shape.axes == workload.axes || broken(task, shape) || isKnown(task, {}, shape))
            continue;
        if (!nearest || elementsOf(task, shape) > elementsOf(task, *nearest))
            nearest = std::move(shape);
        if (i >= 20)
            break;
    }
    return nearest;
}

} // namespace ww
