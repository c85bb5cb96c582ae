// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/ProgressPlot.h"

#include "widgets/common/Format.h"
#include "widgets/common/Glyphs.h"

#include <QHelpEvent>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace ww::ui {

namespace {

// Ticks of speed-up, and one that names the line of candidates that have none.
class SpeedupTicker final : public QCPAxisTicker {
public:
    explicit SpeedupTicker(double failedAt) : m_failedAt(failedAt) { }

protected:
    QVector<double> createTickVector(double, const QCPRange &range) override
    {
        QVector<double> ticks {m_failedAt};
        const bool fine = range.upper / std::max(range.lower, 1e-6) < 1000;
        for (double decade = 1e-3; decade < 1e6; decade *= 10) {
            for (const int digit : {1, 2, 5}) {
                const double tick = digit * decade;
                if (tick > m_failedAt * 1.2 && tick <= range.upper * 1.01 && (fine || digit == 1))
                    ticks.append(tick);
            }
        }
        return ticks;
    }
    QString getTickLabel(double tick, const QLocale &, QChar, int) override
    {
        return tick == m_failedAt ? QObject::tr("none") : QString::number(tick, 'g', 4) + QStringLiteral("×");
    }
    int getSubTickCount(double) override { return 0; }

private:
    double m_failedAt;
};

// The value that counts: the confirmed one where there is one.
double speedupOf(const NodeView &node)
{
    const bool correct = node.outcome == Outcome::Faster || node.outcome == Outcome::NotFaster
        || node.outcome == Outcome::Ambiguous;
    return !correct ? 0 : node.confirmed.measured() ? node.confirmed.value : node.speedup.value;
}

} // namespace

ProgressPlot::ProgressPlot(CandidateModel *model, Selection *selection, QWidget *parent)
    : Plot(tr("Progress of the search"), parent), m_model(model), m_selection(selection), m_best(addGraph())
{
    setObjectName(QStringLiteral("progressPlot"));
    m_best->setLineStyle(QCPGraph::lsStepLeft);
    for (QCPGraph *&graph : m_byOutcome) {
        graph = addGraph();
        graph->setLineStyle(QCPGraph::lsNone);
    }
    m_star = addGraph();
    m_chosen = addGraph();
    m_star->setLineStyle(QCPGraph::lsNone);
    m_chosen->setLineStyle(QCPGraph::lsNone);
    m_unit = new QCPItemLine(this);
    m_unit->setSelectable(false);
    m_unit->start->setTypeX(QCPItemPosition::ptAxisRectRatio);
    m_unit->end->setTypeX(QCPItemPosition::ptAxisRectRatio);
    m_unit->start->setCoords(0, 1);
    m_unit->end->setCoords(1, 1);
    yAxis->setScaleType(QCPAxis::stLogarithmic);

    connect(model, &QAbstractItemModel::modelReset, this, &ProgressPlot::redrawSoon);
    connect(model, &QAbstractItemModel::rowsInserted, this, &ProgressPlot::redrawSoon);
    connect(model, &QAbstractItemModel::dataChanged, this, &ProgressPlot::redrawSoon);
    connect(selection, &Selection::changed, this, &ProgressPlot::redrawSoon);
    connect(this, &QCustomPlot::mousePress, this, [this](QMouseEvent *press) {
        const CandidateId id = hit(press->position());
        if (id != kNoCandidate)
            m_selection->select(id);
    });
    redrawSoon();
}

void ProgressPlot::setBySeconds(bool bySeconds)
{
    m_bySeconds = bySeconds;
    redrawSoon();
}

void ProgressPlot::restyle()
{
    const Theme &colors = theme();
    m_best->setPen(QPen(colors[Role::Accent], 1.8));
    for (int i = 0; i < kOutcomeCount; ++i) {
        const auto outcome = static_cast<Outcome>(i);
        const QColor color = outcomeColor(colors, outcome, 4);
        const bool outlined = isOutlined(outcome);
        QPainterPath shape = QTransform::fromScale(5, 5).map(outcomeShape(outcome));
        m_byOutcome[static_cast<size_t>(i)]->setScatterStyle(
            QCPScatterStyle(shape, outlined ? QPen(color, 1.6) : QPen(color, 0.5),
                            outlined ? QBrush(Qt::NoBrush) : QBrush(color), 6));
    }
    m_star->setScatterStyle(QCPScatterStyle(glyphPixmap({Outcome::Faster, 32, true, true}, 24, 1)));
    m_chosen->setScatterStyle(
        QCPScatterStyle(QCPScatterStyle::ssSquare, QPen(colors[Role::Focus], 2), Qt::NoBrush, 16));
    m_unit->setPen(QPen(colors[Role::ChartBaseline], 1, Qt::DashLine));
}

void ProgressPlot::collect()
{
    m_points.clear();
    m_lowest = 1;
    m_highest = 1;
    m_lastX = 1;
    double lastStep = 0;
    for (CandidateId id = 1; id < m_model->count(); ++id) {
        const NodeView &node = m_model->node(id);
        lastStep =
            node.step > 0 ? node.step : std::floor(lastStep) + 0.5; // a person's edit lies between steps
        if (node.outcome == Outcome::Waiting || node.outcome == Outcome::Running)
            continue;
        const double speedup = speedupOf(node);
        m_points.append({id, m_bySeconds ? node.seconds : lastStep, speedup});
        m_lastX = std::max(m_lastX, m_points.last().x);
        if (speedup > 0) {
            m_lowest = std::min(m_lowest, speedup);
            m_highest = std::max(m_highest, speedup);
        }
    }
    m_failedAt = m_lowest / std::pow(std::max(m_highest / m_lowest, 3.0), 0.2) / 1.15;
    for (Point &point : m_points) {
        if (point.y <= 0)
            point.y = m_failedAt;
    }
    std::stable_sort(m_points.begin(), m_points.end(),
                     [](const Point &a, const Point &b) { return a.x < b.x; });
}

void ProgressPlot::rebuild()
{
    collect();
    std::array<QVector<QCPGraphData>, kOutcomeCount> byOutcome;
    QVector<QCPGraphData> best, star, chosen;
    double top = 0;
    int measured = 0;
    for (const Point &point : std::as_const(m_points)) {
        const NodeView &node = m_model->node(point.id);
        byOutcome[static_cast<size_t>(node.outcome)].append({point.x, point.y});
        measured += speedupOf(node) > 0;
        if (speedupOf(node) > top && !node.confirmationFailed) {
            top = speedupOf(node);
            best.append({point.x, top});
        }
        if (point.id == m_model->best())
            star.append({point.x, point.y});
        if (point.id == m_selection->current())
            chosen.append({point.x, point.y});
    }
    if (top > 0)
        best.append({m_lastX, top});
    m_best->data()->set(best, true);
    m_star->data()->set(star, true);
    m_chosen->data()->set(chosen, true);
    for (size_t i = 0; i < byOutcome.size(); ++i)
        m_byOutcome[i]->data()->set(byOutcome[i], true);

    const bool empty = m_points.isEmpty();
    setEmptyText(empty ? tr("Each evaluated candidate becomes a point here") : QString());
    m_unit->setVisible(!empty);
    xAxis->setLabel(m_bySeconds ? tr("running time (s)") : tr("step"));
    yAxis->setLabel(tr("speed-up (×, log)"));
    yAxis->setTicker(QSharedPointer<QCPAxisTicker>(new SpeedupTicker(m_failedAt)));
    if (!empty && !isHeld()) {
        xAxis->setRange(0, m_lastX * 1.03 + (m_bySeconds ? 0 : 0.5));
        yAxis->setRange(m_failedAt / 1.25, m_highest * 1.35);
    }
    setSummary(empty ? tr("no candidate evaluated yet")
                     : tr("%1 candidates evaluated, %2 with a speed-up, best so far %3")
                           .arg(m_points.size())
                           .arg(measured)
                           .arg(ratioText(top)));
}

CandidateId ProgressPlot::hit(QPointF position) const
{
    CandidateId nearest = kNoCandidate;
    double reach = 10;
    for (const Point &point : m_points) {
        const double distance = std::hypot(xAxis->coordToPixel(point.x) - position.x(),
                                           yAxis->coordToPixel(point.y) - position.y());
        if (distance < reach) {
            reach = distance;
            nearest = point.id;
        }
    }
    return nearest;
}

bool ProgressPlot::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto *help = static_cast<QHelpEvent *>(event);
        const CandidateId id = hit(help->pos());
        if (id != kNoCandidate && m_model->contains(id))
            QToolTip::showText(help->globalPos(), describe(m_model->node(id)), this);
        else
            QToolTip::hideText();
        return true;
    }
    return Plot::event(event);
}

} // namespace ww::ui
