// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/Bench.h"
#include "core/device/GateTypes.h"

namespace ww {

/// Counts what the candidate does on the timed workload with the most bytes, in a runner that times nothing,
/// where the request asks for it; adds the profile with its bottleneck. Counters are a luxury: where they
/// cannot be had the stage is skipped with the reason and what to do. Fails only when cancelled.
[[nodiscard]] Outcome<void> runProfile(GateCase &gate, Bench &bench);

} // namespace ww
