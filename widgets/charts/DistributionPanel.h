// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/models/Selection.h"

#include <QTimer>
#include <QWidget>

#include <functional>

class QComboBox;
class QLabel;

namespace ww::ui {

class DistributionPlot;

/// "Distribution": the samples of the chosen candidate beside those of the fastest ones, on one workload.
class DistributionPanel final : public QWidget {
    Q_OBJECT
public:
    /// Timing of a candidate on all workloads, with samples.
    using TimingOf = std::function<QList<TimingView>(CandidateId)>;

    DistributionPanel(CandidateModel *model, Selection *selection, TimingOf timingOf,
                      QWidget *parent = nullptr);
    [[nodiscard]] DistributionPlot *plot() { return m_plot; }

protected:
    void showEvent(QShowEvent *event) override;

private:
    void refreshSoon();
    void refresh();
    [[nodiscard]] QList<CandidateId> shownCandidates() const;

    CandidateModel *m_model;
    Selection *m_selection;
    TimingOf m_timingOf;
    QComboBox *m_workload;
    QLabel *m_text;
    DistributionPlot *m_plot;
    QTimer m_timer;
};

} // namespace ww::ui
