// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

class QAction;
class QLineEdit;
class QTreeWidget;

namespace ww::ui {

/// Every action of the window in one searchable list (Ctrl+Shift+P). Lies over its parent; Escape or a
/// click elsewhere closes it.
class CommandPalette final : public QFrame {
    Q_OBJECT
public:
    explicit CommandPalette(QWidget *parent);
    void open(const QList<QAction *> &actions);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void refill();
    /// Makes the next enabled entry the current one.
    void step(int by);
    void runCurrent();

    QLineEdit *m_input;
    QTreeWidget *m_list;
    QList<QAction *> m_actions;
};

} // namespace ww::ui
