// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/Bench.h"
#include "core/device/BoundWorkload.h"
#include "core/judge/Statistics.h"

namespace ww {

/// Times candidate and baseline interleaved on every timed workload (evaluation.md, 5): the last-level
/// cache flushed before each sample, ABBA blocks, adaptive end. Fills timing, speed-up, bound and the
/// trust records that timing gives.
[[nodiscard]] Outcome<void> runTiming(GateCase &gate, Bench &bench, ChildProcess &runner);

} // namespace ww
