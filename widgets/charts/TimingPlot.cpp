// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/TimingPlot.h"

#include "widgets/charts/Decimation.h"
#include "widgets/common/Format.h"

#include <algorithm>

namespace ww::ui {

namespace {
constexpr int kDrawnPoints = 2000;

double medianOf(const QList<float> &values)
{
    QList<double> sorted(values.begin(), values.end());
    std::sort(sorted.begin(), sorted.end());
    return quantileOfSorted(sorted, 0.5);
}
} // namespace

TimingPlot::TimingPlot(QWidget *parent)
    : Plot(tr("Timing samples"), parent),
      m_candidate(addGraph()),
      m_baseline(addGraph()),
      m_candidateLine(new QCPItemLine(this)),
      m_baselineLine(new QCPItemLine(this))
{
    setObjectName(QStringLiteral("timingPlot"));
    for (QCPGraph *graph : {m_candidate, m_baseline})
        graph->setLineStyle(QCPGraph::lsNone);
    for (QCPItemLine *line : {m_candidateLine, m_baselineLine}) {
        line->start->setTypeX(QCPItemPosition::ptAxisRectRatio);
        line->end->setTypeX(QCPItemPosition::ptAxisRectRatio);
        line->start->setTypeY(QCPItemPosition::ptPlotCoords);
        line->end->setTypeY(QCPItemPosition::ptPlotCoords);
        line->setSelectable(false);
    }
    setSamples({}, {}, {});
}

void TimingPlot::setSamples(const QList<float> &candidate, const QList<float> &baseline, const QString &empty)
{
    m_candidateUs = candidate;
    m_baselineUs = baseline;
    m_emptyText = empty;
    m_candidateMedian = medianOf(candidate);
    m_baselineMedian = medianOf(baseline);
    redrawSoon();
}

void TimingPlot::restyle()
{
    const Theme &colors = theme();
    m_candidate->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, colors[Role::ChartCandidate], 5));
    m_baseline->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssCircle, colors[Role::ChartBaseline], 5));
    m_candidateLine->setPen(QPen(colors[Role::ChartMedian], 1.6));
    QPen dashed(colors[Role::ChartBaseline], 1.2, Qt::DashLine);
    m_baselineLine->setPen(dashed);
}

void TimingPlot::place(QCPGraph *points, QCPItemLine *line, const QList<float> &samples, double median,
                       double scale, int &ratio)
{
    const Decimated drawn = decimate(samples, kDrawnPoints);
    ratio = std::max(ratio, drawn.ratio);
    QVector<QCPGraphData> drawnData;
    drawnData.reserve(drawn.points.size());
    for (const QPointF &point : drawn.points)
        drawnData.append({point.x(), point.y() * scale});
    points->data()->set(drawnData, true);
    line->setVisible(!samples.isEmpty());
    line->start->setCoords(0, median * scale);
    line->end->setCoords(1, median * scale);
}

void TimingPlot::rebuild()
{
    const bool empty = m_candidateUs.isEmpty() && m_baselineUs.isEmpty();
    setEmptyText(empty ? m_emptyText : QString());
    const TimeUnit unit = timeUnitFor(m_candidateMedian > 0 ? m_candidateMedian : m_baselineMedian);
    double low = 1e300, high = 0;
    for (const auto *samples : {&m_candidateUs, &m_baselineUs}) {
        for (const float us : *samples) {
            low = std::min(low, static_cast<double>(us));
            high = std::max(high, static_cast<double>(us));
        }
    }
    const bool log = !empty && low > 0 && high / low > 8;
    if (m_log != static_cast<int>(log)) {
        m_log = log;
        setLogarithmic(yAxis, log);
    }
    xAxis->setLabel(tr("sample"));
    yAxis->setLabel(log ? tr("time (%1, log)").arg(unit.name) : tr("time (%1)").arg(unit.name));
    int ratio = 1;
    place(m_candidate, m_candidateLine, m_candidateUs, m_candidateMedian, unit.perUs, ratio);
    place(m_baseline, m_baselineLine, m_baselineUs, m_baselineMedian, unit.perUs, ratio);
    setNote(ratio > 1 ? tr("1 of %1 samples drawn, extremes kept").arg(ratio) : QString());
    if (!empty && !isHeld()) {
        const auto count = static_cast<double>(std::max(m_candidateUs.size(), m_baselineUs.size()));
        xAxis->setRange(0, std::max(count + 1, 8.0));
        const double pad = log ? 0 : std::max((high - low) * 0.12, high * 0.01);
        yAxis->setRange(log ? low * unit.perUs / 1.3 : std::max(0.0, low - pad) * unit.perUs,
                        log ? high * unit.perUs * 1.3 : (high + pad) * unit.perUs);
    }
    setSummary(empty ? m_emptyText
                     : counted(m_candidateUs.size(), tr("sample"), tr("samples"))
                       + tr(", median %1; baseline %2 samples, median %3")
                             .arg(timeText(m_candidateMedian))
                             .arg(m_baselineUs.size())
                             .arg(timeText(m_baselineMedian)));
}

} // namespace ww::ui
