// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/TimingPanel.h"

#include "widgets/charts/TimingPlot.h"
#include "widgets/common/Format.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>

namespace ww::ui {

TimingPanel::TimingPanel(QWidget *parent)
    : QWidget(parent), m_workload(new QComboBox), m_text(new QLabel), m_plot(new TimingPlot)
{
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(8, 4, 8, 0);
    m_workload->setAccessibleName(tr("Workload of the shown samples"));
    m_workload->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_text->setObjectName(QStringLiteral("timingText"));
    m_text->setAccessibleName(tr("Timing"));
    m_text->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    bar->addWidget(m_text, 1);
    bar->addWidget(m_workload);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(bar);
    layout->addWidget(m_plot, 1);
    connect(m_workload, &QComboBox::activated, this, &TimingPanel::refresh);
    clear();
}

TimingPanel::Series &TimingPanel::seriesOf(QList<Series> &all, const QString &workload)
{
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Series &s) { return s.workload == workload; });
    if (found != all.end())
        return *found;
    all.append(Series {workload, {}, {}});
    return all.last();
}

void TimingPanel::addSamples(const SamplesView &samples)
{
    if (samples.id != m_measured || samples.confirmation != m_confirmation) {
        m_measured = samples.id;
        m_confirmation = samples.confirmation;
        m_live.clear();
    }
    Series &series = seriesOf(m_live, samples.workload);
    (samples.baseline ? series.baseline : series.candidate).append(samples.us);
    m_latestWorkload = samples.workload;
    refresh();
}

void TimingPanel::finish(CandidateId id)
{
    if (id == m_measured) {
        m_measured = kNoCandidate;
        refresh();
    }
}

void TimingPanel::setShown(const CandidateView &candidate)
{
    m_shown = candidate;
    m_stored.clear();
    for (const TimingView &timing : candidate.evaluation.timing)
        m_stored.append({timing.mode == QStringLiteral("cold")
                             ? timing.workload
                             : timing.workload + QStringLiteral(" · ") + timing.mode,
                         timing.samplesUs,
                         {},
                         timing.discarded,
                         timing.baselineMedianUs});
    if (m_measured == kNoCandidate)
        refresh();
}

void TimingPanel::clear()
{
    m_measured = kNoCandidate;
    m_live.clear();
    m_stored.clear();
    m_shown = {};
    m_shown.node.id = kNoCandidate;
    refresh();
}

void TimingPanel::fillWorkloads(const QList<Series> &all)
{
    QStringList names {tr("latest workload")};
    for (const Series &series : all)
        names << series.workload;
    QStringList present;
    for (int i = 0; i < m_workload->count(); ++i)
        present << m_workload->itemText(i);
    if (names == present)
        return;
    const QString kept = m_workload->currentIndex() > 0 ? m_workload->currentText() : QString();
    m_workload->clear();
    m_workload->addItems(names);
    m_workload->setCurrentIndex(std::max(0, static_cast<int>(names.indexOf(kept))));
}

void TimingPanel::refresh()
{
    const bool live = m_measured != kNoCandidate;
    const QList<Series> &all = live ? m_live : m_stored;
    fillWorkloads(all);
    m_workload->setVisible(all.size() > 1);
    const QString wanted = m_workload->currentIndex() > 0 ? m_workload->currentText()
        : live                                            ? m_latestWorkload
        : all.isEmpty()                                   ? QString()
                                                          : all.last().workload;
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Series &s) { return s.workload == wanted; });
    if (found == all.end()) {
        const bool chosen = m_shown.node.id > 0;
        m_plot->setSamples(
            {}, {},
            chosen
                ? tr("%1 was not timed: %2").arg(idText(m_shown.node.id), outcomeName(m_shown.node.outcome))
                : tr("Samples appear here while a candidate is timed"));
        m_text->clear();
        return;
    }
    m_plot->setSamples(found->candidate, found->baseline, tr("Waiting for the first sample"));
    QStringList parts;
    parts << (live ? (m_confirmation ? tr("confirming %1") : tr("measuring %1")).arg(idText(m_measured))
                   : tr("%1 as measured").arg(idText(m_shown.node.id)));
    parts << found->workload << counted(found->candidate.size(), tr("sample"), tr("samples"));
    if (found->discarded > 0)
        parts << tr("%1 discarded").arg(found->discarded);
    if (!found->candidate.isEmpty())
        parts << tr("median <b>%1</b>").arg(timeText(m_plot->candidateMedian()));
    if (!found->baseline.isEmpty())
        parts << tr("baseline %1").arg(timeText(m_plot->baselineMedian()));
    else if (found->baselineMedianUs > 0)
        parts << tr("baseline %1").arg(timeText(found->baselineMedianUs));
    m_text->setText(parts.join(QStringLiteral(" · ")));
}

} // namespace ww::ui
