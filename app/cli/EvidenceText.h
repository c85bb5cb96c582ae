// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/judge/Evaluation.h"

#include <string>

namespace ww::cli {

/// The evidence record for a person at a terminal: verdict, stages, worst elements, timing, speed-up,
/// bound, trust. Every number has its unit.
[[nodiscard]] std::string evidenceText(const Evaluation &evaluation);

/// "24.6× [24.1, 25.0]", or the verdict's name where there is no speed-up.
[[nodiscard]] std::string outcomeText(const Evaluation &evaluation);

/// "512 µs", "1.25 ms": three significant digits in the unit that suits.
[[nodiscard]] std::string durationText(double microseconds);

} // namespace ww::cli
