// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/PolicyReplay.h"

#include "core/search/AdaExplore.h"

#include <algorithm>

namespace ww {

using Kind = TreeChange::Kind;

std::optional<PolicyOutcome> policyOutcome(const Evaluation &evaluation, const AdaExploreConstants &constants)
{
    if (evaluation.verdict == Verdict::InfraError)
        return std::nullopt;
    PolicyOutcome outcome {compiled(evaluation.verdict), correct(evaluation.verdict),
                           evaluation.speedupRatio(), 0};
    outcome.reward = adaExploreReward(outcome.compiled, outcome.correct, outcome.speedup, constants);
    return outcome;
}

std::vector<TreeChange> treeChanges(const Session &session)
{
    std::vector<TreeChange> changes;
    for (size_t i = 1; i < session.nodes.size(); ++i) {
        const Node &node = session.nodes[i];
        const auto id = static_cast<CandidateId>(i);
        changes.push_back({node.proposedSeq, Kind::Proposed, id, 0});
        if (node.evaluation)
            changes.push_back({node.evaluatedSeq, Kind::Evaluated, id, 0});
    }
    for (size_t i = 0; i < session.decisions.size(); ++i) {
        const Decision &decision = session.decisions[i];
        changes.push_back({decision.seq, Kind::Decided, 0, i});
        if (decision.endedSeq != 0)
            changes.push_back({decision.endedSeq, Kind::Ended, 0, i});
    }
    // What ends a decision comes before what the same event brings: its candidate, or the next decision.
    const auto place = [](const TreeChange &change) {
        return std::pair(change.seq, change.kind != Kind::Ended);
    };
    std::sort(changes.begin(), changes.end(),
              [&](const TreeChange &a, const TreeChange &b) { return place(a) < place(b); });
    return changes;
}

void replay(SearchTree &tree, const Session &session, const TreeChange &change,
            const AdaExploreConstants &constants)
{
    if (change.kind == Kind::Decided || change.kind == Kind::Ended) {
        const Move &move = session.decisions[change.decision].move;
        if (change.kind == Kind::Decided)
            tree.await(move.parent, move.kind);
        else
            tree.settle(move.parent, move.kind);
        return;
    }
    const Node &node = session.nodes[static_cast<size_t>(change.id)];
    if (change.kind == Kind::Proposed) {
        tree.add(change.id, node.candidate.parent, node.candidate.kind);
        return;
    }
    if (node.evaluation->verdict == Verdict::InfraError) {
        tree.setUncounted(change.id);
        return;
    }
    const PolicyOutcome outcome = node.outcome ? *node.outcome : *policyOutcome(*node.evaluation, constants);
    tree.setOutcome(change.id, outcome.compiled, outcome.correct, outcome.speedup,
                    adaExploreReward(outcome.compiled, outcome.correct, outcome.speedup, constants));
}

SearchTree treeOf(const Session &session)
{
    SearchTree tree;
    for (const TreeChange &change : treeChanges(session))
        replay(tree, session, change, session.config.constants);
    return tree;
}

} // namespace ww
