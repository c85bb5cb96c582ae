// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/candidate/Candidate.h"
#include "core/judge/Evaluation.h"
#include "core/search/SearchConfig.h"
#include "core/worker/Messages.h"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace ww {

/// What can happen in a session. Appended to the journal before anyone is told.
struct SessionCreated {
    std::string sessionId;
    std::string origin; ///< "search", "import:adaexplore", …
    std::string program; ///< version that wrote it
    std::shared_ptr<const Task> task;
    SearchConfig config;
};
/// A process began (or resumed) working on the session.
struct RunStarted {
    std::vector<Capabilities> devices;
    SearchConfig config; ///< as in force from here on: budgets may have been raised
    bool resumed = false;
};
struct CandidateProposed {
    int step = 0; ///< 0 for a person's edit
    Move move;
    Candidate candidate;
};
/// A step that gave no candidate: neither kind of move had one.
struct StepWithoutCandidate {
    int step = 0;
    Move move;
    std::string why;
};
/// What the policy was told of an evaluation: kept, so that its decisions can be re-derived later. An
/// import keeps here how its source scored the candidate, which may differ from our verdict.
struct PolicyOutcome {
    bool compiled = false;
    bool correct = false;
    double speedup = 0;
    double reward = 0;
};
struct EvaluationFinished {
    CandidateId id = 0;
    bool confirmation = false; ///< the independent re-measurement of a best
    Evaluation evaluation;
    std::optional<PolicyOutcome> outcome; ///< none for confirmations and infrastructure faults
};
struct RunStopped {
    std::string reason; ///< "steps" | "seconds" | "stagnation" | "exhausted" | "user" | "error"
    std::string detail;
};
using EventBody = std::variant<SessionCreated, RunStarted, CandidateProposed, StepWithoutCandidate,
                               EvaluationFinished, RunStopped>;

/// One entry of the log.
struct Event {
    int64_t seq = 0; ///< from 1, without gaps
    double time = 0; ///< seconds since 1970, UTC
    EventBody body;
};

/// A candidate with everything known of it.
struct Node {
    Candidate candidate;
    Move move;
    std::optional<Evaluation> evaluation;
    std::optional<Evaluation> confirmation;
    std::optional<PolicyOutcome> outcome;
    double proposedAt = 0; ///< seconds since 1970
    double evaluatedAt = 0;
    int64_t proposedSeq = 0; ///< place in the log
    int64_t evaluatedSeq = 0; ///< 0 while pending
    int64_t confirmedSeq = 0; ///< of the confirmation, whatever it said; 0 when there is none

    /// Compiled, correct and speed-up, for ordering: lexicographic as AdaExplore's global best.
    [[nodiscard]] bool betterThan(const Node &other) const;
    /// True when the re-measurement passed with its speed-up's interval above 1.
    [[nodiscard]] bool confirmed() const;
    /// Why the re-measurement did not confirm the first one, as a sentence; empty where it did, where
    /// there was none, or where only the device failed.
    [[nodiscard]] std::string refutation() const;
};

/// A point of the best-so-far curve.
struct BestPoint {
    CandidateId id = 0;
    int step = 0;
    double seconds = 0; ///< of running time since the session began
    double speedup = 0;
};

/// The session as a value: the projection of its log. Live view, resume, review and export all read this.
struct Session {
    std::string sessionId;
    std::string origin;
    std::string program;
    std::shared_ptr<const Task> task;
    SearchConfig config;
    std::vector<Capabilities> devices;
    std::vector<Node> nodes; ///< index = id; [0] is the dummy root
    std::vector<BestPoint> bestCurve; ///< each time the first-measured best improved
    CandidateId best = 0; ///< best correct by first measurement; 0 = none
    CandidateId confirmedBest = 0; ///< fastest by its confirmation, among those confirmed; 0 = none
    int stepsDone = 0; ///< highest step with a candidate or without
    double runSeconds = 0; ///< time between run starts and stops (last event where killed)
    std::string stopReason; ///< of the last run; empty while running or after a kill
    std::string stopDetail;
    int64_t lastSeq = 0;
    double lastTime = 0;
    double createdAt = 0;

    Session();
    /// Folds the next event in. Events that contradict the log so far are an error (BadInput) and change
    /// nothing.
    [[nodiscard]] Status apply(const Event &event);
    /// What apply() would say of it: asked before an event goes to disk.
    [[nodiscard]] Status accepts(const EventBody &body) const;
    /// Candidates proposed and not evaluated: in flight now, or cut off by a kill.
    [[nodiscard]] std::vector<CandidateId> pending() const;
    [[nodiscard]] const Node *find(CandidateId id) const;

private:
    [[nodiscard]] Status check(const SessionCreated &event) const;
    [[nodiscard]] Status check(const RunStarted &event) const;
    [[nodiscard]] Status check(const CandidateProposed &event) const;
    [[nodiscard]] Status check(const StepWithoutCandidate &event) const;
    [[nodiscard]] Status check(const EvaluationFinished &event) const;
    [[nodiscard]] Status check(const RunStopped &event) const;
    void fold(const SessionCreated &body, const Event &event);
    void fold(const RunStarted &body, const Event &event);
    void fold(const CandidateProposed &body, const Event &event);
    void fold(const StepWithoutCandidate &body, const Event &event);
    void fold(const EvaluationFinished &body, const Event &event);
    void fold(const RunStopped &body, const Event &event);

    bool m_running = false;
    double m_runStartedAt = 0;
    double m_runBase = 0; ///< running time of the runs before this one
};

} // namespace ww
