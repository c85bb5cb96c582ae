// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/WorkloadData.h"

#include <fmt/format.h>

namespace ww {

std::string DataKey::text() const
{
    return fmt::format("{}\n{}\n{}\n{}", task.hash, workload.name, toString(set), seed);
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
        fillElements(bound, key.set, fillKey(key.seed, key.workload.name, key.set, tensor.name), 0,
                     memory.bytes());
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

std::shared_ptr<const ExpectedData> WorkloadData::keepExpected(const DataKey &key,
                                                               std::vector<std::vector<std::byte>> outputs)
{
    auto data = std::make_shared<ExpectedData>();
    size_t bytes = 0;
    for (size_t i = 0; i < outputs.size(); ++i) {
        bytes += outputs[i].size();
        data->facts.push_back(factsOf(key.task.outputs[i].dtype, outputs[i]));
    }
    data->outputs = std::move(outputs);
    m_expected.keep(key.text(), data, bytes);
    return data;
}

} // namespace ww
