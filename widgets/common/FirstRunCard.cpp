// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/FirstRunCard.h"

#include "widgets/common/Theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>

namespace ww::ui {

FirstRunCard::FirstRunCard(QWidget *parent) : QFrame(parent)
{
    setObjectName(QStringLiteral("firstRunCard"));
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(20, 10, 12, 10);
    layout->setSpacing(24);
    const std::pair<QString, QString> parts[] = {
        {tr("What you see"),
         tr("A search for a faster kernel. Each mark is an attempt: compiled, checked against "
            "the reference, timed against the baseline.")},
        {tr("What to press"),
         tr("F5 starts and pauses, F10 takes one step. Click a mark to read it, edit its source, "
            "and press Ctrl+Enter to try your version.")},
        {tr("Where kernels come from"),
         tr("The task's own catalogue and its tunables: no network, no key. Or a language "
            "model: Search, Model settings; then choose Model in the toolbar.")},
    };
    for (const auto &[title, text] : parts) {
        auto *label = new QLabel(QStringLiteral("<b>%1</b><br>%2").arg(title, text));
        label->setWordWrap(true);
        label->setAlignment(Qt::AlignTop | Qt::AlignLeft);
        layout->addWidget(label, 1);
    }
    auto *button = new QPushButton(tr("Got it"));
    button->setObjectName(QStringLiteral("firstRunDismiss"));
    layout->addWidget(button, 0, Qt::AlignVCenter);
    connect(button, &QPushButton::clicked, this, [this] {
        hide();
        emit dismissed();
    });
}

void FirstRunCard::resizeEvent(QResizeEvent *event)
{
    QFrame::resizeEvent(event);
    setFixedHeight(layout()->heightForWidth(width())); // a toolbar does not ask for it
}

void FirstRunCard::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), theme()[Role::InfoBackground]);
    painter.fillRect(QRect(0, 0, 4, height()), theme()[Role::Accent]);
}

} // namespace ww::ui
