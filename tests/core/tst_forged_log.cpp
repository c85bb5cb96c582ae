// SPDX-License-Identifier: GPL-3.0-or-later
// A session file whose checksums are right and whose content is nonsense, as a stranger can make one: it is
// refused with a reason, or read, and then everything that looks at a session must bear it.
#include "core/base/Hash.h"
#include "core/journal/EventJson.h"
#include "core/journal/Export.h"
#include "core/memory/Learning.h"
#include "core/search/Audit.h"
#include "core/search/Proposer.h"
#include "core/task/JsonFields.h"
#include "tests/core/Mutation.h"
#include "tests/core/SearchFixtures.h"

#include <QTest>

#include <map>

using namespace ww;
using nlohmann::json;

namespace {

/// An event as the file holds it.
struct Stored {
    std::string kind, body;
    std::map<int, std::vector<float>> samples;
};

struct StoredLog {
    std::vector<Stored> events;
    std::map<std::string, std::string> texts; ///< by hash
};

ModelAsked question(int step)
{
    ModelAsked asked;
    asked.key.step = step;
    asked.endpoint = "http://127.0.0.1:1/v1";
    asked.request.model = "gpt-5-mini";
    asked.request.turns = {{ModelTurn::Speaker::User, "faster, please"}};
    return asked;
}

ModelAnswered answer(int step)
{
    ModelAnswered answered;
    answered.key.step = step;
    answered.reply.text = "Title: x";
    answered.reply.usage = {100, 10, 0, 50, 0};
    answered.money = 0.01;
    return answered;
}

/// One of each kind of event, told in a story that is accepted.
std::vector<EventBody> story()
{
    SearchConfig config;
    config.proposer = "llm";
    config.model.endpoint.url = "http://127.0.0.1:1/v1";
    config.model.model = "gpt-5-mini";
    std::vector<EventBody> events {fixtures::created(config), RunStarted {{Capabilities {}}, config, false}};
    for (int step = 1; step <= 4; ++step) {
        const CandidateId parent = step <= 2 ? 0 : step - 2;
        CandidateProposed proposed =
            fixtures::proposed(step, parent, step, parent == 0 ? MoveKind::Large : MoveKind::Small);
        proposed.candidate.memory = MemoryUse {false, {"opencl/x"}, {"wider"}};
        const Evaluation evaluation =
            step == 2 ? fixtures::failed(Verdict::CompileError) : fixtures::passed(1.0 + step);
        events.insert(events.end(),
                      {StepBegun {step, proposed.move}, question(step), answer(step), proposed,
                       EvaluationFinished {step, false, evaluation,
                                           PolicyOutcome {step != 2, step != 2, 1.0 + step, 1.0 + step}}});
    }
    StepBegun last {5, {}};
    last.move.kind = MoveKind::Large;
    events.insert(events.end(),
                  {EvaluationFinished {4, true, fixtures::passed(4.5), std::nullopt},
                   HintGiven {3, "use tiles"}, SearchPaused {"the endpoint is down"}, last,
                   StepWithoutCandidate {5, last.move, "nothing usable"}, RunStopped {"steps", "5 steps"}});
    return events;
}

StoredLog stored(const std::vector<EventBody> &events)
{
    StoredLog log;
    for (const EventBody &event : events) {
        const PackedEvent packed = packEvent(event);
        Stored one {packed.kind, packed.body, {}};
        for (const PackedEvent::Samples &samples : packed.samples)
            one.samples[samples.place] = samples.us;
        for (const std::string &text : packed.texts)
            log.texts[sha256Hex(text)] = text;
        log.events.push_back(std::move(one));
    }
    return log;
}

Result<Session> projected(const StoredLog &log)
{
    Session session;
    for (const Stored &event : log.events) {
        EventAttachments attachments;
        attachments.text = [&log](const std::string &hash) -> Result<std::string> {
            const auto found = log.texts.find(hash);
            if (found == log.texts.end())
                return failure(ErrorCode::BadInput, "the text is missing");
            return found->second;
        };
        attachments.samples = event.samples;
        WW_TRY(EventBody body, unpackEvent(event.kind, event.body, std::move(attachments)));
        WW_CHECK(session.apply({session.lastSeq + 1, 1000.0, std::move(body)}));
    }
    return session;
}

/// Everything that only looks at a session.
size_t lookedAt(const Session &session)
{
    size_t bytes = exportJson(session).size() + exportCsv(session).size() + exportHtml(session).size();
    bytes += auditSession(session, session.config.constants).has_value() ? 1 : 0;
    bytes += static_cast<size_t>(lessonsOf(session).infrastructure);
    bytes += moneyForecast(session).has_value() ? 1 : 0;
    ProposalJob job;
    job.step = session.stepsBegun + 1;
    job.move.kind = MoveKind::Small;
    job.move.parent = static_cast<CandidateId>(session.nodes.size()) - 1;
    job.onReport = [&bytes](const auto &) { ++bytes; };
    makeCatalogueProposer()->propose(session, std::move(job));
    return bytes;
}

/// The places of all values in a document.
void collect(json &value, std::vector<json *> &places)
{
    if (!value.is_structured()) {
        places.push_back(&value);
        return;
    }
    places.push_back(&value);
    for (json &child : value)
        collect(child, places);
}

json nonsense(const json &instead, RandomStream &random)
{
    static const std::vector<json> numbers {
        0, -1, 1, 2147483647, -2147483648LL, INT64_MAX, UINT64_MAX, 1e308, -1e308, 1e-308, 0.5};
    static const std::vector<json> texts {"",
                                          "x",
                                          "\x1b[2J",
                                          "</pre><script>alert(1)</script>",
                                          "large",
                                          "small",
                                          "root",
                                          "PASSED",
                                          "INFRA_ERROR",
                                          "human",
                                          "../../x",
                                          "{}",
                                          "%s",
                                          std::string(5000, 'a')};
    static const std::vector<json> others {nullptr, true, json::array(), json::object(), json::array({0})};
    const auto one = [&](const std::vector<json> &list) {
        return list[random.below(static_cast<uint32_t>(list.size()))];
    };
    if (random.below(5) == 0)
        return one(others);
    return instead.is_number() ? one(numbers) : instead.is_string() ? one(texts) : one(others);
}

/// One to three values of the log exchanged for nonsense.
void forge(StoredLog &log, RandomStream &random)
{
    const uint32_t edits = 1 + random.below(3);
    for (uint32_t i = 0; i < edits; ++i) {
        Stored &event = log.events[random.below(static_cast<uint32_t>(log.events.size()))];
        json body = json::parse(event.body);
        json *document = &body;
        // The task stands beside its event.
        json task;
        if (event.kind == "session_created" && random.below(2) == 0 && body["task"].is_string()
            && log.texts.contains(body["task"].get<std::string>())) {
            task = json::parse(log.texts.at(body["task"].get<std::string>()));
            document = &task;
        }
        std::vector<json *> places;
        collect(*document, places);
        json &place = *places[random.below(static_cast<uint32_t>(places.size()))];
        place = nonsense(place, random);
        if (document == &task) {
            const std::string text = task.dump();
            body["task"] = sha256Hex(text);
            log.texts[sha256Hex(text)] = text;
        }
        event.body = body.dump();
    }
}

} // namespace

class TestForgedLog : public QObject {
    Q_OBJECT

private slots:
    void theStoryItselfIsAccepted()
    {
        const Result<Session> session = projected(stored(story()));
        QVERIFY2(session, session ? "" : session.error().message().c_str());
        QVERIFY(lookedAt(*session) > 1000);
    }

    void nonsenseIsRefusedOrBorne()
    {
        const StoredLog log = stored(story());
        RandomStream random(20261122, 1);
        int accepted = 0;
        const int rounds = fuzzRounds() / 5;
        for (int i = 0; i < rounds; ++i) {
            StoredLog forged = log;
            forge(forged, random);
            const Result<Session> session = projected(forged);
            if (!session) {
                QVERIFY(!session.error().message().empty());
                continue;
            }
            ++accepted;
            QVERIFY(lookedAt(*session) > 100);
            QVERIFY(exportHtml(*session).find("<script>") == std::string::npos);
        }
        QVERIFY(accepted > rounds / 20 && accepted < rounds);
    }

    void numbersThatNoSearchHasAreRefused_data()
    {
        QTest::addColumn<int>("event");
        QTest::addColumn<QByteArray>("place");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<QByteArray>("says");
        const auto row = [](const char *name, int event, const char *place, const char *value,
                            const char *says) {
            QTest::newRow(name) << event << QByteArray(place) << QByteArray(value) << QByteArray(says);
        };
        row("a step at the end of its type", 2, "/step", "2147483647", "step");
        row("a model asked endlessly", 1, "/config/model/parallel", "2147483647", "from 1 to 256");
        row("a model asked for nothing", 1, "/config/model/parallel", "0", "from 1 to 256");
        row("answers without end", 1, "/config/model/max_tokens", "2147483647", "from 1 to 1000000");
        row("tokens at the end of their type", 4, "/reply/usage/input", "9223372036854775807", "from 0 to");
        row("less than no tokens", 4, "/reply/usage/output", "-1", "from 0 to");
        row("less than no money", 1, "/config/money", "-1", "negative");
        row("less than no steps", 1, "/config/steps", "-1", "negative");
        row("a context of everything", 1, "/config/constants/context_limit", "2147483647", "from 0 to 1000");
    }
    void numbersThatNoSearchHasAreRefused()
    {
        QFETCH(int, event);
        QFETCH(QByteArray, place);
        QFETCH(QByteArray, value);
        QFETCH(QByteArray, says);
        StoredLog log = stored(story());
        Stored &chosen = log.events[static_cast<size_t>(event)];
        json body = json::parse(chosen.body);
        body[json::json_pointer(place.toStdString())] = json::parse(value.toStdString());
        chosen.body = body.dump();
        const Result<Session> session = projected(log);
        QVERIFY(!session);
        QVERIFY2(session.error().why.find(says.toStdString()) != std::string::npos,
                 session.error().message().c_str());
    }
};

QTEST_APPLESS_MAIN(TestForgedLog)
#include "tst_forged_log.moc"
