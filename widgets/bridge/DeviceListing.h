// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/worker/Messages.h"

#include <vector>

namespace ww::ui {

/// The devices that the workers beside this program can use; blocks for seconds, for background threads.
[[nodiscard]] Result<std::vector<Capabilities>> listDevices();

} // namespace ww::ui
