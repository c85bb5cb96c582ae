// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/candidate/LaunchPlan.h"

#include <optional>
#include <string>
#include <vector>

namespace ww {

/// Number of a candidate within its session: 0 is the dummy root, candidates count from 1.
using CandidateId = int64_t;

/// How a candidate came to be; also the kind of a Move (search.md, Parts).
enum class MoveKind { Root, Large, Small, Tune, Edit, Crossover };
[[nodiscard]] const char *toString(MoveKind kind);
[[nodiscard]] Result<MoveKind> moveKindFromName(std::string_view name);

/// Why another candidate stands beside this one's making.
enum class LineageRole { Parent, Context, Inspiration, Base };
[[nodiscard]] const char *toString(LineageRole role);
[[nodiscard]] Result<LineageRole> lineageRoleFromName(std::string_view name);

struct Lineage {
    CandidateId id = 0;
    LineageRole role = LineageRole::Parent;
};

/// What memory had to say in the prompt that a candidate answers, so that its effect can be counted.
struct MemoryUse {
    bool heldOut = false; ///< drawn to go without: what stands below was not shown
    std::vector<std::string> rules; ///< keys of rules
    std::vector<std::string> techniques; ///< names of techniques

    bool operator==(const MemoryUse &) const = default;
};

/// One attempt: source with its plan lines, chosen parameters, and where it came from.
struct Candidate {
    CandidateId id = 0;
    CandidateId parent = 0; ///< 0 = the dummy root
    std::vector<Lineage> lineage; ///< context shown to the proposer, base of an edit, …
    MoveKind kind = MoveKind::Large;
    std::string origin; ///< proposer: "catalogue", "human", "llm:…", "tuner", "import:adaexplore", …
    std::string title; ///< short, for the tree: "tiled · TILE 16→32"
    std::string source;
    Parameters parameters; ///< all tunables of the plan
    int step = 0; ///< search step that made it, from 1; 0 for human edits and tuning between steps
    std::optional<MemoryUse> memory {}; ///< set where a model was asked and memory was on

    /// Identity of what would run: SHA-256 over source and parameters.
    [[nodiscard]] std::string contentHash() const;
};

} // namespace ww
