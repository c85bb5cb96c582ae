// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/task/Task.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace ww {

/// The kinds of input data a candidate is checked on (evaluation.md, 4).
enum class DataSet {
    Default, ///< as the task declares
    Shifted, ///< real tensors uniform in [0.1, 1]: kills shortcuts that rely on a mean of zero
    Exact, ///< small whole numbers, so that a linear task has an exact answer
};
/// "default", "shifted", "exact".
[[nodiscard]] const char *toString(DataSet set);

/// The sets that make sense for the task: Exact needs a linear one, both others real inputs that the
/// task does not declare as whole numbers (indices, masks).
[[nodiscard]] std::vector<DataSet> dataSetsOf(const Task &task);

/// The key of one tensor's data. Any change to any part gives unrelated data.
[[nodiscard]] uint64_t fillKey(uint64_t seed, std::string_view workload, DataSet set,
                               std::string_view tensor);

/// Writes elements first, first + 1, … of the tensor to `out`, whose size decides how many. A pure
/// function of its arguments (Philox4x32-10 at counter = element): any part can be made anywhere, at any
/// time. The tensor's fill is bound to its workload (withBoundFill()). Normal data go through the C library's log and cos in double precision.
void fillElements(const TensorSpec &tensor, DataSet set, uint64_t key, int64_t first,
                  std::span<std::byte> out);

} // namespace ww
