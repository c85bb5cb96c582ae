// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/Backend.h"

namespace ww {

/// NVIDIA GPUs through the driver's own interface, and their compiler without any.
[[nodiscard]] BackendDriver cudaDriver();

} // namespace ww
