// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/Bench.h"
#include "core/device/GateTypes.h"

namespace ww {

/// Times of the golden kernels (GoldenRequest), µs, in the runner that is asked.
struct GoldenTimes {
    double readUs = 0, fmaUs = 0;
    bool wrong = false; ///< the process no longer computes right
};
[[nodiscard]] Outcome<GoldenTimes> runGolden(ChildProcess &runner, const Cancellation &cancellation);

/// How far the machine's pace moved, as a share: the larger change of the two kernels, up or down.
[[nodiscard]] double driftBetween(const GoldenTimes &before, const GoldenTimes &after);

/// What one kernel seems to differ from itself: the 95th percentile of |ratio of medians − 1| over random
/// halvings of its samples. 0 for fewer than four.
[[nodiscard]] double noiseFloorOf(const std::vector<float> &us, uint64_t seed);

/// Runs the golden kernels against themselves in the reference's runner, about half a second; 0 when they
/// cannot be run.
[[nodiscard]] double measureNoiseFloor(Bench &bench, const Cancellation &cancellation);

} // namespace ww
