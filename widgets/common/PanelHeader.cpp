// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/PanelHeader.h"

#include <QLabel>

namespace ww::ui {

PanelHeader::PanelHeader(const QString &title, QWidget *parent)
    : QWidget(parent), m_layout(new QHBoxLayout(this))
{
    setProperty("header", true);
    setAttribute(Qt::WA_StyledBackground);
    m_layout->setContentsMargins(8, 2, 8, 2);
    m_layout->setSpacing(8);
    if (!title.isEmpty()) {
        auto *label = new QLabel(title);
        label->setProperty("title", true);
        m_layout->addWidget(label);
    }
}

void PanelHeader::add(QWidget *widget, int stretch)
{
    m_layout->addWidget(widget, stretch);
}

void PanelHeader::addStretch()
{
    m_layout->addStretch(1);
}

QSize PanelHeader::minimumSizeHint() const
{
    return {120, fontMetrics().height() + 18};
}

} // namespace ww::ui
