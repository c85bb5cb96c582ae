// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/bridge/ViewTypes.h"

#include <QWidget>

namespace ww::ui {

/// Where the time of an evaluation went: one bar a stage, all on one scale.
class StageBars final : public QWidget {
    Q_OBJECT
public:
    explicit StageBars(QWidget *parent = nullptr);
    /// `wallMs`: request to verdict; 0 while it runs.
    void setStages(const QList<StageView> &stages, double wallMs);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {160, sizeHint().height()}; }

protected:
    void paintEvent(QPaintEvent *event) override;
    bool event(QEvent *event) override;

private:
    [[nodiscard]] int rowHeight() const { return fontMetrics().height() + 4; }

    QList<StageView> m_stages;
    double m_wallMs = 0;
};

} // namespace ww::ui
