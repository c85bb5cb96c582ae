// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/journal/Session.h"

namespace ww {

/// How many recorded decisions were re-derived: [matched, compared].
struct AuditCount {
    int matched = 0;
    int compared = 0;
};

struct AuditStep {
    int step = 0;
    CandidateId recordedParent = 0, derivedParent = 0;
    bool rewardOk = true, selectOk = true, contextOk = true, contextCompared = false;
    bool kindOk = true; ///< the kind is the one drawn (ours only); else the first kind had no candidate
    bool kindRuleOk = true; ///< no small step from a node that already has the limit of small children
};

struct AuditReport {
    AuditCount rewardMatches, selectMatches, contextMatches;
    AuditCount kindMatches; ///< ours only: nothing is compared for imports
    AuditCount tuningMatches; ///< measurements of tuning, by parent, source and parameters
    int kindRuleViolations = 0;
    std::vector<AuditStep> steps;
};

/// Replays the policy over the session: from each prefix, is the recorded decision re-derived with
/// `constants`? Rewards are compared with recorded ones, small-step contexts with the recorded context. For
/// sessions of ours the whole move is re-derived from the seed, with what was in flight at the time; there a
/// kind that differs is a step whose first kind had no candidate, or another seed.
[[nodiscard]] Result<AuditReport> auditSession(const Session &session, const AdaExploreConstants &constants);

} // namespace ww
