// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/tree/TidyTreeLayout.h"

#include <algorithm>
#include <utility>

namespace ww::ui {

namespace {

// The left and right edge of a forest, deepest row first, so that a new top row is a push_back. Values
// are relative to `offset`, so that moving a whole contour costs nothing.
struct Contour {
    std::vector<double> left, right;
    double offset = 0;

    [[nodiscard]] size_t rows() const { return left.size(); }
    [[nodiscard]] double leftAt(size_t row) const { return left[left.size() - 1 - row] + offset; }
    [[nodiscard]] double rightAt(size_t row) const { return right[right.size() - 1 - row] + offset; }
};

// How far `next` must move right to stand clear of `forest` by one column in every row.
double separation(const Contour &forest, const Contour &next)
{
    double shift = 0;
    const size_t rows = std::min(forest.rows(), next.rows());
    for (size_t row = 0; row < rows; ++row)
        shift = std::max(shift, forest.rightAt(row) + 1 - next.leftAt(row));
    return shift;
}

// Joins `next` (already moved) to the right of `forest`; costs the rows that both have.
Contour join(Contour forest, Contour next)
{
    const size_t rows = std::min(forest.rows(), next.rows());
    if (forest.rows() >= next.rows()) {
        for (size_t row = 0; row < rows; ++row)
            forest.right[forest.right.size() - 1 - row] = next.rightAt(row) - forest.offset;
        return forest;
    }
    for (size_t row = 0; row < rows; ++row)
        next.left[next.left.size() - 1 - row] = forest.leftAt(row) - next.offset;
    return next;
}

} // namespace

TreeLayout layoutTree(const std::vector<int> &parents)
{
    const size_t count = parents.size();
    TreeLayout layout;
    layout.x.assign(count, 0);
    layout.depth.assign(count, 0);
    std::vector<std::vector<int>> children(count);
    for (size_t i = 1; i < count; ++i) {
        const auto parent = static_cast<size_t>(parents[i]);
        children[parent].push_back(static_cast<int>(i));
        layout.depth[i] = layout.depth[parent] + 1;
    }

    std::vector<Contour> contours(count);
    std::vector<double> fromParent(count, 0);
    for (size_t i = count; i-- > 0;) { // children have larger numbers, so they are ready
        Contour below;
        for (const int child : children[i]) {
            Contour next = std::exchange(contours[static_cast<size_t>(child)], {});
            const double shift = separation(below, next);
            fromParent[static_cast<size_t>(child)] = shift;
            next.offset += shift;
            below = below.rows() == 0 ? std::move(next) : join(std::move(below), std::move(next));
        }
        below.left.push_back(-below.offset);
        below.right.push_back(-below.offset);
        contours[i] = std::move(below);
    }

    for (size_t i = 0; i < count; ++i) {
        if (i > 0)
            layout.x[i] = layout.x[static_cast<size_t>(parents[i])] + fromParent[i];
        const auto depth = static_cast<size_t>(layout.depth[i]);
        layout.levels.resize(std::max(layout.levels.size(), depth + 1));
        layout.levels[depth].push_back(static_cast<int>(i));
        layout.width = std::max(layout.width, layout.x[i]);
    }
    for (std::vector<int> &level : layout.levels) {
        std::sort(level.begin(), level.end(), [&](int a, int b) {
            return layout.x[static_cast<size_t>(a)] < layout.x[static_cast<size_t>(b)];
        });
    }
    return layout;
}

} // namespace ww::ui
