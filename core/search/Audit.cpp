// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/Audit.h"

#include "core/search/AdaExplore.h"
#include "core/search/PolicyReplay.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ww {
namespace {

/// Recorded rewards went through decimal text and another order of operations.
constexpr double kRewardTolerance = 1e-9;

bool isImported(const Session &session)
{
    return session.origin.starts_with("import:");
}

std::vector<CandidateId> idsOf(const std::vector<Lineage> &lineage)
{
    std::vector<CandidateId> ids;
    for (const Lineage &entry : lineage)
        ids.push_back(entry.id);
    return ids;
}

void count(AuditCount &total, bool matched)
{
    ++total.compared;
    total.matched += matched ? 1 : 0;
}

/// The replay of one session: what the policy knew at each decision.
class Auditor {
public:
    Auditor(const Session &session, const AdaExploreConstants &constants)
        : m_session(session), m_constants(constants)
    {
    }

    AuditReport run()
    {
        for (const TreeChange &change : treeChanges(m_session)) {
            const Node &node = m_session.nodes[static_cast<size_t>(change.id)];
            // A person's edit is no decision of the policy's.
            if (!change.evaluated && node.candidate.step > 0)
                auditDecision(node);
            replay(m_tree, m_session, change, m_constants);
            if (change.evaluated && node.outcome && node.candidate.step > 0)
                auditReward(node);
        }
        return std::move(m_report);
    }

private:
    void auditDecision(const Node &node)
    {
        AuditStep step;
        step.step = node.candidate.step;
        step.recordedParent = node.candidate.parent;
        const Move derived = isImported(m_session) ? derivedFromImport(node) : derivedFromSeed(node, step);
        step.derivedParent = derived.parent;
        step.selectOk = derived.parent == node.candidate.parent;
        count(m_report.selectMatches, step.selectOk);

        // What a foreign generator drew for a large step's context cannot be drawn again.
        step.contextCompared = !isImported(m_session) || node.candidate.kind == MoveKind::Small;
        if (step.contextCompared) {
            step.contextOk = idsOf(derived.context) == idsOf(node.move.context);
            count(m_report.contextMatches, step.contextOk);
        }
        const TreeNode &parent = m_tree.node(node.candidate.parent);
        step.kindRuleOk = node.candidate.kind != MoveKind::Small
            || (parent.id != 0 && parent.smallChildren < m_constants.smallStepLimit);
        m_report.kindRuleViolations += step.kindRuleOk ? 0 : 1;
        m_stepOf[static_cast<size_t>(node.candidate.id)] = m_report.steps.size();
        m_report.steps.push_back(step);
    }

    /// Parent by the formulas; the context by the recorded parent, so that one early miss does not hide
    /// whether contexts are right.
    Move derivedFromImport(const Node &node) const
    {
        Move move;
        move.kind = node.candidate.kind;
        move.parent = selectNode(m_tree, m_constants);
        for (const CandidateId id : smallStepContext(m_tree, node.candidate.parent, m_constants.contextLimit))
            move.context.push_back({id, LineageRole::Context});
        return move;
    }

    /// The whole move. Where its kind had no candidate to give, the other kind was tried.
    Move derivedFromSeed(const Node &node, AuditStep &step)
    {
        const uint64_t seed = m_session.config.seed;
        Move move = nextMove(m_tree, m_constants, seed, node.candidate.step);
        step.kindOk = move.kind == node.candidate.kind;
        count(m_report.kindMatches, step.kindOk);
        if (!step.kindOk)
            move = otherKind(move, m_tree, m_constants, seed, node.candidate.step);
        return move;
    }

    void auditReward(const Node &node)
    {
        const double derived = m_tree.node(node.candidate.id).reward;
        const bool ok = std::abs(derived - node.outcome->reward) <= kRewardTolerance;
        count(m_report.rewardMatches, ok);
        m_report.steps[m_stepOf[static_cast<size_t>(node.candidate.id)]].rewardOk = ok;
    }

    const Session &m_session;
    const AdaExploreConstants &m_constants;
    SearchTree m_tree;
    AuditReport m_report;
    std::vector<size_t> m_stepOf = std::vector<size_t>(m_session.nodes.size()); ///< index in steps, by id
};

} // namespace

Result<AuditReport> auditSession(const Session &session, const AdaExploreConstants &constants)
{
    if (session.config.policy != "adaexplore")
        return failure(ErrorCode::Unsupported, "cannot audit the session",
                       fmt::format("its policy '{}' is not one whose decisions can be re-derived",
                                   session.config.policy),
                       "Audit a session of the policy 'adaexplore'");
    return Auditor(session, constants).run();
}

} // namespace ww
