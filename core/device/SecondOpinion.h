// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/Bench.h"
#include "core/device/GateTypes.h"

namespace ww {

/// Times the plan otherwise than the figure that counts, where the device can: replayed from a graph, as
/// timing records of mode "graph"; and, in a runner that ends with this evaluation (request.freshRunner), by
/// the device's own records of its kernels, which is noted beside the events' figure. A disagreement of the
/// two, or kernels that the plan does not have, are findings for people. What cannot be had is said and fails
/// nothing. The caller holds the device.
[[nodiscard]] Outcome<void> runSecondOpinion(GateCase &gate, Bench &bench, ChildProcess &runner);

} // namespace ww
