// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/search/SearchConfig.h"

#include <vector>

namespace ww {

/// What a policy may know of a candidate.
struct TreeNode {
    CandidateId id = 0;
    CandidateId parent = -1; ///< −1 for the dummy root
    MoveKind kind = MoveKind::Root;
    std::vector<CandidateId> children; ///< in order of creation, counted ones only
    bool evaluated = false; ///< false while in flight: counts as a virtual visit
    bool counted = true; ///< false for infrastructure faults and tuning: no node of the policy's
    bool compiled = false;
    bool correct = false;
    double speedup = 0;
    double reward = 0; ///< its own, whatever tuning found
    CandidateId bestTuned = 0; ///< its source in the parameters that tuning found to be faster; 0 = none
    int visits = 0; ///< back-propagated evaluations of this subtree, its own included
    int inFlight = 0; ///< virtual visits: candidates of this subtree that are being proposed or evaluated
    int awaited = 0; ///< steps from here whose candidate is still being proposed: children without an id
    int awaitedSmall = 0; ///< of these, small ones
    double totalReward = 0;
    double maxReward = 0;
    int smallChildren = 0; ///< counted children made by a small step

    /// First node of the component this one belongs to: nodes joined by small steps (and a person's
    /// edits), which a large step or the dummy root begins anew.
    CandidateId component = 0;
    CandidateId bestOfComponent = 0; ///< on a component's first node: its fastest correct kernel, 0 = none

    /// What shows its source at its best: itself, or what tuning made of it.
    [[nodiscard]] CandidateId atItsBest() const { return bestTuned != 0 ? bestTuned : id; }
    /// Visits with the virtual ones: n and N of the formulas.
    [[nodiscard]] int visitsAndInFlight() const { return visits + inFlight; }
    /// Children, with those that are still being proposed: k of the formulas.
    [[nodiscard]] int childrenAndAwaited() const { return static_cast<int>(children.size()) + awaited; }
    /// The same for children made by a small step.
    [[nodiscard]] int smallChildrenAndAwaited() const { return smallChildren + awaitedSmall; }
};

/// The tree as the policy sees it: node 0 is the dummy root, ids are dense and in order of creation.
/// A projection: built by replaying proposals and rewards, never stored.
class SearchTree {
public:
    SearchTree();
    /// A step from `parent` has begun whose candidate is not known yet: it counts as a virtual visit and as a
    /// child, until settle().
    void await(CandidateId parent, MoveKind kind);
    /// Ends what await() began, with the same arguments: its candidate is added next, or there is none.
    void settle(CandidateId parent, MoveKind kind);
    /// Adds a candidate that is being evaluated. Its id must be nodes().size(). One of kind Tune is no node
    /// of the policy's: no visit, no child. What it gains over its parent raises the parent's standing, as if
    /// that had been proposed with these parameters.
    void add(CandidateId id, CandidateId parent, MoveKind kind);
    /// Records the outcome and back-propagates its reward along the path to the root.
    void setOutcome(CandidateId id, bool compiled, bool correct, double speedup, double reward);
    /// Takes an infrastructure fault out of the policy's sight. What hangs under it (a person's edits)
    /// stays visible, under its parent.
    void setUncounted(CandidateId id);

    [[nodiscard]] const std::vector<TreeNode> &nodes() const { return m_nodes; }
    [[nodiscard]] const TreeNode &node(CandidateId id) const { return m_nodes[static_cast<size_t>(id)]; }

private:
    TreeNode &at(CandidateId id) { return m_nodes[static_cast<size_t>(id)]; }
    void attach(CandidateId id, CandidateId parent);
    void raise(const TreeNode &tuned);
    void rank(const TreeNode &node);
    void changeAwaited(CandidateId parent, MoveKind kind, int by);
    std::vector<TreeNode> m_nodes;
};

} // namespace ww
