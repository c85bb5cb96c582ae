// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/Replay.h"

#include "core/journal/EventJson.h"
#include "core/search/ModelProposer.h"
#include "core/search/RecordedEvaluator.h"
#include "core/search/RecordedModel.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <tuple>

namespace ww {
namespace {

/// So long a result waits for one that came before it. Nothing waits in a replay that takes the recorded way.
constexpr double kGraceSeconds = 3;

/// True for what a run does with the tree; when a run began, paused or ended is no part of it.
bool belongsToTree(const EventBody &body)
{
    return !std::holds_alternative<SessionCreated>(body) && !std::holds_alternative<RunStarted>(body)
        && !std::holds_alternative<RunStopped>(body) && !std::holds_alternative<SearchPaused>(body);
}

struct Log {
    std::vector<PackedEvent> tree; ///< in the order of the log
    std::vector<PackedEvent>
        calls; ///< questions and answers, by step: their order among others decides nothing
};

std::optional<ModelCallKey> callOf(const EventBody &body)
{
    if (const auto *asked = std::get_if<ModelAsked>(&body))
        return asked->key;
    if (const auto *answered = std::get_if<ModelAnswered>(&body))
        return answered->key;
    return std::nullopt;
}

Log logOf(const std::vector<Event> &events)
{
    Log log;
    std::multimap<std::tuple<int, MoveKind, int>, PackedEvent> calls;
    for (const Event &event : events) {
        if (const auto key = callOf(event.body))
            calls.emplace(std::tuple(key->step, key->kind, key->turn), packEvent(event.body));
        else if (belongsToTree(event.body))
            log.tree.push_back(packEvent(event.body));
    }
    for (auto &[key, event] : calls)
        log.calls.push_back(std::move(event));
    return log;
}

bool same(const PackedEvent &a, const PackedEvent &b)
{
    const auto sameSamples = [](const PackedEvent::Samples &x, const PackedEvent::Samples &y) {
        return x.place == y.place && x.us == y.us;
    };
    return a.kind == b.kind && a.body == b.body && a.texts == b.texts
        && std::equal(a.samples.begin(), a.samples.end(), b.samples.begin(), b.samples.end(), sameSamples);
}

/// The first difference between two lists of events; empty when there is none.
std::string difference(const char *what, const std::vector<PackedEvent> &recorded,
                       const std::vector<PackedEvent> &replayed)
{
    for (size_t i = 0; i < recorded.size() || i < replayed.size(); ++i) {
        if (i >= replayed.size())
            return fmt::format("the record goes on with {} {} ({}), the replay ended", what, i + 1,
                               recorded[i].kind);
        if (i >= recorded.size())
            return fmt::format("the replay goes on with {} {} ({}), the record ended", what, i + 1,
                               replayed[i].kind);
        if (!same(recorded[i], replayed[i]))
            return fmt::format("{} {}: recorded {} {}, replayed {} {}", what, i + 1, recorded[i].kind,
                               recorded[i].body, replayed[i].kind, replayed[i].body);
    }
    return {};
}

ReplayReport compared(const Log &recorded, const Log &replayed)
{
    ReplayReport report;
    report.events = static_cast<int>(recorded.tree.size() + recorded.calls.size());
    report.difference = difference("tree event", recorded.tree, replayed.tree);
    if (report.difference.empty())
        report.difference = difference("call", recorded.calls, replayed.calls);
    return report;
}

/// What each call cost, in the order of calls with the same key.
auto recordedMoney(const Session &session)
{
    auto money = std::make_shared<std::map<std::string, std::deque<std::optional<double>>>>();
    for (const ModelCall &call : session.calls) {
        if (call.answered)
            (*money)[labelOf(call.asked->key)].push_back(call.answered->money);
    }
    return [money](const ModelCallKey &key) -> std::optional<double> {
        std::deque<std::optional<double>> &left = (*money)[labelOf(key)];
        if (left.empty())
            return std::nullopt;
        const std::optional<double> next = left.front();
        left.pop_front();
        return next;
    };
}

/// What memory gave to the prompt of each step that has a candidate.
auto recordedMemory(const Session &session)
{
    std::map<int, MemoryUse> uses;
    for (const Node &node : session.nodes) {
        if (node.candidate.memory)
            uses[node.candidate.step] = *node.candidate.memory;
    }
    return [uses](const Session &, const Move &, int step) -> Result<MemoryOffer> {
        const auto found = uses.find(step);
        return MemoryOffer {{}, found == uses.end() ? MemoryUse {} : found->second};
    };
}

std::unique_ptr<Proposer> recordedProposer(const Session &session,
                                           const std::shared_ptr<RecordedOrder> &order,
                                           const std::function<void()> &beyondRecord)
{
    ModelProposerParts parts;
    parts.name = session.config.proposer;
    for (const Node &node : session.nodes) {
        if (!node.candidate.origin.starts_with("llm:"))
            continue;
        parts.origin = node.candidate.origin;
        if (node.candidate.memory)
            parts.memory = recordedMemory(session);
    }
    parts.endpoint = session.calls.empty() ? std::string() : session.calls.front().asked->endpoint;
    parts.model = makeRecordedModel(session, order, beyondRecord);
    parts.questions = makeRecordedQuestions(session);
    parts.recordedMoney = recordedMoney(session);
    parts.capacity = session.config.proposer == "human" ? 1 : session.config.model.parallel;
    return makeModelProposer(std::move(parts));
}

/// What people did in the recorded search, done again when its turn comes.
void expectActs(const std::vector<Event> &events, RecordedOrder &order, Engine &engine)
{
    bool begun = false;
    for (const Event &event : events) {
        if (const auto *edit = std::get_if<CandidateProposed>(&event.body);
            edit && edit->candidate.kind == MoveKind::Edit) {
            order.expectAct(event.seq, [&engine, candidate = edit->candidate] {
                engine.evaluateEdit(candidate.parent, candidate.source, candidate.parameters,
                                    candidate.title);
            });
        } else if (const auto *hint = std::get_if<HintGiven>(&event.body)) {
            order.expectAct(event.seq, [&engine, given = *hint] { engine.setHint(given.id, given.text); });
        } else if (const auto *run = std::get_if<RunStarted>(&event.body)) {
            if (std::exchange(begun, true)) // limits were changed, or a new run began
                order.expectAct(event.seq, [&engine, config = run->config] {
                    engine.setBudget(config.steps, config.seconds, config.stagnation, config.money);
                });
        }
    }
}

/// The configuration under which the recorded search began.
SearchConfig firstConfig(const std::vector<Event> &events, const Session &session)
{
    for (const Event &event : events) {
        if (const auto *run = std::get_if<RunStarted>(&event.body))
            return run->config;
    }
    return session.config;
}

} // namespace

Result<ReplayReport> replaySession(const std::string &from, const std::string &to, EngineListener listener)
{
    WW_TRY(const std::unique_ptr<Journal> record, Journal::openForReading(from));
    WW_TRY(const std::vector<Event> events, record->read());
    WW_TRY(const Session recorded, record->load());
    if (recorded.origin != "search" && recorded.origin != "replay")
        return failure(ErrorCode::Unsupported, "cannot replay " + from,
                       fmt::format("it is a recording ({}), not a search of ours", recorded.origin),
                       "Open it with 'show' or 'audit'");
    WW_TRY(std::unique_ptr<Journal> journal,
           createSession(to, *recorded.task, firstConfig(events, recorded), "replay"));
    WW_TRY(Session session, journal->load());

    const bool asksModels = recorded.config.proposer != "catalogue";
    const auto devices = std::max(static_cast<int>(recorded.devices.size()), 1);
    const int most = devices + (asksModels ? std::max(recorded.config.model.parallel, 1) : 0);
    const auto order = std::make_shared<RecordedOrder>(most, kGraceSeconds);
    std::unique_ptr<Engine> engine;
    const auto stop = [&engine] { engine->stop(); };
    const auto evaluator = std::make_shared<RecordedEvaluator>(recorded, devices, order, stop);
    // In the record a person went on after a pause.
    listener.onEvent = [&engine, told = std::move(listener.onEvent)](const Event &event) {
        if (told)
            told(event);
        if (std::holds_alternative<SearchPaused>(event.body))
            engine->resume();
    };
    engine = std::make_unique<Engine>(std::move(journal), std::move(session),
                                      asksModels ? recordedProposer(recorded, order, stop)
                                                 : makeCatalogueProposer(),
                                      evaluator, std::move(listener));
    expectActs(events, *order, *engine);
    engine->start();
    const Status outcome = engine->wait();
    order->close(); // it may be about to do a person's act with the engine
    WW_CHECK(outcome);
    WW_TRY(const std::unique_ptr<Journal> written, Journal::openForReading(to));
    WW_TRY(const std::vector<Event> replayed, written->read());
    return compared(logOf(events), logOf(replayed));
}

} // namespace ww
