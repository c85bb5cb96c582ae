// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/WorkloadData.h"

#include <fmt/format.h>

#include <algorithm>

namespace ww {

std::string DataKey::text() const
{
    return fmt::format("{}\n{}\n{}\n{}", task.hash, workload.name, toString(set), seed);
}

std::string DataKey::place() const
{
    return hidden ? "on a shape that the task allows" : fmt::format("on workload '{}'", workload.name);
}

std::vector<int64_t> shapeOf(const TensorSpec &tensor, const Workload &workload)
{
    std::vector<int64_t> shape;
    for (const Expression &dimension : tensor.shape)
        shape.push_back(dimension.evaluate(workload.axes).value_or(0));
    return shape;
}

Result<std::shared_ptr<const InputData>> WorkloadData::inputs(const DataKey &key)
{
    const std::string name = key.text();
    if (auto kept = m_inputs.find(name))
        return kept;
    auto data = std::make_shared<InputData>();
    size_t bytes = 0;
    for (const TensorSpec &tensor : key.task.inputs) {
        if (tensor.isScalar)
            continue;
        WW_TRY(const TensorSpec bound, withBoundFill(tensor, key.workload.axes));
        const int64_t count = bound.fill.count;
        WW_TRY(SharedMemory memory, SharedMemory::create(static_cast<size_t>(count) * sizeOf(tensor.dtype)));
        const DataSet set = setOfInput(key.task, tensor, key.set, key.seed, key.workload.name);
        fillElements(bound, shapeOf(tensor, key.workload), set,
                     fillKey(key.seed, key.workload.name, key.set, tensor.name), 0, memory.bytes());
        WW_CHECK(memory.freeze());
        bytes += memory.bytes().size();
        data->tensors.push_back(std::move(memory));
    }
    m_inputs.keep(name, data, bytes);
    return data;
}

std::shared_ptr<const ExpectedData> WorkloadData::expected(const DataKey &key)
{
    return m_expected.find(key.text());
}

Result<std::shared_ptr<const InputData>> WorkloadData::nudgedInputs(const DataKey &key)
{
    WW_TRY(const std::shared_ptr<const InputData> whole, inputs(key));
    auto data = std::make_shared<InputData>();
    size_t next = 0;
    for (const TensorSpec &tensor : key.task.inputs) {
        if (tensor.isScalar)
            continue;
        const std::span<const std::byte> from = whole->tensors[next++].bytes();
        WW_TRY(SharedMemory memory, SharedMemory::create(from.size()));
        std::copy(from.begin(), from.end(), memory.bytes().begin());
        nudgeElements(tensor.dtype, fillKey(key.seed, key.workload.name, key.set, tensor.name + " nudged"),
                      memory.bytes());
        WW_CHECK(memory.freeze());
        data->tensors.push_back(std::move(memory));
    }
    return data;
}

std::shared_ptr<const ExpectedData> WorkloadData::keepExpected(const DataKey &key, ExpectedData data)
{
    size_t bytes = 0;
    for (const std::vector<std::byte> &output : data.outputs)
        bytes += output.size();
    auto kept = std::make_shared<const ExpectedData>(std::move(data));
    m_expected.keep(key.text(), kept, bytes);
    return kept;
}

} // namespace ww
