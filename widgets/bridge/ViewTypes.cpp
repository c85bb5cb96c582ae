// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/bridge/ViewTypes.h"

#include <QObject>
#include <QStringList>

namespace ww::ui {

QList<WorkloadView> TaskView::workloadsFor(const QString &deviceKind) const
{
    const QString other = deviceKind == QLatin1String("cpu") ? QStringLiteral("gpu") : QStringLiteral("cpu");
    QList<WorkloadView> fitting;
    for (const WorkloadView &workload : workloads) {
        if (deviceKind.isEmpty() || workload.device != other)
            fitting.append(workload);
    }
    return fitting;
}

QString TaskView::timedLabel(const QString &deviceKind) const
{
    QString first;
    int more = -1;
    for (const WorkloadView &workload : workloadsFor(deviceKind)) {
        if (!workload.timed)
            continue;
        if (++more == 0)
            first = workload.name;
    }
    return more > 0 ? QStringLiteral("%1 +%2").arg(first).arg(more) : first;
}

QString ProblemView::text() const
{
    QStringList lines;
    for (const QString &line : {where, what, why, remedy}) {
        if (!line.isEmpty())
            lines << line;
    }
    return lines.join(QLatin1Char('\n'));
}

QString outcomeName(Outcome outcome)
{
    switch (outcome) {
    case Outcome::Start: return QObject::tr("start");
    case Outcome::Waiting: return QObject::tr("not evaluated");
    case Outcome::Running: return QObject::tr("running");
    case Outcome::BuildError: return QObject::tr("build error");
    case Outcome::Wrong: return QObject::tr("wrong");
    case Outcome::Crashed: return QObject::tr("crash or hang");
    case Outcome::NotFaster: return QObject::tr("not faster");
    case Outcome::Ambiguous: return QObject::tr("ambiguous");
    case Outcome::Faster: return QObject::tr("faster");
    case Outcome::Fault: return QObject::tr("infrastructure fault");
    }
    return {};
}

QString stepName(StepKind kind)
{
    switch (kind) {
    case StepKind::Start: return QObject::tr("start");
    case StepKind::Large: return QObject::tr("large step");
    case StepKind::Small: return QObject::tr("small step");
    case StepKind::Tune: return QObject::tr("tuning");
    case StepKind::Edit: return QObject::tr("edit");
    case StepKind::Crossover: return QObject::tr("crossover");
    }
    return {};
}

} // namespace ww::ui
