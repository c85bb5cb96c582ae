// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/Engine.h"

#include "core/base/Hash.h"
#include "core/base/Version.h"
#include "core/search/MakeProposer.h"
#include "core/search/SearchLoop.h"

#include <fmt/format.h>

#include <cmath>
#include <condition_variable>
#include <stop_token>
#include <thread>

namespace ww {

const char *toString(EngineState state)
{
    switch (state) {
    case EngineState::Running: return "running";
    case EngineState::Paused: return "paused";
    case EngineState::Stopping: return "stopping";
    case EngineState::Stopped: return "stopped";
    }
    return "stopped";
}

struct Engine::State {
    std::unique_ptr<Journal> journal;
    SharedSession shared;
    std::unique_ptr<Proposer> proposer;
    std::shared_ptr<Evaluator> evaluator;
    std::shared_ptr<const EngineListener> listener;
    std::shared_ptr<EngineInbox> inbox = std::make_shared<EngineInbox>();

    std::stop_source stopSource;

    std::mutex mutex; ///< guards what follows
    std::condition_variable changed;
    EngineState state = EngineState::Stopped;
    bool started = false;
    bool done = false;
    Status outcome;
    std::jthread thread; ///< last, so that it ends before what it uses

    void setState(EngineState next);
    void work(bool paused);
};

void Engine::State::setState(EngineState next)
{
    {
        const std::lock_guard lock(mutex);
        if (state == next)
            return;
        state = next;
    }
    if (listener->onState)
        listener->onState(next);
}

void Engine::State::work(bool paused)
{
    SearchLoop loop(*journal, shared, *proposer, *evaluator, listener, inbox,
                    [this](EngineState next) { setState(next); });
    Status status = loop.run(paused, stopSource.get_token());
    journal.reset(); // a next engine may take the file over as soon as this one is known to have stopped
    setState(EngineState::Stopped);
    const std::lock_guard lock(mutex);
    outcome = std::move(status);
    done = true;
    changed.notify_all();
}

Engine::Engine(std::unique_ptr<Journal> journal, Session session, std::unique_ptr<Proposer> proposer,
               std::shared_ptr<Evaluator> evaluator, EngineListener listener)
    : m_state(std::make_unique<State>())
{
    m_state->journal = std::move(journal);
    m_state->shared.session = std::move(session);
    m_state->proposer = std::move(proposer);
    m_state->evaluator = std::move(evaluator);
    m_state->listener = std::make_shared<const EngineListener>(std::move(listener));
}

Engine::~Engine()
{
    stop();
}

void Engine::start(bool paused)
{
    const std::lock_guard lock(m_state->mutex);
    if (std::exchange(m_state->started, true))
        return;
    m_state->thread = std::jthread([state = m_state.get(), paused] { state->work(paused); });
}

void Engine::pause()
{
    m_state->inbox->push(PauseRequest {});
}

void Engine::resume()
{
    m_state->inbox->push(ResumeRequest {});
}

void Engine::step()
{
    m_state->inbox->push(StepRequest {});
}

void Engine::stop()
{
    m_state->stopSource.request_stop();
    m_state->inbox->pushUrgent(StopRequest {});
}

void Engine::evaluateEdit(CandidateId parent, std::string source, Parameters parameters, std::string title)
{
    m_state->inbox->push(EditRequest {parent, std::move(source), std::move(parameters), std::move(title)});
}

void Engine::setBudget(int steps, double seconds, int stagnation, double money)
{
    m_state->inbox->push(BudgetRequest {steps, seconds, stagnation, money});
}

void Engine::setHint(CandidateId id, std::string text)
{
    m_state->inbox->push(HintRequest {id, std::move(text)});
}

Status Engine::wait()
{
    std::unique_lock lock(m_state->mutex);
    m_state->changed.wait(lock, [this] { return m_state->done || !m_state->started; });
    return m_state->outcome;
}

EngineState Engine::state() const
{
    const std::lock_guard lock(m_state->mutex);
    return m_state->state;
}

Session Engine::session() const
{
    const std::lock_guard lock(m_state->shared.mutex);
    return m_state->shared.session;
}

Result<std::unique_ptr<Journal>> createSession(const std::string &path, const Task &task,
                                               const SearchConfig &config, const std::string &origin)
{
    const std::string what = "cannot start a search";
    if (config.policy != "adaexplore")
        return failure(ErrorCode::BadInput, what, fmt::format("unknown policy '{}'", config.policy),
                       "There is: adaexplore");
    WW_CHECK(checkProposer(config));
    const AdaExploreConstants &constants = config.constants;
    for (const double value : {constants.c, constants.alpha, constants.expandRatio,
                               constants.largeProbability, config.seconds, config.money}) {
        if (!std::isfinite(value) || value < 0)
            return failure(ErrorCode::BadInput, what, "a constant or limit is negative or not a number");
    }
    WW_TRY(std::unique_ptr<Journal> journal, Journal::create(path));
    WW_CHECK(journal->append(
        SessionCreated {randomToken(), origin, kProgramVersion, std::make_shared<const Task>(task), config}));
    return journal;
}

} // namespace ww
