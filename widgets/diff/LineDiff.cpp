// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/diff/LineDiff.h"

#include <algorithm>
#include <vector>

namespace ww::ui {

namespace {

using Kind = DiffLine::Kind;

QStringList splitLines(const QString &text)
{
    QStringList lines = text.split(QLatin1Char('\n'));
    if (!lines.isEmpty() && lines.last().isEmpty())
        lines.removeLast();
    for (QString &line : lines) {
        if (line.endsWith(QLatin1Char('\r')))
            line.chop(1);
    }
    return lines;
}

// The furthest x reached on each diagonal k = x − y after d changes, for d = 0, 1, …; empty when more
// than `limit` changes are needed.
std::vector<std::vector<int>> searchTrace(const QStringList &a, const QStringList &b, int limit)
{
    const int n = static_cast<int>(a.size()), m = static_cast<int>(b.size());
    const int most = std::min(n + m, limit);
    std::vector<std::vector<int>> trace;
    std::vector<int> reach(static_cast<size_t>(2 * most + 3), 0);
    const auto at = [&](int k) -> int & { return reach[static_cast<size_t>(k + most + 1)]; };
    for (int d = 0; d <= most; ++d) {
        for (int k = -d; k <= d; k += 2) {
            int x = k == -d || (k != d && at(k - 1) < at(k + 1)) ? at(k + 1) : at(k - 1) + 1;
            while (x < n && x - k < m && a[x] == b[x - k])
                ++x;
            at(k) = x;
            if (x >= n && x - k >= m) {
                trace.emplace_back(reach.begin() + most + 1 - d - 1, reach.begin() + most + 1 + d + 2);
                return trace;
            }
        }
        trace.emplace_back(reach.begin() + most + 1 - d - 1, reach.begin() + most + 1 + d + 2);
    }
    return {};
}

// Walks the trace back from the end; kinds in reverse order.
std::vector<Kind> editScript(const std::vector<std::vector<int>> &trace, int n, int m)
{
    std::vector<Kind> kinds;
    int x = n, y = m;
    for (int d = static_cast<int>(trace.size()) - 1; d > 0; --d) {
        const std::vector<int> &before = trace[static_cast<size_t>(d - 1)];
        const auto at = [&](int k) { return before[static_cast<size_t>(k + d)]; }; // stored from k = −d
        const int k = x - y;
        const bool down = k == -d || (k != d && at(k - 1) < at(k + 1));
        const int fromX = down ? at(k + 1) : at(k - 1);
        const int fromY = fromX - (down ? k + 1 : k - 1);
        while (x > fromX && y > fromY) {
            kinds.push_back(Kind::Same);
            --x;
            --y;
        }
        kinds.push_back(down ? Kind::Added : Kind::Removed);
        x = fromX;
        y = fromY;
    }
    kinds.insert(kinds.end(), static_cast<size_t>(x), Kind::Same);
    return kinds;
}

LineDiff assemble(const QStringList &a, const QStringList &b, const std::vector<Kind> &kinds)
{
    LineDiff diff;
    int x = 0, y = 0;
    for (const Kind kind : kinds) {
        DiffLine line {kind, kind == Kind::Added ? b[y] : a[x], 0, 0};
        if (kind != Kind::Added)
            line.oldLine = ++x;
        if (kind != Kind::Removed)
            line.newLine = ++y;
        diff.added += kind == Kind::Added;
        diff.removed += kind == Kind::Removed;
        diff.lines.append(line);
    }
    return diff;
}

// Equal head and tail, the middle replaced as a block.
std::vector<Kind> blockScript(const QStringList &a, const QStringList &b)
{
    qsizetype head = 0, tail = 0;
    const qsizetype shorter = std::min(a.size(), b.size());
    while (head < shorter && a[head] == b[head])
        ++head;
    while (tail < shorter - head && a[a.size() - 1 - tail] == b[b.size() - 1 - tail])
        ++tail;
    std::vector<Kind> kinds(static_cast<size_t>(head), Kind::Same);
    kinds.insert(kinds.end(), static_cast<size_t>(a.size() - head - tail), Kind::Removed);
    kinds.insert(kinds.end(), static_cast<size_t>(b.size() - head - tail), Kind::Added);
    kinds.insert(kinds.end(), static_cast<size_t>(tail), Kind::Same);
    return kinds;
}

} // namespace

LineDiff diffLines(const QString &before, const QString &after, int limit)
{
    const QStringList a = splitLines(before), b = splitLines(after);
    const auto trace = searchTrace(a, b, limit);
    if (trace.empty()) {
        LineDiff diff = assemble(a, b, blockScript(a, b));
        diff.coarse = true;
        return diff;
    }
    std::vector<Kind> kinds = editScript(trace, static_cast<int>(a.size()), static_cast<int>(b.size()));
    std::reverse(kinds.begin(), kinds.end());
    return assemble(a, b, kinds);
}

} // namespace ww::ui
