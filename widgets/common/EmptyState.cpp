// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/EmptyState.h"

#include "widgets/common/Theme.h"

#include <QAction>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

namespace ww::ui {

EmptyState::EmptyState(const QString &title, const QString &hint, QWidget *parent)
    : QWidget(parent), m_title(new QLabel), m_hint(new QLabel), m_button(new QPushButton)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(24, 16, 24, 16);
    layout->setSpacing(8);
    layout->addStretch(2);
    m_title->setProperty("title", true);
    m_hint->setProperty("dim", true);
    for (QLabel *label : {m_title, m_hint}) {
        label->setAlignment(Qt::AlignCenter);
        label->setWordWrap(true);
        layout->addWidget(label);
    }
    m_button->setProperty("primary", true);
    m_button->hide();
    layout->addWidget(m_button, 0, Qt::AlignCenter);
    layout->addStretch(3);
    setHint(title, hint);
}

void EmptyState::setHint(const QString &title, const QString &hint)
{
    m_title->setText(title);
    m_hint->setText(hint);
}

void EmptyState::offer(QAction *action)
{
    const auto follow = [this, action] {
        m_button->setText(action->text().remove(QLatin1Char('&')));
        m_button->setEnabled(action->isEnabled());
    };
    follow();
    m_button->show();
    connect(action, &QAction::changed, m_button, follow);
    connect(m_button, &QPushButton::clicked, action, &QAction::trigger);
}

void EmptyState::paintEvent(QPaintEvent *)
{
    QPainter(this).fillRect(rect(), theme()[Role::Panel]);
}

} // namespace ww::ui
