// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/DistributionPanel.h"

#include "widgets/charts/DistributionPlot.h"
#include "widgets/common/Format.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>

namespace ww::ui {

namespace {
constexpr qsizetype kFastest = 7;
}

DistributionPanel::DistributionPanel(CandidateModel *model, Selection *selection, TimingOf timingOf,
                                     QWidget *parent)
    : QWidget(parent),
      m_model(model),
      m_selection(selection),
      m_timingOf(std::move(timingOf)),
      m_workload(new QComboBox),
      m_text(new QLabel),
      m_plot(new DistributionPlot)
{
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(8, 4, 8, 0);
    m_workload->setAccessibleName(tr("Workload of the distribution"));
    m_workload->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_text->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    bar->addWidget(m_text, 1);
    bar->addWidget(m_workload);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(bar);
    layout->addWidget(m_plot, 1);
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &DistributionPanel::refresh);
    connect(m_workload, &QComboBox::activated, this, &DistributionPanel::refresh);
    connect(model, &QAbstractItemModel::modelReset, this, &DistributionPanel::refreshSoon);
    connect(model, &QAbstractItemModel::dataChanged, this, &DistributionPanel::refreshSoon);
    connect(selection, &Selection::changed, this, &DistributionPanel::refreshSoon);
}

void DistributionPanel::refreshSoon()
{
    if (!m_timer.isActive())
        m_timer.start(60);
}

void DistributionPanel::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    refreshSoon();
}

QList<CandidateId> DistributionPanel::shownCandidates() const
{
    QList<CandidateId> timed;
    for (CandidateId id = 1; id < m_model->count(); ++id) {
        if (m_model->node(id).speedup.measured() && m_model->node(id).medianUs > 0)
            timed.append(id);
    }
    const auto fewest = std::min(kFastest, timed.size());
    std::partial_sort(timed.begin(), timed.begin() + fewest, timed.end(),
                      [this](CandidateId a, CandidateId b) {
                          return m_model->node(a).speedup.value > m_model->node(b).speedup.value;
                      });
    timed.resize(fewest);
    const CandidateId chosen = m_selection->current();
    if (m_model->contains(chosen) && m_model->node(chosen).medianUs > 0 && !timed.contains(chosen))
        timed.append(chosen);
    return timed;
}

void DistributionPanel::refresh()
{
    if (!isVisible())
        return; // showEvent() catches up
    const QList<CandidateId> ids = shownCandidates();
    QStringList workloads;
    QList<QList<TimingView>> timings;
    for (const CandidateId id : ids) {
        timings.append(m_timingOf(id));
        for (const TimingView &timing : timings.last()) {
            if (!workloads.contains(timing.workload))
                workloads << timing.workload;
        }
    }
    const QString kept = m_workload->currentText();
    m_workload->clear();
    m_workload->addItems(workloads);
    m_workload->setCurrentIndex(workloads.contains(kept) ? static_cast<int>(workloads.indexOf(kept))
                                                         : static_cast<int>(workloads.size()) - 1);
    m_workload->setVisible(workloads.size() > 1);
    QList<DistributionSeries> series;
    for (int i = 0; i < ids.size(); ++i) {
        for (const TimingView &timing : std::as_const(timings[i])) {
            if (timing.workload == m_workload->currentText() && !timing.samplesUs.isEmpty())
                series.append({ids[i], ids[i] == m_selection->current(), ids[i] == m_model->best(),
                               timing.baselineMedianUs, timing.samplesUs});
        }
    }
    m_text->setText(series.isEmpty() ? QString()
                                     : tr("%1 · the fastest and the chosen candidate, all kept samples")
                                           .arg(m_workload->currentText()));
    m_plot->setSeries(series);
}

} // namespace ww::ui
