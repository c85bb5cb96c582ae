// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QPointF>

namespace ww::ui {

/// Fewer points for drawing. Never used to compute anything.
struct Decimated {
    QList<QPointF> points; ///< x is the place in the original list, from 1
    int ratio = 1; ///< originals a drawn point stands for; 1 = all are drawn
};

/// Keeps the smallest and the largest of each run of values, in their order, so that no extreme is hidden;
/// at most `limit` points (at least 4).
[[nodiscard]] Decimated decimate(const QList<float> &values, int limit);

/// The value below which a share `q` (0…1) of the sorted list lies, linear between neighbours; 0 when empty.
[[nodiscard]] double quantileOfSorted(const QList<double> &sorted, double q);

} // namespace ww::ui
