// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/Backend.h"

namespace ww {

/// Devices through OpenCL: PoCL on the CPU, and any other driver that is installed.
[[nodiscard]] BackendDriver openClDriver();

} // namespace ww
