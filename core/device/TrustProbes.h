// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/Bench.h"
#include "core/device/GateTypes.h"

namespace ww {

/// The probes of a candidate that claims a gain, on its timed workload with the largest ratio. Each adds its
/// line to the trust records; a wrong result is a Stop.
///  - state: inputs x1, x2, x1, data whose first values are those of x1, then x1 in a module loaded afresh:
///  right
///    each time, and no slower there;
///  - time against data: other data sets on the same shape take about as long;
///  - hidden-shape time: a shape next to the timed one takes about as long per byte, and is right.
[[nodiscard]] Outcome<void> runGainProbes(GateCase &gate, Bench &bench, ChildProcess &runner);

} // namespace ww
