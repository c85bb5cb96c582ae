// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/task/Task.h"

#include <nlohmann/json_fwd.hpp>

namespace ww {

/// The whole task as one document, sources included, as the worker protocol and the journal carry it.
[[nodiscard]] nlohmann::json taskToJson(const Task &task);

/// Reads what taskToJson() wrote, checking structure and types only; admitTask() does the rest.
[[nodiscard]] Result<Task> taskFromJson(const nlohmann::json &document);

} // namespace ww
