// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/journal/Journal.h"
#include "core/search/Proposer.h"
#include "core/worker/DevicePool.h"

#include <functional>
#include <memory>

namespace ww {

/// What the engine is doing.
enum class EngineState { Running, Paused, Stopping, Stopped };
[[nodiscard]] const char *toString(EngineState state);

/// Told what happens, on threads of the engine (onEvent, onState), of the evaluator (onStage, onSamples) and
/// of the proposer (onModelText); no lock is held meanwhile. A fact is in the journal before it is told.
struct EngineListener {
    std::function<void(const Event &)> onEvent;
    std::function<void(CandidateId, bool confirmation, const StageRecord &)> onStage;
    std::function<void(CandidateId, bool confirmation, const SamplesMessage &)> onSamples;
    /// The next piece of a model's answer for a step: not kept, what the answer was stands in ModelAnswered.
    std::function<void(int step, const std::string &piece)> onModelText;
    std::function<void(EngineState)> onState;
};

/// Runs a search: one thread that decides and writes the journal, evaluations in flight on the
/// evaluator's threads. All public functions may be called from any thread.
class Engine {
public:
    /// `journal` must be open for appending and hold at least SessionCreated; candidates cut off by a
    /// kill are evaluated first, then the search goes on at the next step.
    Engine(std::unique_ptr<Journal> journal, Session session, std::unique_ptr<Proposer> proposer,
           std::shared_ptr<Evaluator> evaluator, EngineListener listener);
    ~Engine(); ///< as stop() and wait()

    /// Begins the run; once only.
    void start(bool paused = false);
    void pause(); ///< lets what is in flight finish, starts nothing new
    void resume();
    void step(); ///< one more step, whatever the limits say, then paused
    void stop(); ///< clean: what is in flight is cancelled and stays pending
    /// A person's candidate under `parent`; evaluated before the search's next step, also while paused.
    /// Parameters that are not given have their defaults. Ignored once stopped.
    void evaluateEdit(CandidateId parent, std::string source, Parameters parameters, std::string title);
    /// New limits from here on (0 = none); `money` in US dollars.
    void setBudget(int steps, double seconds, int stagnation, double money = 0);
    /// Advice that goes into the next prompt for a candidate made from `id` (0: from the start), once; empty
    /// text takes it back. Ignored once stopped.
    void setHint(CandidateId id, std::string text);
    /// Blocks until stopped, with the session file closed (not at all before start()); the error is set when
    /// the search ended for a fault of ours or a device's.
    Status wait();
    [[nodiscard]] EngineState state() const;
    /// A copy of the projection as of now.
    [[nodiscard]] Session session() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// Starts a new session file for a task: creates the journal and appends SessionCreated.
[[nodiscard]] Result<std::unique_ptr<Journal>> createSession(const std::string &path, const Task &task,
                                                             const SearchConfig &config,
                                                             const std::string &origin = "search");

} // namespace ww
