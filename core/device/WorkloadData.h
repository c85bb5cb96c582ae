// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/LruCache.h"
#include "core/device/SharedMemory.h"
#include "core/judge/Compare.h"
#include "core/judge/ElementTypes.h"
#include "core/judge/Fill.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ww {

/// One data set of one workload: what decides every input bit.
struct DataKey {
    const Task &task;
    const Workload &workload;
    DataSet set = DataSet::Default;
    uint64_t seed = 1;
    bool hidden = false; ///< drawn for this run: messages to a proposer must not name it
    /// Set: real tensors have the ends of every row, and of the tensor, in common with this seed's data, and
    /// whole numbers are all the same. Who takes data for known by their first values takes them for those.
    std::optional<uint64_t> twinOf {};

    [[nodiscard]] std::string text() const;
    /// "on workload 'small'", or words that do not tell a hidden shape.
    [[nodiscard]] std::string place() const;
};

/// The tensor's dimensions on the workload.
[[nodiscard]] std::vector<int64_t> shapeOf(const TensorSpec &tensor, const Workload &workload);

/// Input tensors, frozen: runners see the same pages and cannot change them.
struct InputData {
    explicit InputData(uint64_t digestKey) : key(digestKey) { }
    /// Freezes the memory and adds it as the next tensor.
    [[nodiscard]] Status add(SharedMemory memory);

    std::vector<SharedMemory> tensors; ///< one per input that is no scalar, in the task's order
    std::vector<uint64_t> digests; ///< of each, with `key`
    uint64_t key;
};

/// What the reference gave, with what comparisons need. Lives in the supervisor alone.
struct ExpectedData {
    Tensors outputs; ///< in the task's order
    std::vector<ExpectedFacts> facts;
    std::vector<double> slack; ///< of each output: what rounding the inputs changes, absolute
    bool usable = true; ///< false: no numbers, or nothing but rounding: judges nobody
};

/// Inputs and expected values that a warm evaluation need not make again. Bounded in bytes: each kind may
/// take a tenth of the machine's memory, at least half a gigabyte and at most eight.
class WorkloadData {
public:
    WorkloadData();
    /// Makes the inputs, or gives the kept ones.
    [[nodiscard]] Result<std::shared_ptr<const InputData>> inputs(const DataKey &key);
    /// The inputs with every number moved to a neighbour.
    [[nodiscard]] Result<std::shared_ptr<const InputData>> nudgedInputs(const DataKey &key);
    /// The expected values, if they are kept.
    [[nodiscard]] std::shared_ptr<const ExpectedData> expected(const DataKey &key);
    /// Keeps the values and what is known of them.
    std::shared_ptr<const ExpectedData> keepExpected(const DataKey &key, ExpectedData data);

private:
    [[nodiscard]] Result<SharedMemory> fill(const DataKey &key, const TensorSpec &tensor) const;

    LruCache<InputData> m_inputs;
    LruCache<ExpectedData> m_expected;
};

} // namespace ww
