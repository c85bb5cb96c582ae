// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/bridge/ViewTypes.h"

#include <QStatusBar>

class QLabel;
class QProgressBar;

namespace ww::ui {

/// The line at the bottom: how far, how long, what is best, what the device and the sandbox do.
class StatusStrip final : public QStatusBar {
    Q_OBJECT
public:
    explicit StatusStrip(QWidget *parent = nullptr);
    void show(const SummaryView &summary, RunState state, double runSeconds);
    [[nodiscard]] QString text() const;

private:
    QLabel *m_state;
    QProgressBar *m_progress;
    QLabel *m_text;
    QLabel *m_right;
};

/// How far a search is, 0…1 by whichever limit is nearer; below 0 without a limit.
[[nodiscard]] double searchProgress(const SummaryView &summary, double runSeconds);
/// Running time the whole search will take at its present pace; below 0 while unknown.
[[nodiscard]] double estimatedSeconds(const SummaryView &summary, double runSeconds);

} // namespace ww::ui
