// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/Bench.h"
#include "core/device/GateTypes.h"

namespace ww {

/// The last stage: is the time the time of the work? The physics floor for every candidate; probes that cost
/// launches and a build for those that claim a gain over `probesAbove`. A result or a time that depends on
/// more than the launch's inputs is a RewardHack, one that only cannot be believed Suspect. Messages do not
/// tell what was probed.
[[nodiscard]] Outcome<void> runTrust(GateCase &gate, Bench &bench, ChildProcess &runner);

} // namespace ww
