// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

namespace ww::ui {

/// Shown at the first start: what one sees, what to press, where kernels come from. Dismissed once.
class FirstRunCard final : public QFrame {
    Q_OBJECT
public:
    explicit FirstRunCard(QWidget *parent = nullptr);

signals:
    void dismissed();

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
};

} // namespace ww::ui
