// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/task/Task.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace ww {
namespace {

struct TypeFacts {
    DType type;
    const char *name;
    size_t bytes;
    bool isFloat;
};

constexpr TypeFacts kTypes[] = {
    {DType::Float64, "float64", 8, true}, {DType::Float32, "float32", 4, true},
    {DType::Float16, "float16", 2, true}, {DType::BFloat16, "bfloat16", 2, true},
    {DType::Float8E4M3, "float8_e4m3", 1, true}, {DType::Float8E5M2, "float8_e5m2", 1, true},
    {DType::Int32, "int32", 4, false},    {DType::Int8, "int8", 1, false},
};

constexpr int64_t kMaxElements = int64_t {1} << 40;

const TypeFacts &factsOf(DType type)
{
    return *std::find_if(std::begin(kTypes), std::end(kTypes),
                         [type](const TypeFacts &facts) { return facts.type == type; });
}

template <class Named> const Named *findByName(const std::vector<Named> &items, std::string_view name)
{
    const auto found =
        std::find_if(items.begin(), items.end(), [name](const Named &item) { return item.name == name; });
    return found == items.end() ? nullptr : &*found;
}

} // namespace

size_t sizeOf(DType type)
{
    return factsOf(type).bytes;
}

bool isFloat(DType type)
{
    return factsOf(type).isFloat;
}

const char *toString(DType type)
{
    return factsOf(type).name;
}

std::optional<DType> dtypeFromName(std::string_view name)
{
    for (const TypeFacts &facts : kTypes) {
        if (name == facts.name)
            return facts.type;
    }
    return std::nullopt;
}

const Workload *Task::findWorkload(std::string_view workload) const
{
    return findByName(workloads, workload);
}

const TensorSpec *Task::findTensor(std::string_view tensor) const
{
    const TensorSpec *input = findByName(inputs, tensor);
    return input ? input : findByName(outputs, tensor);
}

Result<int64_t> elementCount(const TensorSpec &tensor, const Bindings &axes)
{
    const std::string what = fmt::format("cannot size the tensor '{}'", tensor.name);
    int64_t count = 1;
    for (size_t i = 0; i < tensor.shape.size(); ++i) {
        const Result<int64_t> size = tensor.shape[i].evaluate(axes);
        if (!size)
            return failure(ErrorCode::BadInput, what,
                           fmt::format("dimension {} of it: {}", i + 1, size.error().message()));
        if (*size < 0)
            return failure(
                ErrorCode::BadInput, what,
                fmt::format("dimension {} of it, '{}', is {}", i + 1, tensor.shape[i].text(), *size));
        if (__builtin_mul_overflow(count, *size, &count) || count > kMaxElements)
            return failure(ErrorCode::BadInput, what, "it has more than 2^40 elements");
    }
    return count;
}

Result<TensorSpec> withBoundFill(const TensorSpec &tensor, const Bindings &axes)
{
    TensorSpec bound = tensor;
    Fill &fill = bound.fill;
    if (!fill.bound.empty()) {
        const std::string what = fmt::format("cannot fill the tensor '{}'", tensor.name);
        const Result<int64_t> high = fill.bound.evaluate(axes);
        if (!high)
            return failure(ErrorCode::BadInput, what, high.error().message());
        fill.high = static_cast<double>(*high);
        if (fill.high < fill.low || *high > INT32_MAX)
            return failure(ErrorCode::BadInput, what,
                           fmt::format("its highest value, '{}', is {}, and must be from {} to {}",
                                       fill.bound.text(), *high, fill.low, INT32_MAX));
    }
    WW_TRY(fill.count, elementCount(tensor, axes));
    return bound;
}

bool suits(const Workload &workload, std::string_view deviceKind)
{
    return workload.device.empty() || (workload.device == "cpu") == (deviceKind == "cpu");
}

} // namespace ww
