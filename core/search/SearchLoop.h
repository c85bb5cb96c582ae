// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/search/Engine.h"
#include "core/search/Inbox.h"
#include "core/search/SearchTree.h"
#include "core/search/StandingBest.h"

#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <stop_token>
#include <unordered_map>
#include <variant>

namespace ww {

struct PauseRequest { };
struct ResumeRequest { };
struct StepRequest { };
struct StopRequest { };
struct EditRequest {
    CandidateId parent = 0;
    std::string source;
    Parameters parameters;
    std::string title;
};
struct BudgetRequest {
    int steps = 0;
    double seconds = 0;
    int stagnation = 0;
    double money = 0;
};
struct HintRequest {
    CandidateId id = 0;
    std::string text;
};
/// An evaluation ended, one way or another.
struct JobDone {
    CandidateId id = 0;
    bool confirmation = false;
    Result<Evaluation> result;
};
/// What a proposer has to say of a step that was asked for.
struct ProposerNews {
    int step = 0;
    ProposerReport report;
};
using EngineMessage = std::variant<PauseRequest, ResumeRequest, StepRequest, StopRequest, EditRequest,
                                   BudgetRequest, HintRequest, JobDone, ProposerNews>;
using EngineInbox = Inbox<EngineMessage>;

/// The session of a running engine: written by its thread alone, copied by others.
struct SharedSession {
    std::mutex mutex;
    Session session;
};

/// What the engine's thread does: one message at a time decides what is started next. After each
/// message the free slots are filled, in this order: a person's edits, the confirmation of a new best,
/// candidates that wait for a device, the policy's next step, and while answers are awaited and a device has
/// nothing else to do, tuning. That order, and that moves depend on nothing
/// but the tree, seed and step, is what makes a replay repeat the moves. A proposer that needs time is asked
/// for several steps at once: their places in the tree are virtual visits until their candidates are there.
class SearchLoop {
public:
    SearchLoop(Journal &journal, SharedSession &shared, Proposer &proposer, Evaluator &evaluator,
               std::shared_ptr<const EngineListener> listener, std::shared_ptr<EngineInbox> inbox,
               std::function<void(EngineState)> setState);

    /// Runs until stopped by a rule, a request or a fault; the fault is the status. A StopRequest is to
    /// come with `stop`, which keeps steps that need no evaluation from going on before it is read.
    [[nodiscard]] Status run(bool paused, std::stop_token stop);

private:
    using Clock = std::chrono::steady_clock;
    struct Stop {
        std::string reason; ///< as in RunStopped
        std::string detail;
    };

    [[nodiscard]] const Session &session() const { return m_shared.session; }
    [[nodiscard]] const Node &node(CandidateId id) const { return session().nodes[static_cast<size_t>(id)]; }

    Status begin(bool paused);
    Status work();
    Status finish(const Status &outcome);
    Status append(EventBody body);

    Status handle(EngineMessage message);
    Status on(PauseRequest request);
    Status on(ResumeRequest request);
    Status on(StepRequest request);
    Status on(StopRequest request);
    Status on(EditRequest request);
    Status on(BudgetRequest request);
    Status on(HintRequest request);
    Status on(JobDone done);
    Status on(ProposerNews news);

    Status fillSlots();
    Result<bool> startOne();
    Result<bool> startEvaluation();
    Status evaluate(CandidateId id, bool confirmation);
    Status record(CandidateId id, bool confirmation, Evaluation evaluation);
    void submit(CandidateId id, bool confirmation);
    void prepareWaiting();

    // Steps (SearchSteps.cpp)
    Result<bool> beginStep();
    Status decideAtOnce(int step, Move move);
    Status decide(int step, Move move);
    Status ask(int step, const Move &move);
    [[nodiscard]] ProposalOutcome askAtOnce(int step, const Move &move);
    Status takeOutcome(int step, const Move &move, ProposalOutcome outcome);
    Status withoutProposal(int step, const Move &move, const NoProposal &none);
    Status noCandidate(int step, const Move &move, const std::string &why);
    /// Step 0: of tuning.
    Result<CandidateId> propose(int step, const Move &move, Proposal proposal);
    Status waitForAPerson(const Error &error);
    void askAgain();
    Result<bool> tuneWhenIdle();
    [[nodiscard]] bool mayTune() const;
    [[nodiscard]] bool mayBeginStep() const;
    [[nodiscard]] std::optional<Stop> reachedLimit() const;

    [[nodiscard]] bool mayStep() const { return !m_paused || m_stepsAsked > 0; }
    [[nodiscard]] bool hasFreeSlot() const;
    [[nodiscard]] bool answersAtOnce() const { return m_proposer.capacity() == 0; }
    [[nodiscard]] double runningSeconds() const;
    void setPaused(bool paused);
    void endWith(Stop stop);
    void tellState();

    Journal &m_journal;
    SharedSession &m_shared;
    Proposer &m_proposer;
    Evaluator &m_evaluator;
    std::shared_ptr<const EngineListener> m_listener;
    std::shared_ptr<EngineInbox> m_inbox;
    std::function<void(EngineState)> m_setState;
    std::stop_token m_stopAsked;

    SearchTree m_tree;
    std::shared_ptr<const Task> m_sentTask; ///< the task without what a worker does not need
    std::deque<CandidateId> m_edits; ///< proposed by a person, not yet started
    std::deque<CandidateId> m_waiting; ///< proposed, also before a kill, and not yet started
    std::set<CandidateId> m_prepared; ///< of those that wait: the evaluator has been told
    std::set<std::pair<CandidateId, bool>> m_inFlight; ///< id, confirmation
    std::unordered_map<std::string, CandidateId> m_known; ///< measured already, by content hash
    StandingBest m_standing;

    std::map<int, Move> m_asked; ///< steps whose candidate was asked for and is not there yet
    std::deque<int>
        m_toAskAgain; ///< steps that were begun and cut off: by a kill, or since nobody could be asked
    bool m_answered = false; ///< somebody who was asked in this run has answered
    bool m_unreachable = false; ///< paused because nobody can be asked
    std::optional<std::string> m_outOfMoney; ///< why no more is asked

    bool m_paused = false;
    int m_stepsAsked = 0; ///< by step(), while paused
    bool m_followUp = false; ///< paused, but what was asked for is not settled yet
    int m_withoutCandidate = 0; ///< steps in a row
    std::string m_lastWithout; ///< why the last of them had none
    int m_infraErrors = 0; ///< in a row
    std::optional<Stop> m_stop; ///< set once the run is ending

    double m_secondsBefore = 0; ///< running time before this run
    Clock::time_point m_startedAt;
    Clock::time_point m_pausedAt;
    Clock::duration m_pausedFor {};
};

} // namespace ww
