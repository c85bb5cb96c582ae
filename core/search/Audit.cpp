// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/Audit.h"

#include "core/search/AdaExplore.h"
#include "core/search/PolicyReplay.h"
#include "core/search/Tuning.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

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
            auditDecision(change);
            replay(m_tree, m_session, change, m_constants);
            if (change.kind == TreeChange::Kind::Evaluated)
                auditReward(m_session.nodes[static_cast<size_t>(change.id)]);
        }
        return std::move(m_report);
    }

private:
    /// A step is decided when it begins; without such an entry, when its candidate stands in the log.
    void auditDecision(const TreeChange &change)
    {
        if (change.kind == TreeChange::Kind::Decided) {
            const Decision &decision = m_session.decisions[change.decision];
            auditMove(decision.step, decision.move);
        } else if (change.kind == TreeChange::Kind::Proposed) {
            const Node &node = m_session.nodes[static_cast<size_t>(change.id)];
            if (node.candidate.kind == MoveKind::Tune)
                auditTuning(node);
            // A person's edit is no decision of the policy's.
            else if (node.candidate.step > 0 && m_firstOf.count(node.candidate.step) == 0)
                auditMove(node.candidate.step, node.move);
        }
    }

    void auditMove(int number, const Move &recorded)
    {
        AuditStep step;
        step.step = number;
        step.recordedParent = recorded.parent;
        const auto first = m_firstOf.find(number);
        const Move derived = isImported(m_session) ? derivedFromImport(recorded)
            : first == m_firstOf.end()             ? derivedFromSeed(recorded, step)
                                                   : otherKindOf(first->second, number);
        step.derivedParent = derived.parent;
        step.selectOk = derived.parent == recorded.parent;
        count(m_report.selectMatches, step.selectOk);

        // What a foreign generator drew for a large step's context cannot be drawn again.
        step.contextCompared = !isImported(m_session) || recorded.kind == MoveKind::Small;
        if (step.contextCompared) {
            step.contextOk = idsOf(derived.context) == idsOf(recorded.context);
            count(m_report.contextMatches, step.contextOk);
        }
        const TreeNode &parent = m_tree.node(recorded.parent);
        step.kindRuleOk = recorded.kind != MoveKind::Small
            || (parent.id != 0
                && (first != m_firstOf.end()
                    || parent.smallChildrenAndAwaited() < m_constants.smallStepLimit));
        m_report.kindRuleViolations += step.kindRuleOk ? 0 : 1;
        m_firstOf.emplace(number, recorded);
        m_placeOf[number] = m_report.steps.size();
        m_report.steps.push_back(step);
    }

    /// That there was time for it is the clock's; what was made of the time is derived.
    void auditTuning(const Node &node)
    {
        const std::optional<Tuning> derived = nextTuning(m_session, node.proposedSeq);
        count(m_report.tuningMatches,
              derived && derived->move.parent == node.candidate.parent
                  && derived->proposal.source == node.candidate.source
                  && derived->proposal.parameters == node.candidate.parameters);
    }

    /// Parent by the formulas; the context by the recorded parent, so that one early miss does not hide
    /// whether contexts are right.
    Move derivedFromImport(const Move &recorded) const
    {
        Move move;
        move.kind = recorded.kind;
        move.parent = selectNode(m_tree, m_constants);
        for (const CandidateId id : smallStepContext(m_tree, recorded.parent, m_constants.contextLimit))
            move.context.push_back({id, LineageRole::Context});
        return move;
    }

    /// The whole move. Where its kind had no candidate to give, the other kind was tried.
    Move derivedFromSeed(const Move &recorded, AuditStep &step)
    {
        const Move move = nextMove(m_tree, m_constants, m_session.config.seed, step.step);
        step.kindOk = move.kind == recorded.kind;
        count(m_report.kindMatches, step.kindOk);
        return step.kindOk ? move : otherKindOf(move, step.step);
    }

    Move otherKindOf(const Move &move, int step) const
    {
        return otherKind(move, m_tree, m_constants, m_session.config.seed, step);
    }

    void auditReward(const Node &node)
    {
        const bool isTuning = node.candidate.kind == MoveKind::Tune;
        if (!node.outcome || (node.candidate.step == 0 && !isTuning))
            return;
        const double derived = m_tree.node(node.candidate.id).reward;
        const bool ok = std::abs(derived - node.outcome->reward) <= kRewardTolerance;
        count(m_report.rewardMatches, ok);
        if (!isTuning)
            m_report.steps[m_placeOf[node.candidate.step]].rewardOk = ok;
    }

    const Session &m_session;
    const AdaExploreConstants &m_constants;
    SearchTree m_tree;
    AuditReport m_report;
    std::map<int, Move> m_firstOf; ///< the first move of each step so far
    std::map<int, size_t> m_placeOf; ///< index in the report of each step's last move
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
