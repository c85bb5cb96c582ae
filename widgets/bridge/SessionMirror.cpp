// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/bridge/SessionMirror.h"

#include "core/journal/Journal.h"

#include "widgets/bridge/ModelCalls.h"
#include "widgets/bridge/Views.h"

#include <QFileInfo>

#include <algorithm>

namespace ww::ui {

Result<SessionMirror> SessionMirror::read(const std::string &path)
{
    WW_TRY(const std::unique_ptr<Journal> journal, Journal::openForReading(path));
    WW_TRY(const std::vector<Event> events, journal->read());
    SessionMirror mirror;
    for (const Event &event : events)
        WW_CHECK(mirror.apply(event));
    return mirror;
}

Status SessionMirror::apply(const Event &event)
{
    WW_CHECK(m_session.apply(event));
    m_seconds.resize(m_session.nodes.size(), 0);
    if (const auto *finished = std::get_if<EvaluationFinished>(&event.body)) {
        m_busyMs += finished->evaluation.wallMs;
        if (!finished->confirmation)
            m_seconds[static_cast<size_t>(finished->id)] = m_session.runSeconds;
    }
    return {};
}

NodeView SessionMirror::node(CandidateId id) const
{
    const Node *found = m_session.find(id);
    return found ? nodeView(*found, m_live, m_seconds.empty() ? 0 : m_seconds[static_cast<size_t>(id)])
                 : NodeView {};
}

QList<NodeView> SessionMirror::nodes() const
{
    QList<NodeView> views;
    if (m_session.lastSeq == 0)
        return views;
    views.reserve(static_cast<qsizetype>(m_session.nodes.size()));
    for (CandidateId id = 0; id < static_cast<CandidateId>(m_session.nodes.size()); ++id)
        views.append(node(id));
    return views;
}

QList<LineageView> SessionMirror::lineage(const Node &node) const
{
    QList<LineageView> views;
    for (CandidateId id = node.candidate.parent; id > 0; id = m_session.find(id)->candidate.parent)
        views.prepend(
            {id, true, id == node.candidate.parent ? QStringLiteral("parent") : QStringLiteral("ancestor")});
    for (const Lineage &entry : node.candidate.lineage) {
        const bool listed =
            std::any_of(views.begin(), views.end(), [&](const LineageView &v) { return v.id == entry.id; });
        if (!listed)
            views.append({entry.id, false, text(toString(entry.role))});
    }
    return views;
}

CandidateId SessionMirror::best() const
{
    if (m_session.confirmedBest > 0)
        return m_session.confirmedBest;
    const Node *fastest = nullptr;
    for (const Node &node : m_session.nodes) {
        const bool eligible = node.evaluation && correct(node.evaluation->verdict)
            && node.evaluation->speedupRatio() > 1 && node.refutation().empty();
        if (eligible && (!fastest || node.betterThan(*fastest)))
            fastest = &node;
    }
    return fastest ? fastest->candidate.id : kNoCandidate;
}

CandidateView SessionMirror::candidate(CandidateId id) const
{
    CandidateView view;
    const Node *found = m_session.find(id);
    if (!found) {
        view.node.id = kNoCandidate;
        return view;
    }
    const auto parameters = [](const Parameters &from) {
        QMap<QString, qint64> values;
        for (const auto &[name, value] : from)
            values.insert(text(name), value);
        return values;
    };
    const KernelSource baseline = m_session.task ? m_session.task->baseline : KernelSource {};
    const auto sourceOf = [&](const Node &node) {
        return node.candidate.id == 0 ? baseline.text : node.candidate.source;
    };
    const auto parametersOf = [&](const Node &node) {
        if (node.candidate.id != 0)
            return node.candidate.parameters;
        return resolveParameters(parsePlan(baseline.text).plan, {}).value_or(Parameters {});
    };
    view.node = node(id);
    view.source = text(sourceOf(*found));
    view.parameters = parameters(parametersOf(*found));
    view.plan = planView(parsePlan(sourceOf(*found), m_session.task.get()));
    if (id > 0) {
        const Node &parent = *m_session.find(found->candidate.parent);
        view.parentSource = text(sourceOf(parent));
        view.parentParameters = parameters(parametersOf(parent));
        view.lineage = lineage(*found);
    }
    for (const Node &other : m_session.nodes) {
        if (other.candidate.id > 0 && other.candidate.parent == id)
            view.children.append(other.candidate.id);
    }
    if (found->evaluation)
        view.evaluation = evaluationView(*found->evaluation);
    if (found->confirmation)
        view.confirmation = evaluationView(*found->confirmation);
    view.refutation = text(found->refutation());
    view.calls = callViews(m_session, id);
    view.hint = text(found->hint);
    return view;
}

SummaryView SessionMirror::summary(const QString &path) const
{
    const Session &session = m_session;
    SummaryView view;
    view.path = path;
    view.name = QFileInfo(path).completeBaseName();
    view.origin = text(session.origin);
    view.proposer = text(session.config.proposer);
    if (session.task) {
        const TaskView task = taskView(*session.task);
        view.task = task.name;
        view.language = task.language;
        view.workload =
            task.timedLabel(session.devices.empty() ? QString() : text(session.devices.front().deviceKind));
    }
    view.settings.task = view.task;
    view.settings.policy = text(session.config.policy);
    view.settings.proposer = view.proposer;
    view.settings.steps = session.config.steps;
    view.settings.seconds = session.config.seconds;
    view.settings.stagnation = session.config.stagnation;
    view.settings.seed = session.config.seed;
    view.settings.money = session.config.money;
    view.settings.tuneWhenIdle = session.config.tuneWhenIdle;
    view.settings.model = modelSettingsView(session.config.model);
    view.pausedWhy = text(session.pausedWhy);
    view.spending = spendingView(session);
    if (!session.devices.empty()) {
        const DeviceView device = deviceView(session.devices.front());
        view.device = device.shortName;
        view.deviceName = device.name;
        view.sandbox = device.sandbox;
        view.sandboxNote = device.sandboxNote;
        view.settings.device = device.spec;
    }
    view.stepsDone = session.stepsDone;
    view.candidates = static_cast<int>(session.nodes.size()) - 1;
    for (size_t i = 1; i < session.nodes.size(); ++i) {
        const auto &evaluation = session.nodes[i].evaluation;
        const Outcome pending = m_live ? Outcome::Running : Outcome::Waiting;
        ++view.counts[static_cast<int>(evaluation ? outcomeOf(*evaluation) : pending)];
    }
    view.runSeconds = session.runSeconds;
    const double deviceMs =
        1e3 * session.runSeconds * static_cast<double>(std::max<size_t>(session.devices.size(), 1));
    view.busyShare = deviceMs > 0 ? std::min(1.0, m_busyMs / deviceMs) : 0;
    view.confirmedBest = session.confirmedBest > 0 ? session.confirmedBest : kNoCandidate;
    view.best = best();
    if (view.best != kNoCandidate) {
        const NodeView found = node(view.best);
        view.bestSpeedup = found.confirmed.measured() ? found.confirmed : found.speedup;
    }
    view.stopReason = text(session.stopReason);
    view.stopDetail = text(session.stopDetail);
    if (session.origin != "search")
        view.cannotContinue =
            QObject::tr("This session is a recording (%1): it can be looked at, not continued.")
                .arg(view.origin);
    else if (!session.task)
        view.cannotContinue = QObject::tr("This session holds no task.");
    return view;
}

} // namespace ww::ui
