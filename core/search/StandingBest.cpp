// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/StandingBest.h"

namespace ww {
namespace {

const Node &nodeOf(const Session &session, CandidateId id)
{
    return session.nodes[static_cast<size_t>(id)];
}

} // namespace

void StandingBest::consider(const Session &session, CandidateId id)
{
    const Node &candidate = nodeOf(session, id);
    if (!candidate.refutation().empty()) {
        if (id == m_id)
            find(session);
        return;
    }
    if (!candidate.evaluation || !correct(candidate.evaluation->verdict))
        return;
    if (m_id == 0 || candidate.betterThan(nodeOf(session, m_id)))
        m_id = id;
}

void StandingBest::find(const Session &session)
{
    m_id = 0;
    for (size_t i = 1; i < session.nodes.size(); ++i) {
        if (session.nodes[i].refutation().empty())
            consider(session, static_cast<CandidateId>(i));
    }
}

std::optional<CandidateId> StandingBest::toConfirm(const Session &session) const
{
    if (!session.config.confirmBest || m_id == 0 || m_begun.count(m_id) > 0)
        return std::nullopt;
    const Node &standing = nodeOf(session, m_id);
    const bool hasAnswer = standing.confirmation && standing.confirmation->verdict != Verdict::InfraError;
    if (hasAnswer || standing.evaluation->speedupRatio() <= 1)
        return std::nullopt;
    return m_id;
}

} // namespace ww
