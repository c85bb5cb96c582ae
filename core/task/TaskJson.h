// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/task/Task.h"

#include <nlohmann/json_fwd.hpp>

namespace ww {

/// The whole task as one document, sources included, as the worker protocol and the journal carry it:
/// the keys of task.json with axes, inputs and outputs as lists (each item has its "name") so that their
/// order survives, and "reference", "baseline", "variants" as {name, path, text}.
[[nodiscard]] nlohmann::json taskToJson(const Task &task);

/// Reads what taskToJson() wrote, checking structure and types only; admitTask() does the rest. The hash
/// is computed afresh.
[[nodiscard]] Result<Task> taskFromJson(const nlohmann::json &document);

/// Reads the content of a task.json, in which axes, inputs and outputs are objects by name. Kernels,
/// lesson, language and hash are left to the caller.
[[nodiscard]] Result<Task> taskFromFileJson(const nlohmann::ordered_json &document);

/// SHA-256 over everything that defines the problem: all but variants, lesson, directory and paths.
[[nodiscard]] std::string taskHash(const Task &task);

} // namespace ww
