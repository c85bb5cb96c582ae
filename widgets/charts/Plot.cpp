// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/Plot.h"

#include "widgets/common/Format.h"

#include <QAccessible>

#include <cmath>

namespace ww::ui {

Plot::Plot(const QString &name, QWidget *parent)
    : QCustomPlot(parent), m_empty(new QCPItemText(this)), m_note(new QCPItemText(this))
{
    setAccessibleName(name);
    setMinimumSize(160, 90);
    setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    setNoAntialiasingOnDrag(true);
    axisRect()->setMinimumMargins(QMargins(8, 8, 12, 8));
    for (QCPItemText *text : {m_empty, m_note}) {
        text->position->setType(QCPItemPosition::ptAxisRectRatio);
        text->setClipToAxisRect(false);
        text->setSelectable(false);
        text->setLayer(QStringLiteral("overlay"));
        text->setVisible(false);
    }
    m_empty->position->setCoords(0.5, 0.45);
    m_empty->setTextAlignment(Qt::AlignCenter);
    m_note->position->setCoords(0.995, 0.01);
    m_note->setPositionAlignment(Qt::AlignRight | Qt::AlignTop);
    m_note->setPadding(QMargins(4, 1, 4, 1));
    const auto hold = [this] { m_held = true; };
    connect(this, &QCustomPlot::mouseWheel, this, hold);
    connect(this, &QCustomPlot::mouseMove, this, [this](QMouseEvent *event) {
        if (event->buttons() & Qt::LeftButton)
            m_held = true;
    });
}

void Plot::setSummary(const QString &summary)
{
    if (summary == m_summary)
        return;
    m_summary = summary;
    setAccessibleDescription(summary);
}

void Plot::setEmptyText(const QString &text)
{
    m_empty->setText(text);
    m_empty->setVisible(!text.isEmpty());
    for (QCPAxis *axis : {xAxis, yAxis})
        axis->setVisible(text.isEmpty());
}

void Plot::setNote(const QString &text)
{
    m_note->setText(text);
    m_note->setVisible(!text.isEmpty());
}

void Plot::setLogarithmic(QCPAxis *axis, bool on, const QString &suffix)
{
    axis->setScaleType(on ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    if (on)
        axis->setTicker(QSharedPointer<QCPAxisTicker>(new DecadeTicker(suffix)));
    else
        axis->setTicker(QSharedPointer<QCPAxisTicker>(new QCPAxisTicker));
}

void Plot::redrawSoon()
{
    if (!m_timer.isActive())
        m_timer.start(16, this);
}

void Plot::timerEvent(QTimerEvent *event)
{
    if (event->timerId() != m_timer.timerId()) {
        QCustomPlot::timerEvent(event);
        return;
    }
    m_timer.stop();
    m_behind = !isVisible();
    if (m_behind)
        return;
    if (!m_styled)
        applyTheme();
    rebuild();
    replot(QCustomPlot::rpQueuedReplot);
}

void Plot::showEvent(QShowEvent *event)
{
    QCustomPlot::showEvent(event);
    if (m_behind)
        redrawSoon();
}

void Plot::mouseDoubleClickEvent(QMouseEvent *event)
{
    m_held = false;
    redrawSoon();
    QCustomPlot::mouseDoubleClickEvent(event);
}

void Plot::changeEvent(QEvent *event)
{
    QCustomPlot::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
        m_styled = false;
        redrawSoon();
    }
}

void Plot::applyTheme()
{
    const Theme &colors = theme();
    setBackground(colors[Role::Panel]);
    QFont small = font();
    small.setPointSizeF(small.pointSizeF() * 0.88);
    for (QCPAxis *axis : {xAxis, yAxis, xAxis2, yAxis2}) {
        axis->setBasePen(QPen(colors[Role::Border]));
        axis->setTickPen(QPen(colors[Role::Border]));
        axis->setSubTickPen(QPen(colors[Role::Border]));
        axis->setTickLabelColor(colors[Role::DimText]);
        axis->setLabelColor(colors[Role::DimText]);
        axis->setTickLabelFont(small);
        axis->setLabelFont(small);
        axis->setLabelPadding(4);
        axis->grid()->setPen(QPen(colors[Role::ChartGrid], 1));
        axis->grid()->setZeroLinePen(QPen(colors[Role::ChartGrid], 1));
    }
    m_empty->setColor(colors[Role::DimText]);
    m_empty->setFont(font());
    m_note->setColor(colors[Role::DimText]);
    m_note->setFont(small);
    m_note->setBrush(colors[Role::Panel]);
    restyle();
    m_styled = true;
}

QVector<double> DecadeTicker::createTickVector(double, const QCPRange &range)
{
    QVector<double> ticks;
    if (range.lower <= 0 || range.upper <= range.lower)
        return ticks;
    const bool fine = range.upper / range.lower < 1000;
    const int first = static_cast<int>(std::floor(std::log10(range.lower)));
    const int last = static_cast<int>(std::ceil(std::log10(range.upper)));
    for (int decade = first; decade <= last; ++decade) {
        for (const int digit : {1, 2, 5}) {
            if (fine || digit == 1)
                ticks.append(digit * std::pow(10.0, decade));
        }
    }
    return ticks;
}

QString DecadeTicker::getTickLabel(double tick, const QLocale &, QChar, int)
{
    return QString::number(tick, 'g', 4) + m_suffix;
}

} // namespace ww::ui
