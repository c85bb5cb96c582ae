// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/Supervisor.h"

#include <string>
#include <vector>

namespace ww {

/// Reads the worker's command line. An option that does not exist, or a bad value, is BadInput.
[[nodiscard]] Result<WorkerOptions> parseWorkerArguments(const std::vector<std::string> &arguments);

/// What --help prints.
[[nodiscard]] const char *workerUsage();

} // namespace ww
