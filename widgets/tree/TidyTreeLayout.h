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
    double width = 0;                     ///< largest x
};

/// Lays a tree out from the top down, contours packed as Reingold and Tilford (1981) do, parents above
/// their first child. So an appended node never moves its ancestors, nor anything to their left; what
/// is to the right moves only as far as room is needed. Linear time, no recursion.
/// `parents[i]` < i for every node but the first, which is the root (−1).
[[nodiscard]] TreeLayout layoutTree(const std::vector<int> &parents);

} // namespace ww::ui
