// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/Replay.h"

#include "core/journal/EventJson.h"
#include "core/search/EndOfRecord.h"
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

using CallPlace = std::tuple<int, MoveKind, int>; ///< step, kind, turn

struct Log {
    std::vector<PackedEvent> tree; ///< in the order of the log
    /// Questions and answers: their order among those of other places decides nothing.
    std::map<CallPlace, std::vector<PackedEvent>> calls;

    [[nodiscard]] int events() const
    {
        size_t count = tree.size();
        for (const auto &[place, list] : calls)
            count += list.size();
        return static_cast<int>(count);
    }
};

std::optional<ModelCallKey> callOf(const EventBody &body)
{
    if (const auto *asked = std::get_if<ModelAsked>(&body))
        return asked->key;
    if (const auto *answered = std::get_if<ModelAnswered>(&body))
        return answered->key;
    return std::nullopt;
}

/// Of the events before place `end`.
Log logOf(const std::vector<Event> &events, int64_t end)
{
    Log log;
    for (const Event &event : events) {
        if (event.seq >= end)
            break;
        if (const auto key = callOf(event.body))
            log.calls[CallPlace(key->step, key->kind, key->turn)].push_back(packEvent(event.body));
        else if (belongsToTree(event.body))
            log.tree.push_back(packEvent(event.body));
    }
    return log;
}

/// The place at which the recorded search was first held up: a pause for a fault, a stop that was no limit's,
/// a kill (a run that begins without a stop before it, or a log that ends so) or other limits, which look
/// alike.
std::optional<int64_t> firstInterruption(const std::vector<Event> &events)
{
    bool running = false;
    for (const Event &event : events) {
        const auto *stopped = std::get_if<RunStopped>(&event.body);
        const bool begins = std::holds_alternative<RunStarted>(event.body);
        if (std::holds_alternative<SearchPaused>(event.body) || (running && begins)
            || (stopped != nullptr && (stopped->reason == "user" || stopped->reason == "error")))
            return event.seq;
        running = begins || (running && stopped == nullptr);
    }
    return running ? std::optional(events.back().seq + 1) : std::nullopt;
}

bool same(const PackedEvent &a, const PackedEvent &b)
{
    const auto sameSamples = [](const PackedEvent::Samples &x, const PackedEvent::Samples &y) {
        return x.place == y.place && x.us == y.us;
    };
    return a.kind == b.kind && a.body == b.body && a.texts == b.texts
        && std::equal(a.samples.begin(), a.samples.end(), b.samples.begin(), b.samples.end(), sameSamples);
}

/// The first difference between two lists of events; empty when there is none. Of the replay what goes on
/// `beyond` the record is none where that is allowed.
std::string difference(const char *what, const std::vector<PackedEvent> &recorded,
                       const std::vector<PackedEvent> &replayed, bool beyond)
{
    for (size_t i = 0; i < recorded.size() || (i < replayed.size() && !beyond); ++i) {
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

std::string difference(const Log &recorded, const Log &replayed, bool beyond)
{
    std::string found = difference("tree event", recorded.tree, replayed.tree, beyond);
    std::map<CallPlace, std::vector<PackedEvent>> places = recorded.calls;
    if (!beyond)
        places.insert(replayed.calls.begin(), replayed.calls.end());
    for (auto place = places.begin(); found.empty() && place != places.end(); ++place) {
        const auto callsAt = [&place](const Log &log) {
            const auto at = log.calls.find(place->first);
            return at == log.calls.end() ? std::vector<PackedEvent>() : at->second;
        };
        const auto &[step, kind, turn] = place->first;
        found = difference(fmt::format("call of {},", labelOf({step, kind, turn})).c_str(), callsAt(recorded),
                           callsAt(replayed), beyond);
    }
    return found;
}

ReplayReport compared(const std::vector<Event> &recorded, const std::vector<Event> &replayed)
{
    const int64_t end = recorded.back().seq + 1;
    const std::optional<int64_t> interruption = firstInterruption(recorded);
    const Log all = logOf(recorded, end), before = logOf(recorded, interruption.value_or(end));
    const Log again = logOf(replayed, replayed.back().seq + 1);
    ReplayReport report;
    report.events = all.events();
    report.difference = difference(all, again, false);
    report.interrupted = interruption.has_value();
    report.eventsBefore = before.events();
    report.differenceBefore = difference(before, again, true);
    if (!interruption)
        report.differenceBefore = report.difference;
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

/// What people did in the recorded search, done again when its turn comes; what they did before anything else
/// happened, at once.
void expectActs(const std::vector<Event> &events, RecordedOrder &order, Engine &engine)
{
    bool begun = false, first = true;
    const auto expect = [&](int64_t seq, const std::function<void()> &act) {
        if (first)
            act();
        else
            order.expectAct(seq, act);
    };
    for (const Event &event : events) {
        if (const auto *edit = std::get_if<CandidateProposed>(&event.body);
            edit && edit->candidate.kind == MoveKind::Edit) {
            expect(event.seq, [&engine, candidate = edit->candidate] {
                engine.evaluateEdit(candidate.parent, candidate.source, candidate.parameters,
                                    candidate.title);
            });
        } else if (const auto *hint = std::get_if<HintGiven>(&event.body)) {
            expect(event.seq, [&engine, given = *hint] { engine.setHint(given.id, given.text); });
        } else if (const auto *run = std::get_if<RunStarted>(&event.body)) {
            if (std::exchange(begun, true)) // limits were changed, or a new run began
                expect(event.seq, [&engine, config = run->config] {
                    engine.setBudget(config.steps, config.seconds, config.stagnation, config.money);
                });
        } else if (!std::holds_alternative<SessionCreated>(event.body)) {
            first = false;
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
    const int all = logOf(events, events.back().seq + 1).events();
    EndOfRecord end(all, kGraceSeconds, [&engine] { engine->stop(); });
    const auto beyond = [&end] { end.beyond(); };
    const auto evaluator = std::make_shared<RecordedEvaluator>(recorded, devices, order, beyond);
    listener.onEvent = [&engine, &end, told = std::move(listener.onEvent)](const Event &event) {
        if (told)
            told(event);
        if (belongsToTree(event.body))
            end.event();
        // In the record a person went on after a pause.
        if (std::holds_alternative<SearchPaused>(event.body))
            engine->resume();
    };
    engine = std::make_unique<Engine>(std::move(journal), std::move(session),
                                      asksModels ? recordedProposer(recorded, order, beyond)
                                                 : makeCatalogueProposer(),
                                      evaluator, std::move(listener));
    expectActs(events, *order, *engine);
    engine->start();
    const Status outcome = engine->wait();
    order->close(); // it may be about to do a person's act with the engine
    WW_CHECK(outcome);
    WW_TRY(const std::unique_ptr<Journal> written, Journal::openForReading(to));
    WW_TRY(const std::vector<Event> replayed, written->read());
    return compared(events, replayed);
}

} // namespace ww
