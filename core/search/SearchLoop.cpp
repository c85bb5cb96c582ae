// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/SearchLoop.h"

#include "core/base/Hash.h"
#include "core/search/AdaExplore.h"
#include "core/search/PolicyReplay.h"
#include "core/search/Streams.h"

#include <fmt/format.h>

#include <algorithm>

namespace ww {
namespace {

/// Steps in a row for which neither kind of move has a candidate: then there are none left.
constexpr int kMostWithoutCandidate = 3;
/// Infrastructure faults in a row, whatever the device: then nothing can be measured any more.
constexpr int kMostInfraErrors = 3;
constexpr const char *kInfraRemedy = "Run 'warpwright-cli doctor', then go on with 'warpwright-cli resume'";

Evaluation infraEvaluation(const Error &error)
{
    Evaluation evaluation;
    evaluation.verdict = Verdict::InfraError;
    evaluation.message = error.message();
    return evaluation;
}

/// So many seeds take turns, so that a worker can keep what the reference says to each while a candidate
/// never meets the data of the one before it, whose outputs may still lie about in the runner's memory.
constexpr CandidateId kDataSeeds = 4;

/// Test data are the same when a run is repeated, and new for each confirmation.
uint64_t dataSeed(uint64_t seed, CandidateId id, bool confirmation)
{
    RandomStream draws = confirmation ? drawsOf(seed, Draws::ConfirmationData, id)
                                      : drawsOf(seed, Draws::Data, id % kDataSeeds);
    const uint64_t high = draws.next();
    // 53 bits pass through every JSON reader unharmed.
    return (high << 32 | draws.next()) >> 11;
}

} // namespace

SearchLoop::SearchLoop(Journal &journal, SharedSession &shared, Proposer &proposer, Evaluator &evaluator,
                       std::shared_ptr<const EngineListener> listener, std::shared_ptr<EngineInbox> inbox,
                       std::function<void(EngineState)> setState)
    : m_journal(journal),
      m_shared(shared),
      m_proposer(proposer),
      m_evaluator(evaluator),
      m_listener(std::move(listener)),
      m_inbox(std::move(inbox)),
      m_setState(std::move(setState))
{
}

Status SearchLoop::run(bool paused, std::stop_token stop)
{
    m_stopAsked = std::move(stop);
    Status outcome = begin(paused);
    if (outcome)
        outcome = work();
    return finish(outcome);
}

Status SearchLoop::begin(bool paused)
{
    m_startedAt = m_pausedAt = Clock::now();
    m_secondsBefore = session().runSeconds;
    m_paused = paused;
    if (!session().task)
        return failure(ErrorCode::BadInput, "cannot run the session", "it holds no task");
    auto sent = std::make_shared<Task>(*session().task);
    sent->variants.clear();
    sent->lesson.clear();
    m_sentTask = std::move(sent);

    m_tree = treeOf(session());
    for (const CandidateId id : session().pending())
        m_cutOff.push_back(id);
    for (const Node &known : session().nodes) {
        if (known.evaluation && known.evaluation->verdict != Verdict::InfraError)
            m_known.emplace(known.candidate.contentHash(), known.candidate.id);
    }
    findStanding();
    return append(RunStarted {m_evaluator.devices(), session().config, session().lastSeq > 1});
}

Status SearchLoop::work()
{
    // What was asked for before the start holds from the first step on.
    while (std::optional<EngineMessage> message = m_inbox->tryPop())
        WW_CHECK(handle(std::move(*message)));
    for (;;) {
        if (!m_stop)
            WW_CHECK(fillSlots());
        std::optional<EngineMessage> message;
        if (m_inFlight.empty()) {
            if (m_stop)
                return {};
            m_followUp = false;
            // A person's edit may have come just before the search ran out.
            message = m_inbox->tryPop();
            if (!message && !m_paused) {
                m_stop = reachedLimit().value_or(Stop {"exhausted", ""});
                return {};
            }
        }
        tellState();
        WW_CHECK(handle(message ? std::move(*message) : m_inbox->pop()));
    }
}

Status SearchLoop::finish(const Status &outcome)
{
    if (!outcome) {
        endWith({"error", outcome.error().message()});
        // The journal may be what failed: results that still come are not accepted any more.
        while (!m_inFlight.empty()) {
            const EngineMessage message = m_inbox->pop();
            if (const auto *done = std::get_if<JobDone>(&message))
                m_inFlight.erase({done->id, done->confirmation});
        }
        (void)append(RunStopped {m_stop->reason, m_stop->detail}); // the fault itself is reported
        return outcome;
    }
    WW_CHECK(append(RunStopped {m_stop->reason, m_stop->detail}));
    if (m_stop->reason == "error")
        return failure(ErrorCode::Infrastructure, "the search was stopped", m_stop->detail, kInfraRemedy);
    return {};
}

Status SearchLoop::append(EventBody body)
{
    WW_CHECK(session().accepts(body));
    WW_TRY(const Event event, m_journal.append(std::move(body)));
    {
        const std::lock_guard lock(m_shared.mutex);
        WW_CHECK(m_shared.session.apply(event));
    }
    if (m_listener->onEvent)
        m_listener->onEvent(event);
    return {};
}

void SearchLoop::tellState()
{
    if (m_stop)
        m_setState(EngineState::Stopping);
    else
        m_setState(mayStep() || m_followUp ? EngineState::Running : EngineState::Paused);
}

void SearchLoop::endWith(Stop stop)
{
    if (m_stop)
        return;
    m_stop = std::move(stop);
    tellState();
    m_evaluator.cancelAll();
}

// Messages

Status SearchLoop::handle(EngineMessage message)
{
    return std::visit([this](auto &&request) { return on(std::move(request)); }, std::move(message));
}

void SearchLoop::setPaused(bool paused)
{
    if (paused && !m_paused)
        m_pausedAt = Clock::now();
    if (!paused && m_paused)
        m_pausedFor += Clock::now() - m_pausedAt;
    m_paused = paused;
}

Status SearchLoop::on(PauseRequest)
{
    setPaused(true);
    m_stepsAsked = 0;
    return {};
}

Status SearchLoop::on(ResumeRequest)
{
    setPaused(false);
    m_stepsAsked = 0;
    return {};
}

Status SearchLoop::on(StepRequest)
{
    setPaused(true);
    ++m_stepsAsked;
    return {};
}

Status SearchLoop::on(StopRequest)
{
    endWith({"user", ""});
    return {};
}

Status SearchLoop::on(EditRequest edit)
{
    if (m_stop)
        return {};
    CandidateProposed event;
    Candidate &candidate = event.candidate;
    candidate.id = static_cast<CandidateId>(session().nodes.size());
    candidate.parent = session().find(edit.parent) ? edit.parent : 0;
    candidate.kind = event.move.kind = MoveKind::Edit;
    candidate.origin = "human";
    candidate.title = edit.title.empty() ? "edit" : std::move(edit.title);
    candidate.source = std::move(edit.source);
    event.move.parent = candidate.parent;
    if (candidate.parent != 0)
        event.move.context = candidate.lineage = {{candidate.parent, LineageRole::Base}};
    const PlanParse parsed = parsePlan(candidate.source, session().task.get());
    // A plan that does not parse goes to the gate as it is, which says what is wrong with it.
    candidate.parameters = parsed.ok()
        ? resolveParameters(parsed.plan, edit.parameters).value_or(edit.parameters)
        : edit.parameters;
    const CandidateId id = candidate.id;
    const CandidateId parent = candidate.parent;
    WW_CHECK(append(std::move(event)));
    m_tree.add(id, parent, MoveKind::Edit);
    m_edits.push_back(id);
    m_followUp = true;
    return {};
}

Status SearchLoop::on(BudgetRequest budget)
{
    if (m_stop)
        return {};
    RunStarted event {session().devices, session().config, true};
    event.config.steps = budget.steps;
    event.config.seconds = budget.seconds;
    event.config.stagnation = budget.stagnation;
    return append(std::move(event));
}

Status SearchLoop::on(JobDone done)
{
    m_inFlight.erase({done.id, done.confirmation});
    if (done.result)
        return record(done.id, done.confirmation, std::move(*done.result));
    if (m_stop && done.result.error().code == ErrorCode::Cancelled)
        return {};
    return record(done.id, done.confirmation, infraEvaluation(done.result.error()));
}

// What is started next

Status SearchLoop::fillSlots()
{
    while (!m_stop && !m_stopAsked.stop_requested()
           && static_cast<int>(m_inFlight.size()) < m_evaluator.capacity()) {
        WW_TRY(const bool started, startOne());
        if (!started)
            return {};
    }
    if (!m_stop && m_evaluator.capacity() == 0)
        endWith({"error", "No device is left to evaluate on"});
    return {};
}

Result<bool> SearchLoop::startOne()
{
    const auto startFront = [this](std::deque<CandidateId> &queue) -> Result<bool> {
        const CandidateId id = queue.front();
        queue.pop_front();
        WW_CHECK(evaluate(id, false));
        return true;
    };
    if (!m_edits.empty())
        return startFront(m_edits);
    if (mayStep() && !m_cutOff.empty())
        return startFront(m_cutOff);
    if (const auto id = toConfirm(); id && (mayStep() || m_followUp)) {
        m_confirmed.insert(*id);
        WW_CHECK(evaluate(*id, true));
        return true;
    }
    // After a step without a candidate, what is in flight may change what the next one would be.
    if (!mayStep() || (m_withoutCandidate > 0 && !m_inFlight.empty()) || (!m_paused && reachedLimit()))
        return false;
    return takeStep();
}

Result<bool> SearchLoop::takeStep()
{
    if (m_paused) {
        --m_stepsAsked;
        m_followUp = true;
    }
    const SearchConfig &config = session().config;
    const int step = session().stepsDone + 1;
    Move move = nextMove(m_tree, config.constants, config.seed, step);
    WW_TRY(std::optional<Proposal> proposal, m_proposer.propose(session(), move, config.seed, step));
    // Under the dummy root there is no kernel that a small step could change.
    if (!proposal && move.parent != 0) {
        move = otherKind(move, m_tree, config.constants, config.seed, step);
        WW_TRY(proposal, m_proposer.propose(session(), move, config.seed, step));
    }
    if (!proposal)
        return noCandidate(step, move);
    WW_CHECK(proposeCandidate(step, move, std::move(*proposal)));
    return true;
}

Result<bool> SearchLoop::noCandidate(int step, const Move &move)
{
    ++m_withoutCandidate;
    WW_CHECK(append(StepWithoutCandidate {
        step, move,
        fmt::format("The proposer '{}' has no candidate left to offer here", m_proposer.name())}));
    return true;
}

Status SearchLoop::proposeCandidate(int step, const Move &move, Proposal proposal)
{
    m_withoutCandidate = 0;
    CandidateProposed event {step, move, {}};
    Candidate &candidate = event.candidate;
    candidate.id = static_cast<CandidateId>(session().nodes.size());
    candidate.parent = move.parent;
    candidate.kind = move.kind;
    candidate.origin = std::move(proposal.origin);
    candidate.title = std::move(proposal.title);
    candidate.source = std::move(proposal.source);
    candidate.parameters = std::move(proposal.parameters);
    candidate.memory = std::move(proposal.memory);
    candidate.lineage = move.context;
    const auto isParent = [&](const Lineage &entry) { return entry.id == move.parent; };
    if (move.parent != 0 && std::none_of(move.context.begin(), move.context.end(), isParent))
        candidate.lineage.push_back({move.parent, LineageRole::Parent});
    const CandidateId id = candidate.id;
    WW_CHECK(append(std::move(event)));
    m_tree.add(id, move.parent, move.kind);
    return evaluate(id, false);
}

std::optional<SearchLoop::Stop> SearchLoop::reachedLimit() const
{
    const SearchConfig &config = session().config;
    if (config.steps > 0 && session().stepsDone >= config.steps)
        return Stop {"steps", fmt::format("{} steps", config.steps)};
    if (config.seconds > 0 && runningSeconds() >= config.seconds)
        return Stop {"seconds", fmt::format("{:g} s", config.seconds)};
    const int lastGain = session().bestCurve.empty() ? 0 : session().bestCurve.back().step;
    if (config.stagnation > 0 && session().stepsDone - lastGain >= config.stagnation)
        return Stop {"stagnation", fmt::format("no new best for {} steps", config.stagnation)};
    if (m_withoutCandidate >= kMostWithoutCandidate)
        return Stop {"exhausted", fmt::format("the proposer '{}' has no candidate left", m_proposer.name())};
    return std::nullopt;
}

double SearchLoop::runningSeconds() const
{
    const Clock::duration pause = m_paused ? Clock::now() - m_pausedAt : Clock::duration {};
    return m_secondsBefore
        + std::chrono::duration<double>(Clock::now() - m_startedAt - m_pausedFor - pause).count();
}

// Evaluation

Status SearchLoop::evaluate(CandidateId id, bool confirmation)
{
    const auto twin = confirmation ? m_known.end() : m_known.find(node(id).candidate.contentHash());
    if (twin == m_known.end()) {
        submit(id, confirmation);
        return {};
    }
    Evaluation copy = *node(twin->second).evaluation;
    copy.environment["measured_as"] = fmt::format("#{}", twin->second);
    return record(id, false, std::move(copy));
}

EvaluateRequest SearchLoop::requestFor(CandidateId id, bool confirmation) const
{
    const Candidate &candidate = node(id).candidate;
    EvaluateRequest request;
    request.id = fmt::format("{}{}", id, confirmation ? "-again" : "");
    request.nonce = randomToken();
    request.task = *m_sentTask;
    request.candidate = {fmt::format("#{}", id), candidate.source, candidate.parameters};
    request.budgets = session().config.budgets;
    request.seed = dataSeed(session().config.seed, id, confirmation);
    request.freshRunner = confirmation;
    // Confirmations are always probed, others when they would be the best.
    if (!confirmation && session().best != 0)
        request.probesAbove = std::max(1.0, node(session().best).evaluation->speedupRatio());
    return request;
}

void SearchLoop::submit(CandidateId id, bool confirmation)
{
    m_inFlight.insert({id, confirmation});
    Evaluator::Job job;
    job.request = requestFor(id, confirmation);
    // The callbacks own what they use: an evaluator's thread may still be in one when the engine has gone.
    job.onStage = [listener = m_listener, id, confirmation](const StageRecord &stage) {
        if (listener->onStage)
            listener->onStage(id, confirmation, stage);
    };
    job.onSamples = [listener = m_listener, id, confirmation](const SamplesMessage &samples) {
        if (listener->onSamples)
            listener->onSamples(id, confirmation, samples);
    };
    job.onDone = [inbox = m_inbox, id, confirmation](Result<Evaluation> result) {
        inbox->push(JobDone {id, confirmation, std::move(result)});
    };
    m_evaluator.submit(std::move(job));
}

Status SearchLoop::record(CandidateId id, bool confirmation, Evaluation evaluation)
{
    const bool infra = evaluation.verdict == Verdict::InfraError;
    std::optional<PolicyOutcome> outcome;
    if (!confirmation)
        outcome = policyOutcome(evaluation, session().config.constants);
    WW_CHECK(append(EvaluationFinished {id, confirmation, std::move(evaluation), outcome}));
    if (!confirmation && outcome)
        m_tree.setOutcome(id, outcome->compiled, outcome->correct, outcome->speedup, outcome->reward);
    else if (!confirmation)
        m_tree.setUncounted(id);
    if (!confirmation && !infra)
        m_known.emplace(node(id).candidate.contentHash(), id);
    considerAsStanding(id);

    m_infraErrors = infra ? m_infraErrors + 1 : 0;
    if (m_infraErrors >= kMostInfraErrors && !m_stop)
        endWith({"error",
                 fmt::format("{} evaluations in a row failed for reasons that are not the candidates'; the "
                             "last one: {}",
                             m_infraErrors,
                             (confirmation ? node(id).confirmation : node(id).evaluation)->message)});
    return {};
}

// Confirmation

void SearchLoop::considerAsStanding(CandidateId id)
{
    const Node &candidate = node(id);
    if (!candidate.refutation().empty()) {
        if (id == m_standing)
            findStanding();
        return;
    }
    if (!candidate.evaluation || !correct(candidate.evaluation->verdict))
        return;
    if (m_standing == 0 || candidate.betterThan(node(m_standing)))
        m_standing = id;
}

void SearchLoop::findStanding()
{
    m_standing = 0;
    for (size_t i = 1; i < session().nodes.size(); ++i) {
        if (session().nodes[i].refutation().empty())
            considerAsStanding(static_cast<CandidateId>(i));
    }
}

std::optional<CandidateId> SearchLoop::toConfirm() const
{
    if (!session().config.confirmBest || m_standing == 0 || m_confirmed.count(m_standing) > 0)
        return std::nullopt;
    const Node &standing = node(m_standing);
    const bool hasAnswer = standing.confirmation && standing.confirmation->verdict != Verdict::InfraError;
    if (hasAnswer || standing.evaluation->speedupRatio() <= 1)
        return std::nullopt;
    return m_standing;
}

} // namespace ww
