// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/CommandPalette.h"

#include <QAction>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace ww::ui {

namespace {
QString plainText(const QAction *action)
{
    return action->text().remove(QLatin1Char('&')).remove(QStringLiteral("…"));
}
} // namespace

CommandPalette::CommandPalette(QWidget *parent)
    : QFrame(parent), m_input(new QLineEdit), m_list(new QListWidget)
{
    setObjectName(QStringLiteral("commandPalette"));
    setProperty("panel", true);
    setAutoFillBackground(true);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    m_input->setPlaceholderText(tr("Type to find an action"));
    m_input->setAccessibleName(tr("Find an action"));
    m_input->setClearButtonEnabled(true);
    m_list->setAccessibleName(tr("Actions"));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setUniformItemSizes(true);
    layout->addWidget(m_input);
    layout->addWidget(m_list);
    m_input->installEventFilter(this);
    m_list->installEventFilter(this);
    connect(m_input, &QLineEdit::textChanged, this, &CommandPalette::refill);
    connect(m_list, &QListWidget::itemClicked, this, &CommandPalette::runCurrent);
    hide();
}

void CommandPalette::open(const QList<QAction *> &actions)
{
    m_actions = actions;
    m_input->clear();
    refill();
    const int width = std::min(560, parentWidget()->width() - 32);
    const int height = std::min(420, parentWidget()->height() - 96);
    setGeometry((parentWidget()->width() - width) / 2, 64, width, height);
    show();
    raise();
    m_input->setFocus();
}

void CommandPalette::refill()
{
    const QStringList words = m_input->text().split(QLatin1Char(' '), Qt::SkipEmptyParts);
    m_list->clear();
    for (QAction *action : std::as_const(m_actions)) {
        const QString text = plainText(action);
        const bool wanted = std::all_of(words.begin(), words.end(), [&](const QString &word) {
            return text.contains(word, Qt::CaseInsensitive);
        });
        if (!wanted)
            continue;
        const QString keys = action->shortcut().toString(QKeySequence::NativeText);
        auto *item = new QListWidgetItem(keys.isEmpty() ? text : text + QStringLiteral("    ") + keys, m_list);
        item->setData(Qt::UserRole, QVariant::fromValue(action));
        item->setToolTip(action->toolTip());
        if (!action->isEnabled())
            item->setFlags(Qt::NoItemFlags);
    }
    for (int row = 0; row < m_list->count(); ++row) {
        if (m_list->item(row)->flags() & Qt::ItemIsEnabled) {
            m_list->setCurrentRow(row);
            break;
        }
    }
}

void CommandPalette::runCurrent()
{
    QListWidgetItem *item = m_list->currentItem();
    hide();
    if (item && (item->flags() & Qt::ItemIsEnabled))
        item->data(Qt::UserRole).value<QAction *>()->trigger();
}

bool CommandPalette::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::FocusOut && isVisible()) {
        const QWidget *next = window()->focusWidget();
        if (next && next != this && !isAncestorOf(next))
            hide();
    }
    if (event->type() != QEvent::KeyPress)
        return QFrame::eventFilter(watched, event);
    const auto *key = static_cast<QKeyEvent *>(event);
    switch (key->key()) {
    case Qt::Key_Escape: hide(); return true;
    case Qt::Key_Return:
    case Qt::Key_Enter: runCurrent(); return true;
    case Qt::Key_Down:
    case Qt::Key_Up: {
        const int by = key->key() == Qt::Key_Down ? 1 : -1;
        for (int row = m_list->currentRow() + by; row >= 0 && row < m_list->count(); row += by) {
            if (m_list->item(row)->flags() & Qt::ItemIsEnabled) {
                m_list->setCurrentRow(row);
                break;
            }
        }
        return true;
    }
    default: return QFrame::eventFilter(watched, event);
    }
}

} // namespace ww::ui
