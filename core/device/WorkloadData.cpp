// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/WorkloadData.h"

#include "core/base/Machine.h"
#include "core/judge/Digest.h"

#include <fmt/format.h>

#include <algorithm>

#include <sys/resource.h>

namespace ww {
namespace {

constexpr size_t kMostExpected = 2000;

/// Each tensor holds a descriptor; a task has few of them, and other things need some too. A search takes
/// turns between several seeds, each with a few sets on a dozen shapes: for less, nothing would ever be found
/// again.
size_t mostInputs()
{
    constexpr rlim_t kWanted = 16384, kTensors = 16;
    rlimit limit {};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 64;
    // Raising what may be open costs nothing; children have limits of their own.
    limit.rlim_cur = std::max(limit.rlim_cur, std::min(limit.rlim_max, kWanted));
    [[maybe_unused]] const int raised = ::setrlimit(RLIMIT_NOFILE, &limit);
    return std::clamp<size_t>(limit.rlim_cur / kTensors, 32, 1000);
}

/// What one cache may take.
size_t mostBytes()
{
    constexpr uint64_t kLeast = uint64_t {512} << 20, kMost = uint64_t {8} << 30;
    constexpr uint64_t kShare = 10;
    return std::clamp(memoryOfThisMachine() / kShare, kLeast, kMost);
}

} // namespace

Status InputData::add(SharedMemory memory)
{
    digests.push_back(digestOf(std::as_const(memory).bytes(), key));
    WW_CHECK(memory.freeze());
    tensors.push_back(std::move(memory));
    return {};
}

WorkloadData::WorkloadData() : m_inputs(mostBytes(), mostInputs()), m_expected(mostBytes(), kMostExpected) { }

std::string DataKey::text() const
{
    return fmt::format("{}\n{}\n{}\n{}{}", task.hash, workload.name, toString(set), seed,
                       twinOf ? fmt::format("\ntwin of {}", *twinOf) : "");
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

Result<SharedMemory> WorkloadData::fill(const DataKey &key, const TensorSpec &tensor) const
{
    WW_TRY(const TensorSpec bound, withBoundFill(tensor, key.workload.axes));
    const size_t width = sizeOf(tensor.dtype);
    WW_TRY(SharedMemory memory, SharedMemory::create(static_cast<size_t>(bound.fill.count) * width));
    const std::vector<int64_t> shape = shapeOf(tensor, key.workload);
    const auto fillWith = [&](uint64_t seed, std::span<std::byte> out) {
        const DataSet set = setOfInput(key.task, tensor, key.set, seed, key.workload.name);
        fillElements(bound, shape, set, fillKey(seed, key.workload.name, key.set, tensor.name), 0, out);
    };
    fillWith(key.twinOf && !isFloat(tensor.dtype) ? *key.twinOf : key.seed, memory.bytes());
    if (!key.twinOf || !isFloat(tensor.dtype))
        return memory;
    Bytes other(memory.bytes().size());
    fillWith(*key.twinOf, other);
    const auto keep = [&](size_t first, size_t count) {
        const size_t begin = std::min(first * width, other.size()),
                     end = std::min((first + count) * width, other.size());
        std::copy(other.data() + begin, other.data() + end, memory.bytes().data() + begin);
    };
    constexpr size_t kEnds = 16;
    const auto elements = static_cast<size_t>(bound.fill.count);
    const size_t row = shape.empty() ? elements : static_cast<size_t>(std::max<int64_t>(shape.back(), 1));
    // A row must have a middle left to differ in.
    for (size_t first = 0; row > 2 && first < elements; first += row) {
        keep(first, 1);
        keep(first + row - 1, 1);
    }
    if (elements > 3 * kEnds) {
        keep(0, kEnds);
        keep(elements - kEnds, kEnds);
    }
    return memory;
}

Result<std::shared_ptr<const InputData>> WorkloadData::inputs(const DataKey &key)
{
    const std::string name = key.text();
    if (auto kept = m_inputs.find(name))
        return kept;
    auto data = std::make_shared<InputData>(fillKey(key.seed, key.workload.name, key.set, "digest"));
    size_t bytes = 0;
    for (const TensorSpec &tensor : key.task.inputs) {
        if (tensor.isScalar)
            continue;
        WW_TRY(SharedMemory memory, fill(key, tensor));
        bytes += memory.bytes().size();
        WW_CHECK(data->add(std::move(memory)));
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
    auto data = std::make_shared<InputData>(fillKey(key.seed, key.workload.name, key.set, "nudged digest"));
    size_t next = 0;
    for (const TensorSpec &tensor : key.task.inputs) {
        if (tensor.isScalar)
            continue;
        const std::span<const std::byte> from = whole->tensors[next++].bytes();
        WW_TRY(SharedMemory memory, SharedMemory::create(from.size()));
        copyBytes(from, memory.bytes());
        nudgeElements(tensor.dtype, fillKey(key.seed, key.workload.name, key.set, tensor.name + " nudged"),
                      memory.bytes());
        WW_CHECK(data->add(std::move(memory)));
    }
    return data;
}

std::shared_ptr<const ExpectedData> WorkloadData::keepExpected(const DataKey &key, ExpectedData data)
{
    size_t bytes = 0;
    for (const Bytes &output : data.outputs)
        bytes += output.size();
    auto kept = std::make_shared<const ExpectedData>(std::move(data));
    m_expected.keep(key.text(), kept, bytes);
    return kept;
}

} // namespace ww
