// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

namespace ww::ui {

/// One line of a unified diff.
struct DiffLine {
    enum class Kind { Same, Added, Removed };
    Kind kind = Kind::Same;
    QString text;
    int oldLine = 0; ///< from 1; 0 where the line is only in the new text
    int newLine = 0; ///< from 1; 0 where the line is only in the old text
    bool operator==(const DiffLine &) const = default;
};

struct LineDiff {
    QList<DiffLine> lines;
    int added = 0, removed = 0;
    /// The texts differ too much for a fine comparison: the changed middle is shown as one block.
    bool coarse = false;
};

/// Compares line by line, fewest changes (Myers 1986, O(ND)), up to `limit` changes.
[[nodiscard]] LineDiff diffLines(const QString &before, const QString &after, int limit = 2000);

} // namespace ww::ui
