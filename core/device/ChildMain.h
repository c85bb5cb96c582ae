// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/Backend.h"

#include <string>
#include <vector>

namespace ww {

/// The whole life of a child process ("--child …"): jail itself, open the device, serve requests until
/// the channel ends. Gives the exit status.
[[nodiscard]] int childMain(const BackendDriver &driver, const std::vector<std::string> &arguments);

/// Gives up root for the user with this number, then becomes the program (arguments: "UID" then the
/// command). Returns only when that failed.
[[nodiscard]] int dropPrivilegesMain(const std::vector<std::string> &arguments);

} // namespace ww
