// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/Plot.h"

namespace ww::ui {

/// One candidate's samples on the shown workload.
struct DistributionSeries {
    CandidateId id = 0;
    bool chosen = false;
    bool best = false;
    double baselineMedianUs = 0;
    QList<float> us;
};

/// Samples of several candidates side by side: a box from the first to the third quartile with the median,
/// whiskers to the last sample within 1.5 box heights, and the samples themselves.
class DistributionPlot final : public Plot {
    Q_OBJECT
public:
    explicit DistributionPlot(QWidget *parent = nullptr);
    void setSeries(const QList<DistributionSeries> &series);

protected:
    void restyle() override;
    void rebuild() override;

private:
    void addBox(double key, const DistributionSeries &series, double scale);

    QCPStatisticalBox *m_boxes;
    QCPStatisticalBox *m_chosenBox;
    QCPGraph *m_samples;
    QCPItemLine *m_baseline;
    QList<DistributionSeries> m_series;
    int m_log = -1;
};

} // namespace ww::ui
