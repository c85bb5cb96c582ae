// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/journal/Session.h"

#include <memory>
#include <optional>

namespace ww {

/// A candidate that is not yet in the tree.
struct Proposal {
    std::string source;
    Parameters parameters;
    std::string title; ///< short, for the tree
    std::string origin; ///< who made it, for provenance
    std::optional<MemoryUse> memory {}; ///< what memory offered to the prompt
};

/// Makes candidates; what it may look at is the session so far. Deterministic in (session, move, seed,
/// step) where it needs no network.
class Proposer {
public:
    virtual ~Proposer() = default;
    [[nodiscard]] virtual std::string name() const = 0;
    /// A new candidate for the move; nothing when this kind of move has none left to offer here.
    [[nodiscard]] virtual Result<std::optional<Proposal>> propose(const Session &session, const Move &move,
                                                                  uint64_t seed, int step) = 0;
};

/// The task's own catalogue: a large step takes another variant (untried first), a small step changes
/// one or two tunables of the parent. Never proposes what the session already holds.
[[nodiscard]] std::unique_ptr<Proposer> makeCatalogueProposer();

/// The proposer of that name, or an error that lists those there are.
[[nodiscard]] Result<std::unique_ptr<Proposer>> makeProposer(const std::string &name);

} // namespace ww
