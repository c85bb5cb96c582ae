// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/journal/Session.h"

#include <optional>
#include <set>

namespace ww {

/// The best candidate that no confirmation has refuted, and whether it has to be measured again.
class StandingBest {
public:
    /// Looks at all candidates of the session.
    void find(const Session &session);
    /// An evaluation or confirmation of `id` was recorded.
    void consider(const Session &session, CandidateId id);
    /// The candidate whose confirmation has to be started, if there is one.
    [[nodiscard]] std::optional<CandidateId> toConfirm(const Session &session) const;
    /// Its confirmation has been started.
    void confirming(CandidateId id) { m_begun.insert(id); }

private:
    CandidateId m_id = 0; ///< 0 = none
    std::set<CandidateId> m_begun; ///< whose confirmation this run has begun
};

} // namespace ww
