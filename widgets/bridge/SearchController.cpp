// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/bridge/SearchController.h"

#include "core/base/Paths.h"
#include "core/base/Version.h"
#include "core/candidate/TaskAdmission.h"
#include "core/journal/Export.h"
#include "core/memory/Learning.h"
#include "core/memory/Memory.h"
#include "core/model/KnownEndpoints.h"
#include "core/model/PersonModel.h"

#include "widgets/bridge/BackgroundJobs.h"
#include "widgets/bridge/CompileCheck.h"
#include "widgets/bridge/DeviceListing.h"
#include "widgets/bridge/SearchRun.h"
#include "widgets/bridge/SessionMirror.h"
#include "widgets/bridge/Views.h"

#include <QDir>
#include <QElapsedTimer>
#include <QTimer>

namespace ww::ui {

namespace {
constexpr int kFollowInterval = 1000; // ms between looks at a file that another process writes

// The architecture that typed CUDA is compiled for where the session tells none: Hopper.
constexpr const char *kDefaultTarget = "cuda:sm_90";

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

QString stepAbout(const Move &move)
{
    const QString kind = move.kind == MoveKind::Small ? SearchController::tr("small step from %1")
                                                      : SearchController::tr("large step from %1");
    return kind.arg(move.parent == 0 ? SearchController::tr("the start")
                                     : QStringLiteral("#%1").arg(move.parent));
}

struct Edit {
    CandidateId parent = 0;
    QString source;
    QMap<QString, qint64> parameters;
    QString title;
};
} // namespace

struct SearchController::Private {
    explicit Private(SearchController *owner)
        : q(owner),
          compileCheck(owner, [owner](const CheckView &check) { emit owner->sourceChecked(check); }),
          jobs(owner)
    {
    }

    SearchController *q;
    RunState state = RunState::Empty;
    QString path;
    SessionMirror mirror;
    std::shared_ptr<DevicePool> pool;
    std::string poolDevice;
    std::shared_ptr<Engine> engine;
    std::shared_ptr<PersonModel> person; ///< of a search whose questions a person carries
    QList<OpenQuestionView> questions;
    int era = 0; ///< messages of an earlier session or run are dropped
    QList<Edit> waitingEdits;
    QTimer followTimer;
    std::shared_ptr<Journal> followed;
    QElapsedTimer sinceEvent;
    CompileCheck compileCheck;
    BackgroundJobs jobs; ///< last: waits for its threads before anything else goes

    void setState(RunState next);
    void open(SessionMirror opened, const QString &openedPath, RunState next);
    void prepare(const SearchSettings &settings, const std::string &sessionPath, bool paused);
    void begin(SearchRun run, bool paused);
    void ended(const Status &outcome);
    void sendEdit(const Edit &edit);
    void learn();
    void follow();
    void takeEvents(const std::vector<Event> &events);
    bool take(const Event &event);
    void tellSteps(const Event &event);
    [[nodiscard]] EngineListener listener();
    [[nodiscard]] std::shared_ptr<PersonModel> makePerson();
};

// State and events

void SearchController::Private::setState(RunState next)
{
    if (next == state)
        return;
    state = next;
    emit q->stateChanged(next);
}

void SearchController::Private::open(SessionMirror opened, const QString &openedPath, RunState next)
{
    ++era;
    mirror = std::move(opened);
    path = openedPath;
    sinceEvent.start();
    emit q->sessionOpened(mirror.summary(path), mirror.nodes());
    setState(next);
}

bool SearchController::Private::take(const Event &event)
{
    if (const Status applied = mirror.apply(event); !applied) {
        emit q->failed(problemView(applied.error()));
        return false;
    }
    sinceEvent.start();
    tellSteps(event);
    if (const auto *proposed = std::get_if<CandidateProposed>(&event.body))
        emit q->candidateAdded(mirror.node(proposed->candidate.id));
    else if (const auto *finished = std::get_if<EvaluationFinished>(&event.body))
        emit q->candidateChanged(mirror.node(finished->id));
    else if (const auto *paused = std::get_if<SearchPaused>(&event.body); paused && engine)
        emit q->failed(
            problemView({ErrorCode::Infrastructure, "the search waits for you", paused->why, {}, {}}));
    return true;
}

void SearchController::Private::tellSteps(const Event &event)
{
    if (const auto *begun = std::get_if<StepBegun>(&event.body))
        emit q->stepBegun(begun->step, stepAbout(begun->move));
    else if (const auto *proposed = std::get_if<CandidateProposed>(&event.body);
             proposed && proposed->step > 0)
        emit q->stepEnded(proposed->step);
    else if (const auto *without = std::get_if<StepWithoutCandidate>(&event.body))
        emit q->stepEnded(without->step);
}

void SearchController::Private::takeEvents(const std::vector<Event> &events)
{
    for (const Event &event : events) {
        if (!take(event))
            break;
    }
    emit q->summaryChanged(mirror.summary(path));
}

EngineListener SearchController::Private::listener()
{
    // Called on threads of the engine and its devices; the destructor ends those before this object goes.
    const auto post = [this, ofEra = era + 1](auto deliver) {
        QMetaObject::invokeMethod(
            q,
            [this, ofEra, deliver = std::move(deliver)] {
                if (ofEra == era)
                    deliver();
            },
            Qt::QueuedConnection);
    };
    EngineListener made;
    made.onEvent = [this, post](const Event &event) {
        post([this, shared = std::make_shared<const Event>(event)] {
            if (take(*shared))
                emit q->summaryChanged(mirror.summary(path));
        });
    };
    made.onStage = [this, post](ww::CandidateId id, bool confirmation, const StageRecord &stage) {
        post([this, id, confirmation, view = stageView(stage)] {
            emit q->stageReported(id, confirmation, view);
        });
    };
    made.onSamples = [this, post](ww::CandidateId id, bool confirmation, const SamplesMessage &samples) {
        post([this, view = samplesView(id, confirmation, samples)] { emit q->samplesTaken(view); });
    };
    made.onModelText = [this, post](int step, const std::string &piece) {
        post([this, step, shown = text(piece)] { emit q->modelText(step, shown); });
    };
    made.onState = [this, post](EngineState next) {
        post([this, next] {
            if (next == EngineState::Running)
                setState(RunState::Running);
            else if (next == EngineState::Paused)
                setState(RunState::Paused);
            else if (next == EngineState::Stopping)
                setState(RunState::Stopping);
        });
    };
    return made;
}

std::shared_ptr<PersonModel> SearchController::Private::makePerson()
{
    // Called on threads of the proposer, which ends with the engine: before this object does.
    const auto post = [this, ofEra = era + 1](auto change) {
        QMetaObject::invokeMethod(
            q,
            [this, ofEra, change = std::move(change)] {
                if (ofEra != era)
                    return;
                change();
                emit q->questionsChanged(questions);
            },
            Qt::QueuedConnection);
    };
    return std::make_shared<PersonModel>(
        [this, post](const PersonModel::Shown &shown) {
            post([this, question = OpenQuestionView {shown.ticket, text(shown.text)}] {
                questions.append(question);
            });
        },
        [this, post](Model::Ticket ticket) {
            post([this, ticket] {
                questions.removeIf([ticket](const OpenQuestionView &open) { return open.number == ticket; });
            });
        });
}

// Runs

void SearchController::Private::prepare(const SearchSettings &settings, const std::string &sessionPath,
                                        bool paused)
{
    const RunState before = state;
    followTimer.stop();
    followed.reset();
    setState(RunState::Starting);
    const std::string device = settings.device.toStdString();
    if (device != poolDevice)
        pool.reset();
    poolDevice = device;
    person = makePerson();
    SearchRequest request {settings, sessionPath, pool, person, listener()};
    jobs.run([request = std::move(request)] { return prepareSearch(request); },
             [this, paused, before](Result<SearchRun> run) {
                 if (run) {
                     begin(std::move(*run), paused);
                     return;
                 }
                 if (!waitingEdits.isEmpty())
                     emit q->editRefused();
                 waitingEdits.clear();
                 setState(before);
                 emit q->failed(problemView(run.error()));
             });
}

void SearchController::Private::begin(SearchRun run, bool paused)
{
    pool = run.pool;
    engine = run.engine;
    run.mirror.setLive(true);
    const QString runPath = text(run.path);
    if (runPath == path && run.mirror.session().lastSeq == mirror.session().lastSeq) {
        ++era; // the same session goes on: what is shown stays
        mirror = std::move(run.mirror);
        sinceEvent.start();
        for (const ww::CandidateId id : mirror.session().pending())
            emit q->candidateChanged(mirror.node(id));
        setState(paused ? RunState::Paused : RunState::Running);
    } else {
        open(std::move(run.mirror), runPath, paused ? RunState::Paused : RunState::Running);
    }
    engine->start(paused);
    for (const Edit &edit : std::as_const(waitingEdits))
        sendEdit(edit);
    waitingEdits.clear();
    jobs.run([kept = engine] { return kept->wait(); }, [this](const Status &outcome) { ended(outcome); });
}

void SearchController::Private::ended(const Status &outcome)
{
    engine.reset();
    questions.clear();
    emit q->questionsChanged(questions);
    mirror.setLive(false);
    for (const ww::CandidateId id : mirror.session().pending())
        emit q->candidateChanged(mirror.node(id));
    setState(RunState::Review);
    emit q->summaryChanged(mirror.summary(path));
    if (!mirror.session().calls.empty())
        learn();
    if (!outcome) {
        pool.reset(); // a new start gets a new worker
        emit q->failed(problemView(outcome.error()));
    }
}

void SearchController::Private::learn()
{
    const auto work = [session = mirror.session()]() -> Status {
        WW_TRY(const std::string file, Memory::defaultPath());
        WW_TRY(const std::unique_ptr<Memory> memory, Memory::open(file));
        WW_CHECK(memory->learn(lessonsOf(session)));
        return {};
    };
    jobs.run(work, [this](const Status &learned) {
        if (!learned)
            emit q->failed(problemView(learned.error()));
    });
}

void SearchController::Private::sendEdit(const Edit &edit)
{
    Parameters parameters;
    for (auto it = edit.parameters.cbegin(); it != edit.parameters.cend(); ++it)
        parameters[it.key().toStdString()] = it.value();
    engine->evaluateEdit(edit.parent, edit.source.toStdString(), std::move(parameters),
                         edit.title.toStdString());
}

void SearchController::Private::follow()
{
    if (state != RunState::Review || !followed || !mirror.session().stopReason.empty())
        return;
    jobs.run([journal = followed, after = mirror.session().lastSeq] { return journal->read(after); },
             [this, ofEra = era](const Result<std::vector<Event>> &events) {
                 if (ofEra != era || state != RunState::Review || !events)
                     return;
                 if (!events->empty())
                     takeEvents(*events);
                 followTimer.start();
             });
}

// The door

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
    d->jobs.run([] { return listDevices(); },
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
    const auto work = [file = path.toStdString()] { return SessionMirror::read(file); };
    d->jobs.run(work, [this, path, before](Result<SessionMirror> mirror) {
        if (!mirror) {
            d->setState(before);
            emit failed(problemView(mirror.error()));
            return;
        }
        d->open(std::move(*mirror), path, RunState::Review);
        if (!d->mirror.session().stopReason.empty())
            return;
        if (auto journal = Journal::openForReading(path.toStdString())) {
            d->followed = std::move(*journal);
            d->followTimer.start();
        }
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
