// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/SearchLoop.h"

#include "core/search/GateRequest.h"
#include "core/search/PolicyReplay.h"

#include <fmt/format.h>

namespace ww {
namespace {

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
        m_waiting.push_back(id);
    for (const int step : session().openSteps())
        m_toAskAgain.push_back(step);
    for (const Node &known : session().nodes) {
        if (known.evaluation && known.evaluation->verdict != Verdict::InfraError)
            m_known.emplace(known.candidate.contentHash(), known.candidate.id);
    }
    m_standing.find(session());
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
        if (m_inFlight.empty() && m_asked.empty()) {
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
        while (!m_inFlight.empty() || !m_asked.empty()) {
            const EngineMessage message = m_inbox->pop();
            if (const auto *done = std::get_if<JobDone>(&message))
                m_inFlight.erase({done->id, done->confirmation});
            else if (const auto *news = std::get_if<ProposerNews>(&message); news && news->report.outcome)
                m_asked.erase(news->step);
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
    m_proposer.cancelAll();
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
    askAgain();
    return {};
}

Status SearchLoop::on(StepRequest)
{
    setPaused(true);
    ++m_stepsAsked;
    askAgain();
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
    event.config.money = budget.money;
    m_outOfMoney.reset();
    return append(std::move(event));
}

Status SearchLoop::on(HintRequest hint)
{
    if (m_stop || !session().find(hint.id))
        return {};
    return append(HintGiven {hint.id, std::move(hint.text)});
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
    while (!m_stop && !m_stopAsked.stop_requested() && m_evaluator.capacity() > 0) {
        WW_TRY(const bool started, startOne());
        if (!started) {
            prepareWaiting();
            return {};
        }
    }
    if (!m_stop && m_evaluator.capacity() == 0)
        endWith({"error", "No device is left to evaluate on"});
    return {};
}

Result<bool> SearchLoop::startOne()
{
    if (hasFreeSlot()) {
        WW_TRY(const bool started, startEvaluation());
        if (started)
            return true;
    }
    return mayBeginStep() ? beginStep() : tuneWhenIdle();
}

bool SearchLoop::hasFreeSlot() const
{
    return static_cast<int>(m_inFlight.size()) < m_evaluator.capacity();
}

Result<bool> SearchLoop::startEvaluation()
{
    const auto startFront = [this](std::deque<CandidateId> &queue) -> Result<bool> {
        const CandidateId id = queue.front();
        queue.pop_front();
        WW_CHECK(evaluate(id, false));
        return true;
    };
    if (!m_edits.empty())
        return startFront(m_edits);
    // While the search waits for a person because nobody can be asked, what is there already is measured.
    if (!mayStep() && !m_followUp && session().pausedWhy.empty())
        return false;
    if (const auto id = m_standing.toConfirm(session()); id) {
        m_standing.confirming(*id);
        WW_CHECK(evaluate(*id, true));
        return true;
    }
    return m_waiting.empty() ? false : startFront(m_waiting);
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

void SearchLoop::submit(CandidateId id, bool confirmation)
{
    m_inFlight.insert({id, confirmation});
    Evaluator::Job job;
    job.request = gateRequest(session(), *m_sentTask, id, confirmation);
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

/// What waits for a device can be compiled while another candidate is on it.
void SearchLoop::prepareWaiting()
{
    for (const std::deque<CandidateId> *queue : {&m_edits, &m_waiting}) {
        for (const CandidateId id : *queue) {
            if (!m_known.contains(node(id).candidate.contentHash()) && m_prepared.insert(id).second)
                m_evaluator.prepare(gateRequest(session(), *m_sentTask, id, false));
        }
    }
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
    m_standing.consider(session(), id);

    m_infraErrors = infra ? m_infraErrors + 1 : 0;
    if (m_infraErrors >= kMostInfraErrors && !m_stop)
        endWith({"error",
                 fmt::format("{} evaluations in a row failed for reasons that are not the candidates'; the "
                             "last one: {}",
                             m_infraErrors,
                             (confirmation ? node(id).confirmation : node(id).evaluation)->message)});
    return {};
}

} // namespace ww
