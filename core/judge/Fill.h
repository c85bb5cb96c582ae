// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/task/Task.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ww {

/// The kinds of input data a candidate is checked on (evaluation.md, 4).
enum class DataSet {
    Default, ///< as the task declares
    Exact, ///< small whole numbers, so that a linear task has an exact answer
    Shifted, ///< real tensors uniform in [0.1, 1]: kills shortcuts that rely on a mean of zero
    Impulse, ///< one input is zero but for an element, a row or a column somewhere: finds what is skipped
    Mixed, ///< rows a thousand times larger and smaller side by side (fp16: sixteen times)
    Structured, ///< all equal, all zero, sorted, or few different values
};
/// "default", "shifted", "exact", …
[[nodiscard]] const char *toString(DataSet set);
[[nodiscard]] std::optional<DataSet> dataSetFromName(std::string_view name);
/// Every name, for messages and options.
[[nodiscard]] std::vector<std::string> dataSetNames();

/// The sets that make sense for the task: Exact needs a linear one, all but Default real inputs that the
/// task does not declare as whole numbers (indices, masks).
[[nodiscard]] std::vector<DataSet> dataSetsOf(const Task &task);

/// What one input is drawn from while the task is on `set`: of Impulse one input, which seed and workload
/// decide, has the impulse; the others are Exact on a linear task and else Default.
[[nodiscard]] DataSet setOfInput(const Task &task, const TensorSpec &input, DataSet set, uint64_t seed,
                                 std::string_view workload);

/// The key of one tensor's data. Any change to any part gives unrelated data.
[[nodiscard]] uint64_t fillKey(uint64_t seed, std::string_view workload, DataSet set,
                               std::string_view tensor);

/// Writes elements first, first + 1, … of a tensor of that shape to `out`, whose size decides how many. A
/// pure function of its arguments (Philox4x32-10 at counter = element): any part can be made anywhere, at
/// any time. The tensor's fill is bound to its workload (withBoundFill()). Normal data go through the C
/// library's log and cos in double precision.
void fillElements(const TensorSpec &tensor, const std::vector<int64_t> &shape, DataSet set, uint64_t key,
                  int64_t first, std::span<std::byte> out);

/// Moves every number of a real type to a neighbour in that type, up or down as the key decides; zeros,
/// what is not finite and integers stay. The change of a result under it measures how much of an error is
/// the data's own.
void nudgeElements(DType type, uint64_t key, std::span<std::byte> data);

} // namespace ww
