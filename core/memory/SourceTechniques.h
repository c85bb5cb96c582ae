// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/candidate/Candidate.h"

#include <set>
#include <string>
#include <string_view>

namespace ww {

/// Techniques that a source shows by its words, comments aside: "vector loads", "local memory", ….
[[nodiscard]] std::set<std::string> techniquesIn(std::string_view source);

/// What was done between two candidates, in words: techniques that came or went, or one tunable that was
/// changed. Empty when nothing is seen, or more than two things at once, so that no one of them earned the
/// gain.
[[nodiscard]] std::string techniqueBetween(const Candidate &before, const Candidate &after);

} // namespace ww
