// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/bridge/ViewTypes.h"

#include <QPlainTextEdit>

namespace ww::ui {

/// What the compiler made of a candidate, PTX or machine code, behind the lines of the source that it comes
/// from. The lines of one source line are marked together.
class CodeListingView final : public QPlainTextEdit {
    Q_OBJECT
public:
    explicit CodeListingView(const QString &name, QWidget *parent = nullptr);

    /// Shows the code; where there is none, `note` says why.
    void showCode(const QList<CodeLineView> &lines, const QString &note);
    /// Marks the code of a source line (from 1) and brings its first line into view.
    void markSourceLine(int line);

signals:
    /// A person wants to see the source line that the code at the caret comes from.
    void sourceLineWanted(int line);

protected:
    void changeEvent(QEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    void mark();
    void jump();

    QList<CodeLineView> m_lines;
    int m_marked = 0; ///< source line; 0: none
};

} // namespace ww::ui
