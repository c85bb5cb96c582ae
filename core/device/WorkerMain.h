// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/Backend.h"

#include <string>
#include <vector>

namespace ww {

/// The whole program of a worker for one backend: supervisor, or one of its children. Gives the exit status.
[[nodiscard]] int workerMain(const BackendDriver &driver, const std::vector<std::string> &arguments);

} // namespace ww
