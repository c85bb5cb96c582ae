// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/candidate/Candidate.h"
#include "core/judge/Evaluation.h"
#include "core/model/ModelTypes.h"
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
/// The policy has decided on a step whose candidate takes time to make: a model or a person is asked. A
/// second one of the same step: the first kind came to nothing, and the other is asked for.
struct StepBegun {
    int step = 0;
    Move move;
};
struct CandidateProposed {
    int step = 0; ///< 0 for a person's edit and for tuning in idle time
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
    std::string reason; ///< "steps" | "seconds" | "stagnation" | "exhausted" | "money" | "user" | "error"
    std::string detail;
};
/// The search waits for a person, because who makes candidates cannot be asked any more.
struct SearchPaused {
    std::string why; ///< with what to do about it
};
/// A person's advice for the next candidate that is made from `id`; an empty text takes it back.
struct HintGiven {
    CandidateId id = 0; ///< 0: the next large step from the start
    std::string text;
};
/// Which question of a search.
struct ModelCallKey {
    int step = 0;
    MoveKind kind = MoveKind::Large;
    int turn = 1; ///< 0: the reviser's points are asked for; 2: the model is to repair what it answered

    bool operator==(const ModelCallKey &) const = default;
};
/// A model is asked; in the file before its answer comes, so that a call that was cut off is known.
struct ModelAsked {
    ModelCallKey key;
    std::string endpoint; ///< its address; "person" where somebody carries questions to a model
    ModelRequest request;
    std::map<std::string, std::string> prompts; ///< name of each prompt file used → its SHA-256
    std::optional<MemoryUse> memory {}; ///< of a step's first question: what memory gave to it
};
struct ModelAnswered {
    ModelCallKey key;
    ModelReply reply; ///< where the call failed, what there is of it
    std::optional<ModelFault> fault;
    std::optional<double> money; ///< US dollars; nothing where the price is not known
};
using EventBody =
    std::variant<SessionCreated, RunStarted, StepBegun, CandidateProposed, StepWithoutCandidate,
                 EvaluationFinished, RunStopped, SearchPaused, HintGiven, ModelAsked, ModelAnswered>;

/// One entry of the log.
struct Event {
    int64_t seq = 0; ///< from 1, without gaps
    double time = 0; ///< seconds since 1970, UTC
    EventBody body;
};

/// A step that was begun before its candidate was known.
struct Decision {
    int64_t seq = 0; ///< place in the log
    int step = 0;
    Move move;
    int64_t endedSeq = 0; ///< of the event that ended it; 0 while it is open or was cut off
};

/// A question to a model and its answer.
struct ModelCall {
    std::shared_ptr<const ModelAsked> asked;
    std::shared_ptr<const ModelAnswered> answered; ///< none while it is under way or was cut off
    double askedAt = 0; ///< seconds since 1970
    int64_t askedSeq = 0, answeredSeq = 0; ///< places in the log
};

/// What calls of models cost.
struct ModelSpending {
    int calls = 0; ///< answered or failed
    int unpriced = 0; ///< of these, with tokens but without a known price
    ModelUsage usage;
    double money = 0; ///< US dollars

    void add(const ModelAnswered &answer);
};

/// A candidate with everything known of it.
struct Node {
    Candidate candidate;
    Move move;
    std::optional<Evaluation> evaluation;
    std::optional<Evaluation> confirmation;
    std::optional<PolicyOutcome> outcome;
    std::string hint; ///< for the next candidate made from it; empty: none
    double proposedAt = 0; ///< seconds since 1970
    double evaluatedAt = 0;
    double confirmedAt = 0;
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
    int stepsBegun = 0; ///< highest step that was begun: above stepsDone while candidates are being made
    std::vector<Decision> decisions; ///< steps that were begun before their candidate was known
    std::vector<ModelCall> calls; ///< in the order in which they were asked
    ModelSpending spent; ///< over all calls
    std::string pausedWhy; ///< why the search waits for a person; empty while it goes on
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
    /// The candidate that a move starts from: its parent, in the best parameters that tuning found. Null
    /// where that is the dummy root.
    [[nodiscard]] const Node *startOf(const Move &move) const;
    /// The decision of a step that was begun and has not ended; null when there is none.
    [[nodiscard]] const Decision *openDecision(int step) const;
    /// The steps of all open decisions, lowest first.
    [[nodiscard]] std::vector<int> openSteps() const;
    /// Questions and answers of the step that made a candidate, oldest first; none for one without.
    [[nodiscard]] std::vector<ModelCall> callsOf(CandidateId id) const;

private:
    [[nodiscard]] Status check(const SessionCreated &event) const;
    [[nodiscard]] Status check(const RunStarted &event) const;
    [[nodiscard]] Status check(const StepBegun &event) const;
    [[nodiscard]] Status check(const CandidateProposed &event) const;
    [[nodiscard]] Status check(const StepWithoutCandidate &event) const;
    [[nodiscard]] Status check(const EvaluationFinished &event) const;
    [[nodiscard]] Status check(const RunStopped &event) const;
    [[nodiscard]] Status check(const SearchPaused &event) const;
    [[nodiscard]] Status check(const HintGiven &event) const;
    [[nodiscard]] Status check(const ModelAsked &event) const;
    [[nodiscard]] Status check(const ModelAnswered &event) const;
    [[nodiscard]] Status checkStep(int step) const;
    [[nodiscard]] Status checkMove(const Move &move) const;
    [[nodiscard]] size_t openCall(const ModelCallKey &key) const;
    void fold(const SessionCreated &body, const Event &event);
    void fold(const RunStarted &body, const Event &event);
    void fold(const StepBegun &body, const Event &event);
    void fold(const CandidateProposed &body, const Event &event);
    void fold(const StepWithoutCandidate &body, const Event &event);
    void fold(const EvaluationFinished &body, const Event &event);
    void fold(const RunStopped &body, const Event &event);
    void fold(const SearchPaused &body, const Event &event);
    void fold(const HintGiven &body, const Event &event);
    void fold(const ModelAsked &body, const Event &event);
    void fold(const ModelAnswered &body, const Event &event);
    void endStep(int step, int64_t seq);

    bool m_running = false;
    double m_runStartedAt = 0;
    double m_runBase = 0; ///< running time of the runs before this one
};

/// US dollars that all steps of the search will have cost when it goes on as so far; nothing where it has no
/// limit of steps, asked no model yet, or a price is not known.
[[nodiscard]] std::optional<double> moneyForecast(const Session &session);

} // namespace ww
