// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/window/ActionList.h"

#include <QWidget>

namespace ww::ui {

QAction *ActionList::make(const char *name, const QString &text, const QKeySequence &shortcut)
{
    auto *action = new QAction(text, m_owner);
    action->setObjectName(QString::fromLatin1(name));
    action->setShortcut(shortcut);
    adopt(action);
    return action;
}

void ActionList::adopt(QAction *action)
{
    m_owner->addAction(action);
    m_all.append(action);
}

} // namespace ww::ui
