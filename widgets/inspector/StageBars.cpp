// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/inspector/StageBars.h"

#include "widgets/common/Format.h"
#include "widgets/common/Theme.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>

namespace ww::ui {

namespace {
QString statusText(const StageView &stage)
{
    if (stage.status == QLatin1String("failed"))
        return QObject::tr("failed");
    if (stage.status == QLatin1String("skipped"))
        return QObject::tr("skipped");
    if (stage.status == QLatin1String("running"))
        return QObject::tr("running");
    return timeText(stage.ms * 1000);
}
} // namespace

StageBars::StageBars(QWidget *parent) : QWidget(parent)
{
    setAccessibleName(tr("Stages of the evaluation"));
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void StageBars::setStages(const QList<StageView> &stages, double wallMs)
{
    m_stages = stages;
    m_wallMs = wallMs;
    setVisible(!stages.isEmpty());
    QStringList spoken;
    for (const StageView &stage : stages)
        spoken << stage.name + QLatin1Char(' ') + statusText(stage);
    setAccessibleDescription(spoken.join(QStringLiteral(", ")));
    updateGeometry();
    update();
}

QSize StageBars::sizeHint() const
{
    const auto rows = static_cast<int>(m_stages.size()) + (m_wallMs > 0 ? 1 : 0);
    return {260, rows * rowHeight()};
}

void StageBars::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Theme &colors = theme();
    int nameWidth = fontMetrics().horizontalAdvance(tr("in all"));
    double longest = 1e-9;
    for (const StageView &stage : std::as_const(m_stages)) {
        nameWidth = std::max(nameWidth, fontMetrics().horizontalAdvance(stage.name));
        longest = std::max(longest, stage.ms);
    }
    const int timeWidth = fontMetrics().horizontalAdvance(QStringLiteral("skipped  "));
    const int barLeft = nameWidth + 12, barRoom = std::max(20, width() - barLeft - timeWidth - 8);
    int y = 0;
    for (const StageView &stage : std::as_const(m_stages)) {
        const bool failed = stage.status == QLatin1String("failed");
        const bool running = stage.status == QLatin1String("running");
        const bool skipped = stage.status == QLatin1String("skipped");
        painter.setPen(colors[skipped ? Role::DimText : Role::Text]);
        painter.drawText(QRect(0, y, nameWidth, rowHeight()), Qt::AlignLeft | Qt::AlignVCenter, stage.name);
        const double share = running ? 1 : stage.ms / longest;
        const QRectF bar(barLeft, y + rowHeight() / 2.0 - 3.5, std::max(skipped ? 0.0 : 2.0, share * barRoom),
                         7);
        painter.fillRect(bar,
                         colors[failed        ? Role::OutcomeBuildError
                                    : running ? Role::Selection
                                              : Role::Accent]);
        painter.setPen(colors[failed ? Role::Text : Role::DimText]);
        painter.drawText(QRect(width() - timeWidth, y, timeWidth, rowHeight()),
                         Qt::AlignRight | Qt::AlignVCenter, failed ? tr("✕ failed") : statusText(stage));
        y += rowHeight();
    }
    if (m_wallMs > 0) {
        painter.setPen(colors[Role::DimText]);
        painter.drawText(QRect(0, y, nameWidth, rowHeight()), Qt::AlignLeft | Qt::AlignVCenter, tr("in all"));
        painter.drawText(QRect(width() - timeWidth, y, timeWidth, rowHeight()),
                         Qt::AlignRight | Qt::AlignVCenter, timeText(m_wallMs * 1000));
    }
}

bool StageBars::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto *help = static_cast<QHelpEvent *>(event);
        const int row = help->pos().y() / rowHeight();
        if (row >= 0 && row < m_stages.size())
            QToolTip::showText(help->globalPos(),
                               QStringLiteral("%1: %2, %3. %4")
                                   .arg(m_stages[row].name, m_stages[row].status,
                                        timeText(m_stages[row].ms * 1000), m_stages[row].detail),
                               this);
        return true;
    }
    return QWidget::event(event);
}

} // namespace ww::ui
