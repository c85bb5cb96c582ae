// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/Bench.h"
#include "core/device/GateTypes.h"

#include <optional>

namespace ww {

/// Takes one candidate through the gate: intake, compile, smoke, correctness, timing, trust, as far as the
/// request wants. Gives the evidence record, or nothing when it was cancelled.
[[nodiscard]] std::optional<Evaluation> evaluate(const EvaluateRequest &request, Bench &bench,
                                                 const GateListener &listener,
                                                 const Cancellation &cancellation);

} // namespace ww
