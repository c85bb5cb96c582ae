// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/opencl/ClBinding.h"

namespace ww {

/// Runs a plan and waits for it. `phase` hears when a driver that generates code at the first launch
/// (PoCL) is through with it and kernel code begins.
[[nodiscard]] ClResult<void> runWatched(const ClDevice &device, const std::vector<ClLaunch> &launches,
                                        const PhaseListener &phase);

/// Runs a plan and gives the device time from the start of its first kernel to the end of its last, µs,
/// from event time stamps.
[[nodiscard]] ClResult<float> runTimed(const ClDevice &device, const std::vector<ClLaunch> &launches);

} // namespace ww
