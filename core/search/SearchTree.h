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
    bool counted = true; ///< false for infrastructure faults: invisible to the policy
    bool compiled = false;
    bool correct = false;
    double speedup = 0;
    double reward = 0;
    int visits = 0; ///< back-propagated evaluations of this subtree, its own included
    int inFlight = 0; ///< virtual visits: candidates of this subtree that are being evaluated
    double totalReward = 0;
    double maxReward = 0;
    int smallChildren = 0; ///< counted children made by a small step

    /// First node of the component this one belongs to: nodes joined by small steps (and a person's
    /// edits), which a large step or the dummy root begins anew.
    CandidateId component = 0;
    CandidateId bestOfComponent = 0; ///< on a component's first node: its fastest correct kernel, 0 = none

    /// Visits with the virtual ones: n and N of the formulas.
    [[nodiscard]] int visitsAndInFlight() const { return visits + inFlight; }
};

/// The tree as the policy sees it: node 0 is the dummy root, ids are dense and in order of creation.
/// A projection: built by replaying proposals and rewards, never stored.
class SearchTree {
public:
    SearchTree();
    /// Adds a candidate that is being evaluated. Its id must be nodes().size().
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
    std::vector<TreeNode> m_nodes;
};

} // namespace ww
