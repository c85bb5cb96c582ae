// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/bridge/ViewTypes.h"

#include <QFrame>

class QLabel;
class QPushButton;

namespace ww::ui {

/// A message in place, never a dialog: what happened, why, and what to do; with its details to copy.
class Banner final : public QFrame {
    Q_OBJECT
public:
    enum class Kind { Error, Warning, Info };

    explicit Banner(QWidget *parent = nullptr);
    void showProblem(const ProblemView &problem, Kind kind = Kind::Error);
    void showInfo(const QString &what, const QString &why = {});
    [[nodiscard]] QString text() const { return m_problem.text(); }

signals:
    void dismissed();

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QLabel *m_text;
    QPushButton *m_copy;
    ProblemView m_problem;
    Kind m_kind = Kind::Error;
};

} // namespace ww::ui
