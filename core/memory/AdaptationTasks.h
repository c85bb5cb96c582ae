// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/task/Task.h"

#include <string>
#include <vector>

namespace ww {

/// The task with its smallest workloads alone, of those that suit the kind of device, so that an attempt
/// takes little time: at most one that is timed and one that is not. Its name says so. Fails where there is
/// none.
[[nodiscard]] Result<Task> smallTask(const Task &task, const std::string &deviceKind);

/// Elements of all tensors of the task on that workload.
[[nodiscard]] Result<int64_t> elementsOf(const Task &task, const Workload &workload);

/// Small tasks of ours, each about one pattern that most kernels are made of: elementwise, a reduction of
/// rows, a transposition, a stencil, and a product with a vector. `language` is "opencl" or "cuda".
[[nodiscard]] Result<std::vector<Task>> patternTasks(const std::string &language);

} // namespace ww
