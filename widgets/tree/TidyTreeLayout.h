// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>

#include <vector>

namespace ww::ui {

/// Places of a tree's nodes in units of one column and one row.
struct TreeLayout {
    std::vector<double> x; ///< by node
    std::vector<int> depth;
    std::vector<std::vector<int>> levels; ///< nodes of each depth from left to right
    double width = 0; ///< largest x
};

/// Lays a tree out from the top down, contours packed as Reingold and Tilford (1981) do, parents above
/// their first child. Stable where nodes are appended: what moves, moves right, as far as room is needed;
/// a node keeps its place relative to its parent unless it is the new one's ancestor or stands to the
/// right of one. Linear time, no recursion.
/// `parents[i]` < i for every node but the first, which is the root (−1).
[[nodiscard]] TreeLayout layoutTree(const std::vector<int> &parents);

} // namespace ww::ui
