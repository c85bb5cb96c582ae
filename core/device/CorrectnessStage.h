// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/Bench.h"
#include "core/device/GateTypes.h"

namespace ww {

/// The sets that a shape is checked on: all for small ones. Large ones see the default, the one that finds
/// most (whole numbers, else shifted) and one more that the seed decides.
[[nodiscard]] std::vector<DataSet> dataSetsFor(const GateCase &gate, const Workload &workload);

/// The smallest workload once, on poisoned memory between red zones.
[[nodiscard]] Outcome<void> runSmoke(GateCase &gate, Bench &bench, ChildProcess &runner);

/// Every shape on its data sets, pointers moved; on the default set twice with different poison, so that
/// reads of what was never written show. Small shapes see every set, large ones three: enough to be sure,
/// within about 2^20 elements a candidate.
[[nodiscard]] Outcome<void> runCorrectness(GateCase &gate, Bench &bench, ChildProcess &runner);

} // namespace ww
