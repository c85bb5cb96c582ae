// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/candidate/LaunchPlan.h"

#include <string>
#include <string_view>
#include <vector>

namespace ww {

/// Reads `directory`/task.json with its kernels and admits it: missing files or tensors, unknown
/// dtypes and keys, shapes that do not evaluate, workloads that break a constraint, plans that do not
/// parse are refused with file, line where known, reason and remedy.
[[nodiscard]] Result<Task> loadTask(const std::string &directory, std::string_view language = "opencl");

/// The checks of loadTask() on a task that came over a wire or was made in memory.
[[nodiscard]] Status admitTask(const Task &task);

/// Every task in the direct subfolders of `root` that hold a task.json, by name; a broken one is in
/// `problems` and does not hide the others.
struct TaskListing {
    std::vector<Task> tasks;
    std::vector<Error> problems;
};
[[nodiscard]] Result<TaskListing> listTasks(const std::string &root, std::string_view language = "opencl");

} // namespace ww
