// SPDX-License-Identifier: GPL-3.0-or-later
// The part of SearchLoop that takes steps: deciding, asking the proposer, what comes of it, and tuning while
// nothing has come of it yet.
#include "core/search/AdaExplore.h"
#include "core/search/SearchLoop.h"
#include "core/search/Tuning.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace ww {
namespace {

/// Steps in a row for which neither kind of move has a candidate: then there are none left.
constexpr int kMostWithoutCandidate = 3;
/// The same for a model or a person, whose next answer may be better than the last ones.
constexpr int kMostUnusableAnswers = 8;

using NoKind = NoProposal::Kind;

} // namespace

bool SearchLoop::mayBeginStep() const
{
    if (!mayStep() || (!m_paused && reachedLimit()))
        return false;
    if (answersAtOnce()) // after a step without a candidate, what is in flight may change what the next would
                         // be
        return hasFreeSlot() && (m_withoutCandidate == 0 || m_inFlight.empty());
    const auto inGate =
        static_cast<int>(std::count_if(m_inFlight.begin(), m_inFlight.end(), [this](const auto &job) {
            return !job.second && node(job.first).candidate.kind != MoveKind::Tune;
        }));
    const auto asked = static_cast<int>(m_asked.size());
    // As many as keep both the model and the devices busy; with one of each, one step after another.
    return asked < m_proposer.capacity()
        && asked + static_cast<int>(m_waiting.size()) + inGate
        < m_proposer.capacity() + m_evaluator.capacity() - 1;
}

Result<bool> SearchLoop::beginStep()
{
    if (m_paused) {
        --m_stepsAsked;
        m_followUp = true;
    }
    if (!m_toAskAgain.empty()) {
        const int step = m_toAskAgain.front();
        m_toAskAgain.pop_front();
        const Move move = session().openDecision(step)->move;
        WW_CHECK(ask(step, move));
        return true;
    }
    const SearchConfig &config = session().config;
    const int step = session().stepsBegun + 1;
    Move move = nextMove(m_tree, config.constants, config.seed, step);
    move.hint = node(move.parent).hint;
    WW_CHECK(answersAtOnce() ? decideAtOnce(step, std::move(move)) : decide(step, std::move(move)));
    return true;
}

Status SearchLoop::decideAtOnce(int step, Move move)
{
    const SearchConfig &config = session().config;
    ProposalOutcome outcome = askAtOnce(step, move);
    // Under the dummy root there is no kernel that a small step could change.
    if (!outcome && outcome.error().kind == NoKind::Nothing && move.parent != 0) {
        move = otherKind(move, m_tree, config.constants, config.seed, step);
        outcome = askAtOnce(step, move);
    }
    if (!outcome && outcome.error().kind == NoKind::Nothing)
        return noCandidate(step, move, outcome.error().error.message());
    if (!outcome)
        return tl::make_unexpected(outcome.error().error);
    m_withoutCandidate = 0;
    WW_TRY(const CandidateId id, propose(step, move, std::move(*outcome)));
    return evaluate(id, false);
}

ProposalOutcome SearchLoop::askAtOnce(int step, const Move &move)
{
    ProposalOutcome outcome = tl::make_unexpected(
        NoProposal {NoKind::Failed, {ErrorCode::Internal, "the proposer said nothing", "", "", ""}});
    const auto onReport = [&outcome](ProposerReport report) {
        if (report.outcome)
            outcome = std::move(*report.outcome);
    };
    m_proposer.propose(session(), {move, session().config.seed, step, onReport, {}});
    return outcome;
}

/// A decision stands in the log before its candidate is asked for.
Status SearchLoop::decide(int step, Move move)
{
    WW_CHECK(append(StepBegun {step, move}));
    m_tree.await(move.parent, move.kind);
    return ask(step, move);
}

/// What the proposer says before it returns is taken at once: its place in the log is then a matter of no
/// clock.
Status SearchLoop::ask(int step, const Move &move)
{
    struct Direct {
        std::thread::id thread = std::this_thread::get_id();
        bool open = true; // looked at by that thread alone
        std::vector<ProposerReport> reports;
    };
    m_asked[step] = move;
    const auto direct = std::make_shared<Direct>();
    ProposalJob job {move, session().config.seed, step, {}, {}};
    job.onReport = [inbox = m_inbox, step, direct](ProposerReport report) {
        if (std::this_thread::get_id() == direct->thread && direct->open)
            direct->reports.push_back(std::move(report));
        else
            inbox->push(ProposerNews {step, std::move(report)});
    };
    job.onText = [listener = m_listener, step](const std::string &piece) {
        if (listener->onModelText)
            listener->onModelText(step, piece);
    };
    m_proposer.propose(session(), std::move(job));
    direct->open = false;
    for (ProposerReport &report : direct->reports)
        WW_CHECK(on(ProposerNews {step, std::move(report)}));
    return {};
}

Status SearchLoop::on(ProposerNews news)
{
    for (EventBody &record : news.report.records)
        WW_CHECK(append(std::move(record)));
    if (!news.report.outcome)
        return {};
    const auto asked = m_asked.extract(news.step);
    if (asked.empty())
        return failure(ErrorCode::Internal, "the proposer reported a step twice",
                       fmt::format("step {}", news.step));
    return takeOutcome(news.step, asked.mapped(), std::move(*news.report.outcome));
}

Status SearchLoop::takeOutcome(int step, const Move &move, ProposalOutcome outcome)
{
    if (!outcome)
        return withoutProposal(step, move, outcome.error());
    m_tree.settle(move.parent, move.kind);
    m_answered = true;
    m_withoutCandidate = 0;
    WW_TRY(const CandidateId id, propose(step, move, std::move(*outcome)));
    m_waiting.push_back(id);
    return {};
}

Status SearchLoop::withoutProposal(int step, const Move &move, const NoProposal &none)
{
    const SearchConfig &config = session().config;
    switch (none.kind) {
    case NoKind::Nothing: m_answered = true; break;
    case NoKind::Unanswered:
        // A search of few steps must not end as if it had been answered.
        if (m_answered)
            break;
        m_toAskAgain.push_back(step);
        return waitForAPerson(none.error);
    case NoKind::Failed: return m_stop ? Status() : tl::make_unexpected(none.error);
    case NoKind::OutOfMoney:
        m_outOfMoney = none.error.message();
        m_toAskAgain.push_back(step);
        return {};
    case NoKind::Cancelled: return {};
    case NoKind::Unavailable: m_toAskAgain.push_back(step); return waitForAPerson(none.error);
    }
    if (m_stop) // the step is taken up again by a resume
        return {};
    m_tree.settle(move.parent, move.kind);
    const bool first = std::count_if(session().decisions.begin(), session().decisions.end(),
                                     [step](const Decision &decision) { return decision.step == step; })
        == 1;
    if (first && move.parent != 0) {
        Move other = otherKind(move, m_tree, config.constants, config.seed, step);
        return decide(step, std::move(other));
    }
    return noCandidate(step, move, none.error.message());
}

Status SearchLoop::noCandidate(int step, const Move &move, const std::string &why)
{
    ++m_withoutCandidate;
    m_lastWithout = why;
    return append(StepWithoutCandidate {step, move, why});
}

Result<CandidateId> SearchLoop::propose(int step, const Move &move, Proposal proposal)
{
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
    const auto isParent = [](const Lineage &entry) { return entry.role == LineageRole::Parent; };
    if (move.parent != 0 && std::none_of(move.context.begin(), move.context.end(), isParent))
        candidate.lineage.push_back({move.parent, LineageRole::Parent});
    const CandidateId id = candidate.id;
    WW_CHECK(append(std::move(event)));
    m_tree.add(id, move.parent, move.kind);
    return id;
}

/// It takes no step and no limit of steps counts it: only the limit of time does.
bool SearchLoop::mayTune() const
{
    const SearchConfig &config = session().config;
    return config.tuneWhenIdle && !m_asked.empty() && !m_paused && hasFreeSlot()
        && (config.seconds <= 0 || runningSeconds() < config.seconds);
}

Result<bool> SearchLoop::tuneWhenIdle()
{
    if (!mayTune())
        return false;
    std::optional<Tuning> tuning = nextTuning(session(), session().lastSeq + 1);
    if (!tuning)
        return false;
    WW_TRY(const CandidateId id, propose(0, tuning->move, std::move(tuning->proposal)));
    WW_CHECK(evaluate(id, false));
    return true;
}

/// Instead of running on without candidates, or ending, the search lets a person see to it.
Status SearchLoop::waitForAPerson(const Error &error)
{
    if (m_stop || std::exchange(m_unreachable, true))
        return {};
    setPaused(true);
    m_stepsAsked = 0;
    return append(SearchPaused {error.message()});
}

void SearchLoop::askAgain()
{
    m_unreachable = false;
    m_outOfMoney.reset();
    m_proposer.goOn();
}

std::optional<SearchLoop::Stop> SearchLoop::reachedLimit() const
{
    const SearchConfig &config = session().config;
    if (config.steps > 0 && session().stepsBegun >= config.steps && m_toAskAgain.empty())
        return Stop {"steps", fmt::format("{} steps", config.steps)};
    if (config.seconds > 0 && runningSeconds() >= config.seconds)
        return Stop {"seconds", fmt::format("{:g} s", config.seconds)};
    if (m_outOfMoney)
        return Stop {"money", *m_outOfMoney};
    const int lastGain = session().bestCurve.empty() ? 0 : session().bestCurve.back().step;
    if (config.stagnation > 0 && session().stepsDone - lastGain >= config.stagnation)
        return Stop {"stagnation", fmt::format("no new best for {} steps", config.stagnation)};
    if (answersAtOnce() && m_withoutCandidate >= kMostWithoutCandidate)
        return Stop {"exhausted", fmt::format("the proposer '{}' has no candidate left", m_proposer.name())};
    if (m_withoutCandidate >= kMostUnusableAnswers)
        return Stop {"exhausted",
                     fmt::format("{} steps in a row gave no candidate; the last one: {}", m_withoutCandidate,
                                 m_lastWithout)};
    return std::nullopt;
}

} // namespace ww
