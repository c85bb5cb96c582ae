// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/journal/Session.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace ww {
namespace {

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

Session::Session() : nodes(1)
{
    nodes[0].candidate.kind = MoveKind::Root;
}

const Node *Session::find(CandidateId id) const
{
    return id >= 0 && static_cast<size_t>(id) < nodes.size() ? &nodes[static_cast<size_t>(id)] : nullptr;
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
    if (event.step < 0 || (event.step != 0 && event.step <= stepsDone))
        return contradiction(fmt::format("step {} comes after step {}", event.step, stepsDone));
    const auto exists = [this](const Lineage &lineage) { return find(lineage.id) != nullptr; };
    if (!std::all_of(candidate.lineage.begin(), candidate.lineage.end(), exists)
        || !std::all_of(event.move.context.begin(), event.move.context.end(), exists))
        return contradiction(fmt::format("candidate {} builds on one that does not exist", candidate.id));
    return {};
}

Status Session::check(const StepWithoutCandidate &event) const
{
    if (event.step <= stepsDone)
        return contradiction(fmt::format("step {} comes after step {}", event.step, stepsDone));
    return {};
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
    m_running = true;
    m_runBase = runSeconds;
    m_runStartedAt = lastTime;
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
}

void Session::fold(const StepWithoutCandidate &body, const Event &)
{
    stepsDone = body.step;
}

void Session::fold(const EvaluationFinished &body, const Event &event)
{
    Node &node = nodes[static_cast<size_t>(body.id)];
    if (body.confirmation) {
        node.confirmation = body.evaluation;
        node.confirmedSeq = event.seq;
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

} // namespace ww
