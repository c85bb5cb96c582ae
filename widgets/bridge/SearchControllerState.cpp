// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/bridge/SearchControllerState.h"

#include "core/memory/Learning.h"
#include "core/memory/Memory.h"

#include "widgets/bridge/Views.h"

namespace ww::ui {

namespace {

QString stepAbout(const Move &move)
{
    const QString kind = move.kind == MoveKind::Small ? SearchController::tr("small step from %1")
                                                      : SearchController::tr("large step from %1");
    return kind.arg(move.parent == 0 ? SearchController::tr("the start")
                                     : QStringLiteral("#%1").arg(move.parent));
}

} // namespace

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
    setState(RunState::Starting);
    const std::string device = settings.device.toStdString();
    if (device != poolDevice)
        pool.reset();
    poolDevice = device;
    person = makePerson();
    SearchRequest request {settings, sessionPath, pool, person, listener()};
    jobs.run(
        [request = std::move(request)](const std::stop_token &stop) { return prepareSearch(request, stop); },
        [this, paused, before](Result<SearchRun> run) {
            if (run) {
                begin(std::move(*run), paused);
                return;
            }
            if (!waitingEdits.isEmpty())
                emit q->editRefused();
            waitingEdits.clear();
            setState(before);
            if (followed)
                followTimer.start(); // another process still writes it
            emit q->failed(problemView(run.error()));
        });
}

void SearchController::Private::begin(SearchRun run, bool paused)
{
    followed.reset();
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
                 if (ofEra != era || state != RunState::Review)
                     return;
                 if (!events) {
                     emit q->failed(problemView(events.error()));
                     return;
                 }
                 if (!events->empty())
                     takeEvents(*events);
                 followTimer.start();
             });
}

} // namespace ww::ui
