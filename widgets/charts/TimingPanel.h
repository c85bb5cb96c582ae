// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/bridge/ViewTypes.h"

#include <QWidget>

class QComboBox;
class QLabel;

namespace ww::ui {

class TimingPlot;

/// "Timing now": the samples of the candidate in the gate as they come; otherwise those of the shown
/// candidate as they were measured.
class TimingPanel final : public QWidget {
    Q_OBJECT
public:
    explicit TimingPanel(QWidget *parent = nullptr);
    /// Samples have come. A new measurement takes the panel over.
    void addSamples(const SamplesView &samples);
    /// That candidate has left the gate.
    void finish(CandidateId id);
    /// What to show while nothing is measured.
    void setShown(const CandidateView &candidate);
    void clear();
    [[nodiscard]] TimingPlot *plot() { return m_plot; }

private:
    struct Series {
        QString workload;
        QList<float> candidate, baseline;
        int discarded = 0;
        double baselineMedianUs = 0;
    };
    static Series &seriesOf(QList<Series> &all, const QString &workload);
    void refresh();
    void fillWorkloads(const QList<Series> &all);

    QComboBox *m_workload;
    QLabel *m_text;
    TimingPlot *m_plot;
    CandidateId m_measured = kNoCandidate;
    bool m_confirmation = false;
    QList<Series> m_live;
    QString m_latestWorkload;
    CandidateView m_shown;
    QList<Series> m_stored;
};

} // namespace ww::ui
