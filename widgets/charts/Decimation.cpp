// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/Decimation.h"

#include <algorithm>

namespace ww::ui {

Decimated decimate(const QList<float> &values, int limit)
{
    Decimated result;
    const auto count = static_cast<int>(values.size());
    const auto point = [&](int i) { return QPointF(i + 1, values[i]); };
    if (count <= std::max(limit, 4)) {
        for (int i = 0; i < count; ++i)
            result.points.append(point(i));
        return result;
    }
    const int buckets = std::max(limit, 4) / 2;
    for (int bucket = 0; bucket < buckets; ++bucket) {
        const auto first = static_cast<int>(static_cast<qint64>(count) * bucket / buckets);
        const auto end = static_cast<int>(static_cast<qint64>(count) * (bucket + 1) / buckets);
        const auto [low, high] = std::minmax_element(values.begin() + first, values.begin() + end);
        const auto a = static_cast<int>(std::min(low, high) - values.begin());
        const auto b = static_cast<int>(std::max(low, high) - values.begin());
        result.points.append(point(a));
        if (b != a)
            result.points.append(point(b));
    }
    result.ratio = (count + buckets * 2 - 1) / (buckets * 2);
    return result;
}

double quantileOfSorted(const QList<double> &sorted, double q)
{
    if (sorted.isEmpty())
        return 0;
    const double place = std::clamp(q, 0.0, 1.0) * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<qsizetype>(place);
    const qsizetype above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (sorted[above] - sorted[below]) * (place - static_cast<double>(below));
}

} // namespace ww::ui
