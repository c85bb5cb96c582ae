// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/worker/Messages.h"

#include <stop_token>
#include <vector>

namespace ww::ui {

/// The devices that the workers beside this program can use; blocks for seconds, for background threads.
/// Cancelled after a stop request.
[[nodiscard]] Result<std::vector<Capabilities>> listDevices(const std::stop_token &stop);

} // namespace ww::ui
