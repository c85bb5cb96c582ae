// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAction>
#include <QList>

namespace ww::ui {

/// Every action of the window: what the command palette lists and the tests walk.
class ActionList {
public:
    explicit ActionList(QWidget *owner) : m_owner(owner) { }

    /// A new action of the window; `name` is its object name.
    template <class Handler>
    QAction *add(const char *name, const QString &text, const QKeySequence &shortcut, Handler handler)
    {
        QAction *action = make(name, text, shortcut);
        QObject::connect(action, &QAction::triggered, m_owner, handler);
        return action;
    }
    /// An action that a panel owns.
    void adopt(QAction *action);
    [[nodiscard]] const QList<QAction *> &all() const { return m_all; }

private:
    QAction *make(const char *name, const QString &text, const QKeySequence &shortcut);

    QWidget *m_owner;
    QList<QAction *> m_all;
};

} // namespace ww::ui
