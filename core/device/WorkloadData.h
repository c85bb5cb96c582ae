// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/LruCache.h"
#include "core/device/SharedMemory.h"
#include "core/judge/Compare.h"
#include "core/judge/Fill.h"

#include <memory>
#include <string>
#include <vector>

namespace ww {

/// One data set of one workload: what decides every input bit.
struct DataKey {
    const Task &task;
    const Workload &workload;
    DataSet set = DataSet::Default;
    uint64_t seed = 1;

    [[nodiscard]] std::string text() const;
};

/// Input tensors, frozen: runners see the same pages and cannot change them.
struct InputData {
    std::vector<SharedMemory> tensors; ///< one per input that is no scalar, in the task's order
};

/// What the reference gave, with what comparisons need. Lives in the supervisor alone.
struct ExpectedData {
    std::vector<std::vector<std::byte>> outputs; ///< in the task's order
    std::vector<ExpectedFacts> facts;
};

/// Inputs and expected values that a warm evaluation need not make again. Bounded in bytes, a
/// gigabyte for both together.
class WorkloadData {
public:
    /// Makes the inputs, or gives the kept ones.
    [[nodiscard]] Result<std::shared_ptr<const InputData>> inputs(const DataKey &key);
    /// The expected values, if they are kept.
    [[nodiscard]] std::shared_ptr<const ExpectedData> expected(const DataKey &key);
    /// Works out the facts and keeps the values.
    std::shared_ptr<const ExpectedData> keepExpected(const DataKey &key,
                                                     std::vector<std::vector<std::byte>> outputs);

private:
    static constexpr size_t kMostBytes = size_t {512} << 20;
    // Each tensor holds a descriptor.
    static constexpr size_t kMostEntries = 200;
    LruCache<InputData> m_inputs {kMostBytes, kMostEntries};
    LruCache<ExpectedData> m_expected {kMostBytes, kMostEntries};
};

} // namespace ww
