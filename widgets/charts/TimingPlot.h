// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/Plot.h"

namespace ww::ui {

/// The samples of one workload in the order taken, with the baseline's that were taken between them, and
/// the median of each as a line.
class TimingPlot final : public Plot {
    Q_OBJECT
public:
    explicit TimingPlot(QWidget *parent = nullptr);
    /// Shows these; both in µs. `empty` says what to do when there are none.
    void setSamples(const QList<float> &candidate, const QList<float> &baseline, const QString &empty);
    [[nodiscard]] double candidateMedian() const { return m_candidateMedian; }
    [[nodiscard]] double baselineMedian() const { return m_baselineMedian; }

protected:
    void restyle() override;
    void rebuild() override;

private:
    void place(QCPGraph *points, QCPItemLine *line, const QList<float> &samples, double median, double scale,
               int &ratio);

    QCPGraph *m_candidate;
    QCPGraph *m_baseline;
    QCPItemLine *m_candidateLine;
    QCPItemLine *m_baselineLine;
    QList<float> m_candidateUs, m_baselineUs;
    double m_candidateMedian = 0, m_baselineMedian = 0;
    QString m_emptyText;
    int m_log = -1; ///< −1 unknown yet
};

} // namespace ww::ui
