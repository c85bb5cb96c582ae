// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/memory/Memory.h"
#include "core/memory/MemoryReader.h"

namespace ww {

/// A rule that may be offered, and how well it fits the query (0 and up).
struct RankedRule {
    Rule rule;
    double strength = 0;
    double relevance = 0;
};

/// The text for a prompt: pinned rules first, then by strength · (1 + relevance), then techniques by how sure
/// their gain is; whole lines only, at most query.maxCharacters bytes. A pure function.
[[nodiscard]] MemoryOffer composeOffer(std::vector<RankedRule> rules,
                                       const std::vector<Technique> &techniques, const MemoryQuery &query);

} // namespace ww
