// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/Bench.h"
#include "core/device/GateTypes.h"

namespace ww {

/// Sets the task's library baseline, where it has one, beside the times in the evaluation: measured in the
/// runner that meets no candidate, checked for right results, and kept for later evaluations. Where the
/// library cannot be had the record says why. Fails only when cancelled. The caller holds the device.
[[nodiscard]] Outcome<void> compareWithLibrary(GateCase &gate, Bench &bench);

} // namespace ww
