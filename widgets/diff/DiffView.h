// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/editor/KernelEditor.h"

namespace ww::ui {

/// Two texts as one unified diff: both line numbers, + and − in the margin, added and removed lines set
/// off by colour and sign.
class DiffView final : public KernelEditor {
    Q_OBJECT
public:
    explicit DiffView(QWidget *parent = nullptr);
    /// Compares and shows; returns a sentence such as "3 lines added, 1 removed".
    QString showDiff(const QString &before, const QString &after);
    /// Puts the caret on the next or previous run of changed lines.
    void nextChange();
    void previousChange();

protected:
    void restyle() override;

private:
    void goTo(int line);
    QsciStyle m_marginStyle {59}; // a number that no lexer uses
    QList<int> m_changes; ///< first line of each run
};

} // namespace ww::ui
