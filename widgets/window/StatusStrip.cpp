// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/window/StatusStrip.h"

#include "widgets/common/Format.h"
#include "widgets/conversation/ConversationText.h"

#include <QLabel>
#include <QProgressBar>

#include <algorithm>

namespace ww::ui {

namespace {

constexpr int kStepsForEstimate = 3;

QString stateText(RunState state, const SummaryView &summary)
{
    switch (state) {
    case RunState::Empty: return QObject::tr("Ready");
    case RunState::Loading: return QObject::tr("Loading…");
    case RunState::Starting: return QObject::tr("Starting the worker…");
    case RunState::Running: return QObject::tr("Searching");
    case RunState::Paused: return QObject::tr("Paused");
    case RunState::Stopping: return QObject::tr("Stopping…");
    case RunState::Review: break;
    }
    if (summary.stopReason.isEmpty())
        return QObject::tr("Cut off or still written");
    const QString why = summary.stopReason == QLatin1String("user") ? QObject::tr("stopped")
        : summary.stopReason == QLatin1String("steps")              ? QObject::tr("step limit reached")
        : summary.stopReason == QLatin1String("seconds")            ? QObject::tr("time limit reached")
        : summary.stopReason == QLatin1String("exhausted")          ? QObject::tr("no candidate left to try")
        : summary.stopReason == QLatin1String("stagnation")         ? QObject::tr("no better one for long")
        : summary.stopReason == QLatin1String("money")              ? QObject::tr("money limit reached")
        : summary.stopReason == QLatin1String("error")              ? QObject::tr("ended by a fault")
                                                                    : summary.stopReason;
    return QObject::tr("Finished: %1").arg(why);
}

} // namespace

double searchProgress(const SummaryView &summary, double runSeconds)
{
    double progress = -1;
    if (summary.settings.steps > 0)
        progress = static_cast<double>(summary.stepsDone) / summary.settings.steps;
    if (summary.settings.seconds > 0)
        progress = std::max(progress, runSeconds / summary.settings.seconds);
    return std::min(progress, 1.0);
}

double estimatedSeconds(const SummaryView &summary, double runSeconds)
{
    double estimate = -1;
    if (summary.settings.steps > 0 && summary.stepsDone >= kStepsForEstimate)
        estimate = runSeconds * summary.settings.steps / summary.stepsDone;
    if (summary.settings.seconds > 0)
        estimate = estimate < 0 ? summary.settings.seconds : std::min(estimate, summary.settings.seconds);
    return estimate;
}

StatusStrip::StatusStrip(QWidget *parent)
    : QStatusBar(parent),
      m_state(new QLabel),
      m_progress(new QProgressBar),
      m_text(new QLabel),
      m_right(new QLabel)
{
    setObjectName(QStringLiteral("statusStrip"));
    setSizeGripEnabled(false);
    m_state->setProperty("title", true);
    m_state->setContentsMargins(8, 0, 4, 0);
    m_progress->setTextVisible(false);
    m_progress->setFixedWidth(120);
    m_progress->setRange(0, 1000);
    m_progress->setAccessibleName(tr("Progress of the search"));
    m_text->setObjectName(QStringLiteral("statusText"));
    m_text->setSizePolicy(QSizePolicy::Ignored,
                          QSizePolicy::Preferred); // a long line must not widen the window
    m_right->setProperty("dim", true);
    m_right->setContentsMargins(0, 0, 8, 0);
    addWidget(m_state);
    addWidget(m_progress);
    addWidget(m_text, 1);
    addPermanentWidget(m_right);
}

void StatusStrip::show(const SummaryView &summary, RunState state, double runSeconds)
{
    m_state->setText(stateText(state, summary));
    const bool opened = !summary.path.isEmpty();
    const double progress = searchProgress(summary, runSeconds);
    const bool starting = state == RunState::Starting || state == RunState::Loading;
    m_progress->setVisible(starting || (opened && progress >= 0));
    m_progress->setRange(0, starting ? 0 : 1000);
    m_progress->setValue(static_cast<int>(progress * 1000));
    if (!opened) {
        m_text->clear();
        m_right->clear();
        return;
    }
    QStringList parts;
    parts << (summary.settings.steps > 0 ? tr("step %1/%2").arg(summary.stepsDone).arg(summary.settings.steps)
                                         : tr("step %1").arg(summary.stepsDone));
    const bool going = state == RunState::Running || state == RunState::Paused;
    const double estimate = estimatedSeconds(summary, runSeconds);
    parts << (!going             ? clockText(runSeconds)
                  : estimate > 0 ? tr("%1 of <i>~%2</i>").arg(clockText(runSeconds), clockText(estimate))
                                 : tr("%1, end unknown").arg(clockText(runSeconds)));
    if (summary.best != kNoCandidate)
        parts << tr("best %1 <b>%2</b> %3")
                     .arg(idText(summary.best), ratioText(summary.bestSpeedup.value),
                          summary.confirmedBest == summary.best ? tr("(confirmed)") : tr("(not confirmed)"));
    else if (summary.candidates > 0)
        parts << tr("nothing faster than the baseline yet");
    const int failed = summary.counts[static_cast<int>(Outcome::BuildError)]
        + summary.counts[static_cast<int>(Outcome::Wrong)]
        + summary.counts[static_cast<int>(Outcome::Crashed)];
    parts << tr("%1, %2 failed")
                 .arg(counted(summary.candidates, tr("candidate"), tr("candidates")))
                 .arg(failed);
    if (const int faults = summary.counts[static_cast<int>(Outcome::Fault)]; faults > 0)
        parts << counted(faults, tr("device fault"), tr("device faults"));
    m_text->setText(parts.join(QStringLiteral(" · ")));
    m_text->setToolTip(tr("%1\n%2").arg(summary.path, summary.stopDetail));
    QStringList right;
    if (summary.spending.calls > 0)
        right << tr("model %1").arg(spendingShort(summary.spending));
    if (!summary.device.isEmpty())
        right
            << (summary.runSeconds > 0
                    ? tr("%1 idle %2").arg(shortened(summary.device, 24), percentText(1 - summary.busyShare))
                    : shortened(summary.device, 24));
    right << tr("sandbox %1").arg(summary.sandbox.isEmpty() ? tr("unknown") : summary.sandbox);
    m_right->setText(right.join(QStringLiteral(" · ")));
    m_right->setToolTip(
        tr("%1\nsandbox: %2 %3").arg(summary.deviceName, summary.sandbox, summary.sandboxNote));
}

QString StatusStrip::text() const
{
    return m_state->text() + QStringLiteral(" · ") + m_text->text();
}

} // namespace ww::ui
