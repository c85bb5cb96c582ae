// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/Supervisor.h"

#include <string>
#include <vector>

namespace ww {

/// Reads the command line of a backend's worker. An option that does not exist, or a bad value, is BadInput.
[[nodiscard]] Result<WorkerOptions> parseWorkerArguments(const std::string &backend,
                                                         const std::vector<std::string> &arguments);

/// What --help prints.
[[nodiscard]] std::string workerUsage(const std::string &backend);

} // namespace ww
