// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/SearchTree.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace ww {

SearchTree::SearchTree()
{
    TreeNode root;
    root.evaluated = true;
    m_nodes.push_back(std::move(root));
}

void SearchTree::attach(CandidateId id, CandidateId parent)
{
    at(id).parent = parent;
    at(parent).children.push_back(id);
    if (at(id).kind == MoveKind::Small)
        ++at(parent).smallChildren;
}

void SearchTree::changeAwaited(CandidateId parent, MoveKind kind, int by)
{
    at(parent).awaited += by;
    at(parent).awaitedSmall += kind == MoveKind::Small ? by : 0;
    for (CandidateId step = parent; step >= 0; step = node(step).parent)
        at(step).inFlight += by;
}

void SearchTree::await(CandidateId parent, MoveKind kind)
{
    changeAwaited(parent, kind, 1);
}

void SearchTree::settle(CandidateId parent, MoveKind kind)
{
    assert(node(parent).awaited > 0);
    changeAwaited(parent, kind, -1);
}

void SearchTree::add(CandidateId id, CandidateId parent, MoveKind kind)
{
    assert(id == static_cast<CandidateId>(m_nodes.size()) && parent >= 0 && parent < id);
    const CandidateId component = node(parent).component;
    while (!node(parent).counted)
        parent = node(parent).parent;

    TreeNode child;
    child.id = id;
    child.kind = kind;
    const bool beginsAnew = kind == MoveKind::Large || kind == MoveKind::Crossover || component == 0;
    child.component = beginsAnew ? id : component;
    m_nodes.push_back(std::move(child));
    if (kind == MoveKind::Tune) {
        at(id).parent = parent;
        at(id).counted = false;
        return;
    }
    attach(id, parent);
    for (CandidateId at = id; at >= 0; at = node(at).parent)
        ++this->at(at).inFlight;
}

void SearchTree::setOutcome(CandidateId id, bool compiled, bool correct, double speedup, double reward)
{
    TreeNode &own = at(id);
    assert(!own.evaluated);
    own.evaluated = true;
    own.compiled = compiled;
    own.correct = correct;
    own.speedup = speedup;
    own.reward = reward;
    if (correct)
        rank(own);
    if (own.kind == MoveKind::Tune) {
        raise(own);
        return;
    }
    for (CandidateId step = id; step >= 0; step = node(step).parent) {
        TreeNode &node = at(step);
        --node.inFlight;
        ++node.visits;
        node.totalReward += reward;
        node.maxReward = std::max(node.maxReward, reward);
    }
}

void SearchTree::rank(const TreeNode &node)
{
    // Equals go to the older one, whatever the order in which their results came.
    CandidateId &best = at(node.component).bestOfComponent;
    const auto rankOf = [](const TreeNode &other) { return std::pair(other.speedup, -other.id); };
    if (best == 0 || rankOf(node) > rankOf(this->node(best)))
        best = node.id;
}

/// The parent has its own reward in the sums along its path already; what is more comes on top.
void SearchTree::raise(const TreeNode &tuned)
{
    TreeNode &parent = at(tuned.parent);
    const TreeNode &standing = node(parent.atItsBest());
    if (!tuned.correct || !parent.correct || tuned.speedup <= standing.speedup)
        return;
    const double more = tuned.reward - standing.reward;
    parent.bestTuned = tuned.id;
    for (CandidateId step = parent.id; step >= 0; step = node(step).parent) {
        TreeNode &node = at(step);
        node.totalReward += more;
        node.maxReward = std::max(node.maxReward, tuned.reward);
    }
}

void SearchTree::setUncounted(CandidateId id)
{
    TreeNode &own = at(id);
    assert(!own.evaluated);
    own.evaluated = true;
    if (own.kind == MoveKind::Tune)
        return;
    own.counted = false;
    const CandidateId parent = own.parent;
    for (CandidateId step = parent; step >= 0; step = node(step).parent)
        --at(step).inFlight;
    --own.inFlight;

    std::erase(at(parent).children, id);
    if (own.kind == MoveKind::Small)
        --at(parent).smallChildren;
    for (const CandidateId child : std::exchange(own.children, {}))
        attach(child, parent);
    std::sort(at(parent).children.begin(), at(parent).children.end());
}

} // namespace ww
