// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/DistributionPlot.h"

#include "widgets/charts/Decimation.h"
#include "widgets/common/Format.h"

#include <algorithm>

namespace ww::ui {

namespace {
constexpr int kDrawnSamples = 400; // of each candidate
}

DistributionPlot::DistributionPlot(QWidget *parent)
    : Plot(tr("Distribution of samples by candidate"), parent),
      m_boxes(new QCPStatisticalBox(xAxis, yAxis)),
      m_chosenBox(new QCPStatisticalBox(xAxis, yAxis)),
      m_samples(addGraph()),
      m_baseline(new QCPItemLine(this))
{
    setObjectName(QStringLiteral("distributionPlot"));
    m_samples->setLineStyle(QCPGraph::lsNone);
    for (QCPStatisticalBox *box : {m_boxes, m_chosenBox}) {
        box->setWidth(0.34);
        box->setWhiskerWidth(0.14);
    }
    m_baseline->setSelectable(false);
    m_baseline->start->setTypeX(QCPItemPosition::ptAxisRectRatio);
    m_baseline->end->setTypeX(QCPItemPosition::ptAxisRectRatio);
    setSeries({});
}

void DistributionPlot::setSeries(const QList<DistributionSeries> &series)
{
    m_series = series;
    redrawSoon();
}

void DistributionPlot::restyle()
{
    const Theme &colors = theme();
    const auto paint = [&](QCPStatisticalBox *box, const QColor &color, double width) {
        QColor fill = color;
        fill.setAlphaF(0.22F);
        box->setPen(QPen(color, width));
        box->setBrush(fill);
        box->setMedianPen(QPen(colors[Role::ChartMedian], 2, Qt::SolidLine, Qt::FlatCap));
        box->setWhiskerPen(QPen(color, width, Qt::SolidLine, Qt::FlatCap));
        box->setWhiskerBarPen(QPen(color, width));
        box->setOutlierStyle(QCPScatterStyle(QCPScatterStyle::ssNone));
    };
    paint(m_boxes, colors[Role::ChartBaseline], 1.2);
    paint(m_chosenBox, colors[Role::ChartCandidate], 1.8);
    m_samples->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, colors[Role::DimText], 3));
    m_baseline->setPen(QPen(colors[Role::ChartBaseline], 1.2, Qt::DashLine));
}

void DistributionPlot::addBox(double key, const DistributionSeries &series, double scale)
{
    QList<double> sorted(series.us.begin(), series.us.end());
    std::sort(sorted.begin(), sorted.end());
    const double q1 = quantileOfSorted(sorted, 0.25), q3 = quantileOfSorted(sorted, 0.75);
    const double reach = 1.5 * (q3 - q1);
    double low = q1, high = q3;
    for (const double us : sorted) {
        if (us >= q1 - reach)
            low = std::min(low, us);
        if (us <= q3 + reach)
            high = std::max(high, us);
    }
    (series.chosen ? m_chosenBox : m_boxes)
        ->addData(key, low * scale, q1 * scale, quantileOfSorted(sorted, 0.5) * scale, q3 * scale,
                  high * scale);
    const Decimated drawn = decimate(series.us, kDrawnSamples);
    for (const QPointF &point : drawn.points) {
        const double spread =
            std::fmod(point.x() * 0.6180339887, 1.0); // golden-ratio steps fill a strip evenly
        m_samples->addData(key + 0.24 + spread * 0.16, point.y() * scale);
    }
}

void DistributionPlot::rebuild()
{
    m_boxes->data()->clear();
    m_chosenBox->data()->clear();
    m_samples->data()->clear();
    const bool empty = m_series.isEmpty();
    setEmptyText(empty ? tr("Choose a timed candidate to compare its samples with the best ones")
                       : QString());
    m_baseline->setVisible(!empty);
    if (empty) {
        setSummary(tr("no timed candidate"));
        setNote({});
        return;
    }
    double low = 1e300, high = 0, baseline = 0;
    qsizetype most = 0;
    for (const DistributionSeries &series : std::as_const(m_series)) {
        const auto [least, largest] = std::minmax_element(series.us.begin(), series.us.end());
        low = std::min(low, static_cast<double>(*least));
        high = std::max(high, static_cast<double>(*largest));
        most = std::max(most, series.us.size());
        if (series.chosen || baseline == 0)
            baseline = series.baselineMedianUs;
    }
    const bool showBaseline = baseline > 0 && baseline < high * 1.5; // further off it would flatten every box
    const double topUs = showBaseline ? std::max(high, baseline) : high;
    const TimeUnit unit = timeUnitFor(low);
    const bool log = low > 0 && topUs / low > 8;
    if (m_log != static_cast<int>(log)) {
        m_log = log;
        setLogarithmic(yAxis, log);
    }
    QSharedPointer<QCPAxisTickerText> names(new QCPAxisTickerText);
    for (int i = 0; i < m_series.size(); ++i) {
        addBox(i + 1, m_series[i], unit.perUs);
        names->addTick(i + 1, idText(m_series[i].id) + (m_series[i].best ? QStringLiteral(" ★") : QString()));
    }
    xAxis->setTicker(names);
    xAxis->setLabel(tr("candidate"));
    yAxis->setLabel(log ? tr("time (%1, log)").arg(unit.name) : tr("time (%1)").arg(unit.name));
    m_baseline->setVisible(showBaseline);
    m_baseline->start->setCoords(0, baseline * unit.perUs);
    m_baseline->end->setCoords(1, baseline * unit.perUs);
    QStringList notes;
    if (most > kDrawnSamples)
        notes << tr("at most %1 samples drawn of each").arg(kDrawnSamples);
    if (showBaseline)
        notes << tr("dashed: baseline %1").arg(timeText(baseline));
    else if (baseline > 0)
        notes << tr("baseline %1, off the chart").arg(timeText(baseline));
    setNote(notes.join(QStringLiteral(" · ")));
    if (!isHeld()) {
        xAxis->setRange(0.3, std::max<double>(static_cast<double>(m_series.size()), 4) + 0.8);
        const double pad = (topUs - low) * 0.1 + topUs * 0.005;
        yAxis->setRange(log ? low * unit.perUs / 1.2 : std::max(0.0, low - pad) * unit.perUs,
                        log ? topUs * unit.perUs * 1.2 : (topUs + pad) * unit.perUs);
    }
    setSummary(tr("samples of %1").arg(counted(m_series.size(), tr("candidate"), tr("candidates"))));
}

} // namespace ww::ui
