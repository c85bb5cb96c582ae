// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/journal/Session.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace ww {
namespace {

/// No search gets there; the number after it must still be a number.
constexpr int kMostSteps = 1'000'000'000;

tl::unexpected<Error> contradiction(std::string why)
{
    return failure(ErrorCode::BadInput, "the log contradicts itself", std::move(why),
                   "The file was damaged or not written by Warpwright; use a backup");
}

std::tuple<bool, bool, double> rank(const Node &node)
{
    if (!node.evaluation)
        return {false, false, 0};
    return {compiled(node.evaluation->verdict), correct(node.evaluation->verdict),
            node.evaluation->speedupRatio()};
}

bool isInfraError(const std::optional<Evaluation> &evaluation)
{
    return evaluation && evaluation->verdict == Verdict::InfraError;
}

} // namespace

void ModelSpending::add(const ModelAnswered &answer)
{
    const ModelUsage &more = answer.reply.usage;
    ++calls;
    unpriced += !answer.money && more.input + more.output > 0 ? 1 : 0;
    usage.input += more.input;
    usage.cachedInput += more.cachedInput;
    usage.cacheWrites += more.cacheWrites;
    usage.output += more.output;
    usage.reasoning += more.reasoning;
    money += answer.money.value_or(0);
}

bool Node::betterThan(const Node &other) const
{
    return rank(*this) > rank(other);
}

bool Node::confirmed() const
{
    if (!confirmation || confirmation->verdict != Verdict::Passed || !confirmation->speedup)
        return false;
    const SpeedupRecord &speedup = *confirmation->speedup;
    return speedup.ci95Low > 1 && speedup.verdict != "SLOWER" && speedup.verdict != "AMBIGUOUS";
}

std::string Node::refutation() const
{
    if (!confirmation || isInfraError(confirmation) || confirmed())
        return {};
    if (confirmation->verdict != Verdict::Passed)
        return fmt::format("Measured again in a fresh process it did not pass: {}{}{}.",
                           toString(confirmation->verdict), confirmation->message.empty() ? "" : ", ",
                           confirmation->message);
    if (!confirmation->speedup)
        return "Measured again in a fresh process it gave no speed-up.";
    const SpeedupRecord &speedup = *confirmation->speedup;
    return fmt::format("Measured again in a fresh process it was not shown to be faster: {:.3g}× [{:.3g}, "
                       "{:.3g}].",
                       speedup.ratio, speedup.ci95Low, speedup.ci95High);
}

std::optional<double> moneyForecast(const Session &session)
{
    const ModelSpending &spent = session.spent;
    if (session.stepsDone == 0 || session.config.steps <= 0 || spent.calls == 0 || spent.unpriced > 0)
        return std::nullopt;
    return spent.money * std::max(session.config.steps, session.stepsDone) / session.stepsDone;
}

Session::Session() : nodes(1)
{
    nodes[0].candidate.kind = MoveKind::Root;
}

const Node *Session::find(CandidateId id) const
{
    return id >= 0 && static_cast<size_t>(id) < nodes.size() ? &nodes[static_cast<size_t>(id)] : nullptr;
}

const Node *Session::startOf(const Move &move) const
{
    for (const Lineage &entry : move.context) {
        if (entry.role == LineageRole::Parent && entry.id != 0)
            return find(entry.id);
    }
    return move.parent != 0 ? find(move.parent) : nullptr;
}

std::vector<CandidateId> Session::pending() const
{
    std::vector<CandidateId> ids;
    for (size_t i = 1; i < nodes.size(); ++i) {
        if (!nodes[i].evaluation)
            ids.push_back(static_cast<CandidateId>(i));
    }
    return ids;
}

const Decision *Session::openDecision(int step) const
{
    const auto found = std::find_if(decisions.rbegin(), decisions.rend(),
                                    [step](const Decision &decision) { return decision.step == step; });
    return found != decisions.rend() && found->endedSeq == 0 ? &*found : nullptr;
}

std::vector<int> Session::openSteps() const
{
    std::vector<int> steps;
    for (const Decision &decision : decisions) {
        if (decision.endedSeq == 0)
            steps.push_back(decision.step);
    }
    std::sort(steps.begin(), steps.end());
    return steps;
}

std::vector<ModelCall> Session::callsOf(CandidateId id) const
{
    std::vector<ModelCall> found;
    const Node *node = find(id);
    for (const ModelCall &call : calls) {
        if (node && call.asked->key.step == node->candidate.step)
            found.push_back(call);
    }
    return found;
}

/// Index of the last call of that key that has no answer yet; calls.size() when there is none.
size_t Session::openCall(const ModelCallKey &key) const
{
    for (size_t i = calls.size(); i-- > 0;) {
        if (calls[i].asked->key == key)
            return calls[i].answered ? calls.size() : i;
    }
    return calls.size();
}

Status Session::accepts(const EventBody &body) const
{
    if (std::holds_alternative<SessionCreated>(body) != (lastSeq == 0))
        return contradiction(lastSeq == 0 ? "it does not begin with the session's creation"
                                          : "the session is created a second time");
    return std::visit([this](const auto &event) { return check(event); }, body);
}

Status Session::apply(const Event &event)
{
    if (event.seq != lastSeq + 1)
        return contradiction(fmt::format("event {} follows event {}", event.seq, lastSeq));
    WW_CHECK(accepts(event.body));
    lastSeq = event.seq;
    // A clock set back must not make running time negative.
    lastTime = std::max(lastTime, event.time);
    // A run that starts while one is running follows a kill: what lay between was no running time.
    if (m_running && !std::holds_alternative<RunStarted>(event.body))
        runSeconds = m_runBase + (lastTime - m_runStartedAt);
    std::visit([&](const auto &body) { fold(body, event); }, event.body);
    return {};
}

Status Session::check(const SessionCreated &event) const
{
    return event.task ? Status() : contradiction("the session has no task");
}

Status Session::check(const RunStarted &event) const
{
    if (event.config.seed != config.seed || event.config.policy != config.policy
        || event.config.constants != config.constants)
        return contradiction("a run was started with another seed or policy than the session's");
    return {};
}

Status Session::checkStep(int step) const
{
    if (step < 1 || step > kMostSteps || (step <= stepsBegun && !openDecision(step)))
        return contradiction(fmt::format("step {} comes after step {}", step, stepsBegun));
    return {};
}

Status Session::checkMove(const Move &move) const
{
    const auto exists = [this](const Lineage &lineage) { return find(lineage.id) != nullptr; };
    if (!find(move.parent) || !std::all_of(move.context.begin(), move.context.end(), exists))
        return contradiction("a step builds on a candidate that does not exist");
    return {};
}

Status Session::check(const StepBegun &event) const
{
    WW_CHECK(checkStep(event.step));
    return checkMove(event.move);
}

Status Session::check(const CandidateProposed &event) const
{
    const Candidate &candidate = event.candidate;
    if (candidate.id != static_cast<CandidateId>(nodes.size()))
        return contradiction(
            fmt::format("candidate {} follows candidate {}", candidate.id, nodes.size() - 1));
    if (!find(candidate.parent) || event.move.parent != candidate.parent)
        return contradiction(
            fmt::format("candidate {} has a parent that does not exist: {}", candidate.id, candidate.parent));
    if (candidate.kind == MoveKind::Root)
        return contradiction(fmt::format("candidate {} is a second root", candidate.id));
    if (event.step != 0)
        WW_CHECK(checkStep(event.step));
    const auto exists = [this](const Lineage &lineage) { return find(lineage.id) != nullptr; };
    if (!std::all_of(candidate.lineage.begin(), candidate.lineage.end(), exists)
        || !std::all_of(event.move.context.begin(), event.move.context.end(), exists))
        return contradiction(fmt::format("candidate {} builds on one that does not exist", candidate.id));
    return {};
}

Status Session::check(const StepWithoutCandidate &event) const
{
    WW_CHECK(checkStep(event.step));
    return checkMove(event.move);
}

Status Session::check(const EvaluationFinished &event) const
{
    const Node *node = find(event.id);
    if (!node || event.id == 0)
        return contradiction(fmt::format("candidate {} was evaluated and does not exist", event.id));
    if (!event.confirmation && node->evaluation)
        return contradiction(fmt::format("candidate {} was evaluated twice", event.id));
    if (event.confirmation && !node->evaluation)
        return contradiction(fmt::format("candidate {} was confirmed before it was evaluated", event.id));
    if (event.confirmation && node->confirmation && !isInfraError(node->confirmation))
        return contradiction(fmt::format("candidate {} was confirmed twice", event.id));
    return {};
}

Status Session::check(const RunStopped &) const
{
    return {};
}

Status Session::check(const SearchPaused &) const
{
    return {};
}

Status Session::check(const HintGiven &event) const
{
    return find(event.id)
        ? Status()
        : contradiction(fmt::format("candidate {} has a hint and does not exist", event.id));
}

Status Session::check(const ModelAsked &event) const
{
    return event.key.step >= 1 && event.key.turn >= 0
        ? Status()
        : contradiction("a model was asked for no step of the search");
}

Status Session::check(const ModelAnswered &event) const
{
    return openCall(event.key) < calls.size()
        ? Status()
        : contradiction(fmt::format("a model answers for step {} and was not asked", event.key.step));
}

void Session::fold(const SessionCreated &body, const Event &event)
{
    sessionId = body.sessionId;
    origin = body.origin;
    program = body.program;
    task = body.task;
    config = body.config;
    createdAt = event.time;
}

void Session::fold(const RunStarted &body, const Event &)
{
    devices = body.devices;
    config = body.config;
    stopReason.clear();
    stopDetail.clear();
    pausedWhy.clear();
    m_running = true;
    m_runBase = runSeconds;
    m_runStartedAt = lastTime;
}

void Session::endStep(int step, int64_t seq)
{
    stepsBegun = std::max(stepsBegun, step);
    for (auto decision = decisions.rbegin(); decision != decisions.rend(); ++decision) {
        if (decision->step == step && decision->endedSeq == 0) {
            decision->endedSeq = seq;
            return;
        }
    }
}

void Session::fold(const StepBegun &body, const Event &event)
{
    endStep(body.step, event.seq); // asked again for the other kind
    decisions.push_back({event.seq, body.step, body.move, 0});
    if (!body.move.hint.empty())
        nodes[static_cast<size_t>(body.move.parent)].hint.clear();
    pausedWhy.clear();
}

void Session::fold(const CandidateProposed &body, const Event &event)
{
    Node node;
    node.candidate = body.candidate;
    node.candidate.step = body.step;
    node.move = body.move;
    node.proposedAt = event.time;
    node.proposedSeq = event.seq;
    nodes.push_back(std::move(node));
    stepsDone = std::max(stepsDone, body.step);
    endStep(body.step, event.seq);
}

void Session::fold(const StepWithoutCandidate &body, const Event &event)
{
    stepsDone = std::max(stepsDone, body.step);
    endStep(body.step, event.seq);
}

void Session::fold(const EvaluationFinished &body, const Event &event)
{
    Node &node = nodes[static_cast<size_t>(body.id)];
    if (body.confirmation) {
        node.confirmation = body.evaluation;
        node.confirmedSeq = event.seq;
        node.confirmedAt = event.time;
        const auto confirmedRatio = [](const Node &n) { return n.confirmation->speedupRatio(); };
        if (node.confirmed()
            && (confirmedBest == 0
                || confirmedRatio(node) > confirmedRatio(nodes[static_cast<size_t>(confirmedBest)])))
            confirmedBest = body.id;
        return;
    }
    node.evaluation = body.evaluation;
    node.outcome = body.outcome;
    node.evaluatedAt = event.time;
    node.evaluatedSeq = event.seq;
    if (!correct(node.evaluation->verdict)
        || (best != 0 && !node.betterThan(nodes[static_cast<size_t>(best)])))
        return;
    best = body.id;
    bestCurve.push_back({body.id, node.candidate.step != 0 ? node.candidate.step : stepsDone, runSeconds,
                         node.evaluation->speedupRatio()});
}

void Session::fold(const RunStopped &body, const Event &)
{
    stopReason = body.reason;
    stopDetail = body.detail;
    m_running = false;
}

void Session::fold(const SearchPaused &body, const Event &)
{
    pausedWhy = body.why;
}

void Session::fold(const HintGiven &body, const Event &)
{
    nodes[static_cast<size_t>(body.id)].hint = body.text;
}

void Session::fold(const ModelAsked &body, const Event &event)
{
    auto asked = std::make_shared<ModelAsked>(body);
    if (!calls.empty() && calls.back().asked->request.system == asked->request.system)
        asked->request.system = calls.back().asked->request.system; // held once
    calls.push_back({std::move(asked), nullptr, event.time, event.seq, 0});
    pausedWhy.clear();
}

void Session::fold(const ModelAnswered &body, const Event &event)
{
    ModelCall &call = calls[openCall(body.key)];
    call.answered = std::make_shared<const ModelAnswered>(body);
    call.answeredSeq = event.seq;
    spent.add(body);
}

} // namespace ww
