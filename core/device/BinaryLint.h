// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/judge/Evaluation.h"
#include "core/task/Task.h"

#include <map>
#include <string>
#include <vector>

namespace ww {

/// What the compiled program gives reason to look at, from its resources as a backend notes them ("features",
/// "device_variable_bytes"): clocks it reads, matrix units of lower precision than the task allows, memory of
/// its own that outlives a launch. Flags only: each of them can be honest. Nothing where a backend notes
/// none.
[[nodiscard]] std::vector<TrustRecord> lintBinary(const Task &task,
                                                  const std::map<std::string, std::string> &resources);

} // namespace ww
