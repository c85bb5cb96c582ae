// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/bridge/SearchController.h"

#include "core/base/Paths.h"
#include "core/base/Version.h"
#include "core/candidate/TaskAdmission.h"
#include "core/journal/Export.h"
#include "core/model/KnownEndpoints.h"

#include "widgets/bridge/DeviceListing.h"
#include "widgets/bridge/SearchControllerState.h"
#include "widgets/bridge/Views.h"

#include <QDir>

namespace ww::ui {

namespace {
constexpr int kFollowInterval = 1000; // ms between looks at a file that another process writes

// The architecture that typed CUDA is compiled for where the session tells none: Hopper.
constexpr const char *kDefaultTarget = "cuda:sm_90";

struct OpenedSession {
    SessionMirror mirror;
    std::unique_ptr<Journal> journal; ///< to follow it, where it may go on
};

/// The worker that compiles for the device of the session, on a machine that need not have it.
std::string compileDevice(const Session &session)
{
    if (session.task->language != "cuda")
        return "opencl";
    for (const Node &node : session.nodes) {
        if (!node.evaluation)
            continue;
        const auto platform = node.evaluation->environment.find("platform"); // "CUDA sm_90"
        const size_t at =
            platform == node.evaluation->environment.end() ? std::string::npos : platform->second.find("sm_");
        return at == std::string::npos ? kDefaultTarget : "cuda:" + platform->second.substr(at);
    }
    return kDefaultTarget;
}

} // namespace

SearchController::SearchController(QObject *parent) : QObject(parent), d(std::make_unique<Private>(this))
{
    d->followTimer.setInterval(kFollowInterval);
    d->followTimer.setSingleShot(true);
    connect(&d->followTimer, &QTimer::timeout, this, [this] { d->follow(); });
}

SearchController::~SearchController()
{
    if (d->engine)
        d->engine->stop();
}

void SearchController::listTasks()
{
    const auto work = []() -> Result<TaskListing> {
        WW_TRY(const std::string root, kernelsDirectory());
        return ww::listTasks(root);
    };
    d->jobs.run(work, [this](const Result<TaskListing> &listing) {
        if (!listing) {
            emit tasksListed({}, {problemView(listing.error())});
            return;
        }
        QList<TaskView> tasks;
        for (const Task &task : listing->tasks)
            tasks.append(taskView(task));
        QList<ProblemView> problems;
        for (const Error &error : listing->problems)
            problems.append(problemView(error));
        emit tasksListed(tasks, problems);
    });
}

void SearchController::findDevices()
{
    d->jobs.run([](const std::stop_token &stop) { return listDevices(stop); },
                [this](const Result<std::vector<Capabilities>> &devices) {
                    if (!devices) {
                        emit devicesFound({});
                        emit failed(problemView(devices.error()));
                        return;
                    }
                    QList<DeviceView> views;
                    for (const Capabilities &device : *devices)
                        views.append(deviceView(device));
                    emit devicesFound(views);
                });
}

void SearchController::openSession(const QString &path)
{
    if (isBusy())
        return;
    const RunState before = d->state;
    d->setState(RunState::Loading);
    const auto work = [file = path.toStdString()]() -> Result<OpenedSession> {
        OpenedSession opened;
        WW_TRY(opened.mirror, SessionMirror::read(file));
        if (opened.mirror.session().stopReason.empty()) {
            WW_TRY(opened.journal, Journal::openForReading(file));
        }
        return opened;
    };
    d->jobs.run(work, [this, path, before](Result<OpenedSession> opened) {
        if (!opened) {
            d->setState(before);
            emit failed(problemView(opened.error()));
            return;
        }
        d->followed = std::move(opened->journal);
        d->open(std::move(opened->mirror), path, RunState::Review);
        if (d->followed)
            d->followTimer.start();
    });
}

void SearchController::startSearch(const SearchSettings &settings, bool paused)
{
    if (!isBusy())
        d->prepare(settings, {}, paused);
}

void SearchController::continueSearch(const SearchSettings &settings, bool paused)
{
    if (!isBusy() && !d->path.isEmpty())
        d->prepare(settings, d->path.toStdString(), paused);
}

void SearchController::pause()
{
    if (d->engine)
        d->engine->pause();
}

void SearchController::resume()
{
    if (d->engine)
        d->engine->resume();
}

void SearchController::step()
{
    if (d->engine)
        d->engine->step();
}

void SearchController::stop()
{
    if (d->engine) {
        d->setState(RunState::Stopping);
        d->engine->stop();
    }
}

void SearchController::setBudget(const SearchSettings &settings)
{
    if (d->engine)
        d->engine->setBudget(settings.steps, settings.seconds, settings.stagnation, settings.money);
}

void SearchController::setHint(CandidateId id, const QString &text)
{
    if (d->engine)
        d->engine->setHint(id, text.trimmed().toStdString());
}

void SearchController::rememberModel(const ModelSettingsView &model)
{
    const auto work = [model]() -> Status {
        WW_TRY(const Endpoint endpoint, endpointOf(model));
        return rememberEndpoint(endpoint);
    };
    d->jobs.run(work, [this](const Status &kept) {
        if (!kept)
            emit failed(problemView(kept.error()));
    });
}

void SearchController::answerQuestion(quint64 number, const QString &text)
{
    if (!d->person)
        return;
    d->questions.removeIf([number](const OpenQuestionView &open) { return open.number == number; });
    emit questionsChanged(d->questions);
    d->person->answer(number, text.toStdString());
}

void SearchController::evaluateEdit(CandidateId parent, const QString &source,
                                    const QMap<QString, qint64> &parameters, const QString &title)
{
    const Edit edit {parent, source, parameters, title};
    if (d->engine && d->state != RunState::Stopping) {
        d->sendEdit(edit);
        return;
    }
    d->waitingEdits.append(edit);
    if (d->state == RunState::Review) {
        continueSearch(summary().settings, true);
    } else if (d->state != RunState::Starting) {
        d->waitingEdits.clear();
        emit editRefused();
    }
}

void SearchController::checkSource(const QString &source, const QMap<QString, qint64> &parameters)
{
    const std::shared_ptr<const Task> task = d->mirror.session().task;
    if (!task)
        return;
    const bool measuring = d->state == RunState::Running || d->state == RunState::Starting;
    if (measuring && task->language != "cuda") {
        CheckView view;
        view.source = source;
        view.parameters = parameters;
        view.problem = tr("Not compiled while typing: the search is timing kernels on this processor");
        emit sourceChecked(view);
        return;
    }
    d->compileCheck.check(task, compileDevice(d->mirror.session()), source, parameters);
}

void SearchController::exportReport(const QString &path, ReportFormat format)
{
    // From the file: it holds all that is shown, and a copy made here would cost the window its time.
    const auto work = [from = d->path.toStdString(), file = path.toStdString(), format]() -> Status {
        WW_TRY(const SessionMirror mirror, SessionMirror::read(from));
        const Session &session = mirror.session();
        const std::string report = format == ReportFormat::Html ? exportHtml(session)
            : format == ReportFormat::Csv                       ? exportCsv(session)
                                                                : exportJson(session);
        return writeFileAtomically(file, report);
    };
    d->jobs.run(work, [this, path](const Status &written) {
        if (written)
            emit exported(path);
        else
            emit failed(problemView(written.error()));
    });
}

RunState SearchController::state() const
{
    return d->state;
}

bool SearchController::isBusy() const
{
    return d->state == RunState::Starting || d->state == RunState::Running || d->state == RunState::Paused
        || d->state == RunState::Stopping || d->state == RunState::Loading;
}

SummaryView SearchController::summary() const
{
    return d->mirror.summary(d->path);
}

CandidateView SearchController::candidate(CandidateId id) const
{
    return d->mirror.candidate(id);
}

QList<TimingView> SearchController::timing(CandidateId id) const
{
    const Node *node = d->mirror.session().find(id);
    return node && node->evaluation ? evaluationView(*node->evaluation).timing : QList<TimingView> {};
}

double SearchController::runSeconds() const
{
    const double known = d->mirror.session().runSeconds;
    const bool counting = d->state == RunState::Running || d->state == RunState::Stopping;
    return counting ? known + static_cast<double>(d->sinceEvent.elapsed()) / 1000 : known;
}

QString sessionsFolder()
{
    const Result<std::string> data = dataDirectory();
    const QString folder = data ? text(*data) + QStringLiteral("/sessions") : QString();
    return !folder.isEmpty() && QDir().mkpath(folder) ? folder : QString();
}

QString programVersion()
{
    return QString::fromLatin1(kProgramVersion);
}

} // namespace ww::ui
