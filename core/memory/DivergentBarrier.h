// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string_view>

namespace ww {

/// The line of the first barrier that stands under a condition which differs between the work-items of a
/// group, or behind a return under one: not all of them reach it, and what happens then is anybody's guess.
/// Nothing where there is none, or where it takes more than reading to see: macros and helper functions are
/// not followed, and a loop whose own variable begins differently may still end at the same time for all.
[[nodiscard]] std::optional<int> divergentBarrier(std::string_view source);

} // namespace ww
