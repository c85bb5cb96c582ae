// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/PolicyReplay.h"

#include "core/search/AdaExplore.h"

#include <algorithm>

namespace ww {

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
        changes.push_back({node.proposedSeq, id, false});
        if (node.evaluation)
            changes.push_back({node.evaluatedSeq, id, true});
    }
    std::sort(changes.begin(), changes.end(),
              [](const TreeChange &a, const TreeChange &b) { return a.seq < b.seq; });
    return changes;
}

void replay(SearchTree &tree, const Session &session, const TreeChange &change,
            const AdaExploreConstants &constants)
{
    const Node &node = session.nodes[static_cast<size_t>(change.id)];
    if (!change.evaluated) {
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
