// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

namespace ww::ui {

/// What the marks and edges of the tree mean; wraps to the width it has.
class TreeLegend final : public QWidget {
    Q_OBJECT
public:
    explicit TreeLegend(QWidget *parent = nullptr);
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {120, 20}; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    int flow(int width, QPainter *painter) const;
};

} // namespace ww::ui
