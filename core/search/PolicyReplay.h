// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/journal/Session.h"
#include "core/search/SearchTree.h"

#include <optional>
#include <vector>

namespace ww {

/// What the policy is told of an evaluation; nothing of an infrastructure fault.
[[nodiscard]] std::optional<PolicyOutcome> policyOutcome(const Evaluation &evaluation,
                                                         const AdaExploreConstants &constants);

/// One change of the policy's tree, at its place in the log.
struct TreeChange {
    enum class Kind {
        Decided, ///< a step began whose candidate was not known yet
        Proposed,
        Evaluated,
        Ended, ///< such a step has its candidate, has none, or goes on with the other kind
    };
    int64_t seq = 0;
    Kind kind = Kind::Proposed;
    CandidateId id = 0; ///< Proposed, Evaluated
    size_t decision = 0; ///< Decided, Ended: index in Session::decisions
};

/// Every change in the order of the log, so that what was in flight at each decision is known.
[[nodiscard]] std::vector<TreeChange> treeChanges(const Session &session);

/// Makes one change to the tree. The outcome is the recorded one; its reward is formed anew with
/// `constants`.
void replay(SearchTree &tree, const Session &session, const TreeChange &change,
            const AdaExploreConstants &constants);

/// The tree as of the end of the log, with the session's own constants.
[[nodiscard]] SearchTree treeOf(const Session &session);

} // namespace ww
