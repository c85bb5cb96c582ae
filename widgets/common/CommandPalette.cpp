// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/CommandPalette.h"

#include <QAction>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLineEdit>
#include <QTreeWidget>
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
    : QFrame(parent), m_input(new QLineEdit), m_list(new QTreeWidget)
{
    setObjectName(QStringLiteral("commandPalette"));
    setProperty("panel", true);
    setAutoFillBackground(true);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    m_input->setPlaceholderText(tr("Type to find an action"));
    m_input->setAccessibleName(tr("Find an action"));
    m_input->setProperty("search", true);
    m_input->setClearButtonEnabled(true);
    m_list->setAccessibleName(tr("Actions"));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setColumnCount(2);
    m_list->setHeaderHidden(true);
    m_list->setRootIsDecorated(false);
    m_list->setUniformRowHeights(true);
    m_list->header()->setStretchLastSection(false);
    m_list->header()->setSectionResizeMode(0, QHeaderView::Stretch);
    m_list->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
    layout->addWidget(m_input);
    layout->addWidget(m_list);
    m_input->installEventFilter(this);
    m_list->installEventFilter(this);
    connect(m_input, &QLineEdit::textChanged, this, &CommandPalette::refill);
    connect(m_list, &QTreeWidget::itemClicked, this, &CommandPalette::runCurrent);
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
        auto *item =
            new QTreeWidgetItem(m_list, {text, action->shortcut().toString(QKeySequence::NativeText)});
        item->setData(0, Qt::UserRole, QVariant::fromValue(action));
        item->setToolTip(0, action->toolTip());
        item->setTextAlignment(1, Qt::AlignRight | Qt::AlignVCenter);
        item->setForeground(1, palette().placeholderText());
        item->setDisabled(!action->isEnabled());
    }
    step(1);
}

void CommandPalette::step(int by)
{
    const int first = m_list->indexOfTopLevelItem(m_list->currentItem()) + by;
    for (int row = first; row >= 0 && row < m_list->topLevelItemCount(); row += by) {
        if (!m_list->topLevelItem(row)->isDisabled()) {
            m_list->setCurrentItem(m_list->topLevelItem(row));
            return;
        }
    }
}

void CommandPalette::runCurrent()
{
    QTreeWidgetItem *item = m_list->currentItem();
    hide();
    if (item && !item->isDisabled())
        item->data(0, Qt::UserRole).value<QAction *>()->trigger();
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
    case Qt::Key_Down: step(1); return true;
    case Qt::Key_Up: step(-1); return true;
    default: return QFrame::eventFilter(watched, event);
    }
}

} // namespace ww::ui
