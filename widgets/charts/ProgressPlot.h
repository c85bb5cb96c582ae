// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/Plot.h"
#include "widgets/models/Selection.h"

#include <array>

namespace ww::ui {

/// Best so far against step or running time; every candidate as a point with the mark of its outcome,
/// those without a speed-up on a line of their own below.
class ProgressPlot final : public Plot {
    Q_OBJECT
public:
    ProgressPlot(CandidateModel *model, Selection *selection, QWidget *parent = nullptr);
    void setBySeconds(bool bySeconds);

protected:
    void restyle() override;
    void rebuild() override;
    bool event(QEvent *event) override;

private:
    struct Point {
        CandidateId id = 0;
        double x = 0, y = 0;
    };
    void collect();
    [[nodiscard]] CandidateId hit(QPointF position) const;

    CandidateModel *m_model;
    Selection *m_selection;
    QCPGraph *m_best;
    std::array<QCPGraph *, kOutcomeCount> m_byOutcome {};
    QCPGraph *m_star;
    QCPGraph *m_chosen;
    QCPItemLine *m_unit; ///< 1×: the baseline
    QList<Point> m_points;
    double m_lowest = 1, m_highest = 1, m_failedAt = 0.5, m_lastX = 1;
    bool m_bySeconds = false;
};

} // namespace ww::ui
