// SPDX-License-Identifier: GPL-3.0-or-later
// A scripted model over real HTTP proposes for a whole search; the device is scripted too.
#include "core/search/Audit.h"
#include "core/search/Engine.h"
#include "core/search/MakeProposer.h"
#include "core/search/ModelProposer.h"
#include "core/search/Replay.h"
#include "tests/core/EngineFixtures.h"
#include "tests/core/ScriptedModel.h"

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace ww;
using fixtures::loaded;
using fixtures::ScriptedEvaluator;

namespace {

constexpr int kThinkSeconds = 30; ///< of a model that is slow
constexpr const char *kKey = "sk-very-secret-0123456789";

SearchConfig configFor(const ScriptedModel &model, int steps, int parallel)
{
    SearchConfig config;
    config.proposer = "llm";
    config.steps = steps;
    config.model.endpoint.url = model.url();
    config.model.endpoint.keyVariable = "WW_TEST_MODEL_KEY";
    config.model.model = "gpt-5-mini"; // so that a price is known
    config.model.parallel = parallel;
    config.model.maxTokens = 1000;
    return config;
}

std::string wholeAnswer(const std::string &name)
{
    return "Title: " + name + "\nAn idea.\n```c\n" + fixtures::kernelText(name, "//@ tune VEC = 1, 2\n")
        + "```\n";
}

/// An edit that fits every kernel of wholeAnswer(), and is another one each time.
std::string editAnswer(int number)
{
    return "Title: comment\n<<<<<<< OLD\n{ int i = get_global_id(0); if (i < n) y[i] = 2.0f * x[i]; "
           "}\n=======\n{ int i = "
           "get_global_id(0); if (i < n) y[i] = 2.0f * x[i]; } /* "
        + std::to_string(number) + " */\n>>>>>>> NEW\n";
}

/// A model that sends good kernels, and now and then what models really send.
ScriptedModel::Answer mixed(const ScriptedModel::Asked &asked)
{
    const int number = asked.number;
    if (asked.repair)
        return {wholeAnswer("repaired" + std::to_string(number))};
    if (number % 7 == 3)
        return {"I would rather talk about it."};
    if (asked.small && number % 2 == 0)
        return {"<<<<<<< OLD\nnot there\n=======\nx\n>>>>>>> NEW\n"};
    // An edit fits only a kernel that no edit was made to yet; otherwise it is asked for again.
    return {asked.small ? editAnswer(number) : wholeAnswer("k" + std::to_string(number))};
}

std::string contentOf(const std::string &file)
{
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

} // namespace

class TestModelSearch : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        ::setenv("WW_TEST_MODEL_KEY", kKey, 1);
        ::setenv("XDG_CONFIG_HOME", m_config.path().toUtf8().constData(), 1);
        ::setenv("XDG_DATA_HOME", m_config.path().toUtf8().constData(), 1);
    }
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void aSearchProposesJournalsAndReplays_data()
    {
        QTest::addColumn<int>("parallel");
        QTest::addColumn<int>("devices");
        QTest::addColumn<double>("thinks"); ///< the model, in seconds
        QTest::newRow("one after another") << 1 << 1 << 0.0;
        QTest::newRow("four at a time") << 4 << 1 << 0.0;
        QTest::newRow("three at a time, two devices") << 3 << 2 << 0.0;
        QTest::newRow("with time to tune") << 2 << 1 << 0.05;
    }
    void aSearchProposesJournalsAndReplays()
    {
        QFETCH(int, parallel);
        QFETCH(int, devices);
        QFETCH(double, thinks);
        const ScriptedModel model([thinks](const ScriptedModel::Asked &asked) {
            ScriptedModel::Answer answer = mixed(asked);
            answer.seconds = thinks;
            return answer;
        });
        const auto evaluator = std::make_shared<ScriptedEvaluator>(devices, fixtures::madeUp);
        const auto engine = engineFor(configFor(model, 16, parallel), evaluator);
        engine->start();
        const Status status = engine->wait();
        QVERIFY2(status, status ? "" : status.error().message().c_str());
        const Session session = loaded(path());
        QCOMPARE(session.stopReason, std::string("steps"));
        QVERIFY(session.nodes.size() > 8);
        QVERIFY(session.openSteps().empty() && session.pending().empty());
        for (const ModelCall &call : session.calls)
            QVERIFY(call.answered && !call.answered->fault && call.answered->money
                    && *call.answered->money > 0);
        QCOMPARE(session.spent.calls, int(session.calls.size()));
        QVERIFY(session.spent.money > 0 && session.spent.usage.input > 0
                && session.spent.usage.cachedInput > 0);
        QCOMPARE(size_t(session.spent.calls), model.server().requests().size());
        QVERIFY(model.server().mostAtOnce() <= parallel);
        int repairs = 0;
        for (const ModelCall &call : session.calls)
            repairs += call.asked->key.turn == 2 ? 1 : 0;
        QVERIFY(repairs > 0);
        for (size_t i = 1; i < session.nodes.size(); ++i) {
            const Node &node = session.nodes[i];
            if (node.candidate.kind == MoveKind::Tune)
                continue;
            QCOMPARE(node.candidate.origin, std::string("llm:gpt-5-mini"));
            QVERIFY(!session.callsOf(node.candidate.id).empty());
        }
        const auto report = auditSession(session, session.config.constants);
        QCOMPARE(report->selectMatches.matched, report->selectMatches.compared);
        QCOMPARE(report->contextMatches.matched, report->contextMatches.compared);
        QCOMPARE(report->rewardMatches.matched, report->rewardMatches.compared);
        QCOMPARE(report->tuningMatches.matched, report->tuningMatches.compared);
        QVERIFY(thinks == 0 || report->tuningMatches.compared > 0);

        const Result<ReplayReport> replay = replaySession(path(), path("again"));
        QVERIFY2(replay, replay ? "" : replay.error().message().c_str());
        QVERIFY2(replay->difference.empty(), replay->difference.c_str());
        QVERIFY(replay->events > 40);
        const Result<ReplayReport> twice = replaySession(path("again"), path("and again"));
        QVERIFY2(twice && twice->difference.empty(), twice ? twice->difference.c_str() : "");
    }

    void aReviserSpeaksBeforeTheStep()
    {
        const ScriptedModel model([](const ScriptedModel::Asked &asked) -> ScriptedModel::Answer {
            if (asked.turns.back().find("Review these kernels") != std::string::npos)
                return {asked.number % 2 == 0 ? "- It waits for memory." : ""};
            return {wholeAnswer("k" + std::to_string(asked.number))};
        });
        SearchConfig config = configFor(model, 8, 2);
        config.model.reviser = true;
        const auto engine =
            engineFor(config, std::make_shared<ScriptedEvaluator>(1, [](const EvaluateRequest &) {
                          return fixtures::passed(2);
                      }));
        engine->start();
        QVERIFY(engine->wait());
        const Session session = loaded(path());
        QCOMPARE(session.stopReason, std::string("steps"));
        int reviews = 0, informed = 0;
        for (const ModelCall &call : session.calls) {
            reviews += call.asked->key.turn == 0 ? 1 : 0;
            const std::vector<ModelTurn> &turns = call.asked->request.turns;
            informed += call.asked->key.turn == 1 && turns.size() == 3
                    && turns[1].text.find("waits for memory") != std::string::npos
                ? 1
                : 0;
        }
        QVERIFY(reviews > 0 && informed > 0);
        QCOMPARE(session.calls[0].asked->key.turn, 1); // there was nothing to review yet
        const Result<ReplayReport> replay = replaySession(path(), path("again"));
        QVERIFY2(replay && replay->difference.empty(), replay ? replay->difference.c_str() : "");
    }

    void aChangedAnswerIsADifferenceThatIsTold()
    {
        const ScriptedModel model(mixed);
        const auto engine = engineFor(configFor(model, 6, 1), scripted());
        engine->start();
        QVERIFY(engine->wait());
        // The same log, but the first answer is another one.
        const auto journal = Journal::openForReading(path());
        std::vector<Event> events = *(*journal)->read();
        for (Event &event : events) {
            if (auto *answered = std::get_if<ModelAnswered>(&event.body); answered && answered->key.step == 1)
                answered->reply.text += "```c\n" + fixtures::kernelText("another", "") + "```\n";
        }
        const auto changed = Journal::create(path("changed"));
        QVERIFY((*changed)->appendAll(events));
        const Result<ReplayReport> replay = replaySession(path("changed"), path("again"));
        QVERIFY2(replay, replay ? "" : replay.error().message().c_str());
        QVERIFY(!replay->difference.empty());
    }

    void theKeyIsWrittenNowhere()
    {
        const ScriptedModel model([](const ScriptedModel::Asked &asked) -> ScriptedModel::Answer {
            if (asked.number == 2)
                return {"the key is " + std::string(kKey), 401}; // an endpoint that quotes it
            return {wholeAnswer("k" + std::to_string(asked.number))};
        });
        std::string told;
        EngineListener listener;
        listener.onEvent = [&told](const Event &event) {
            if (const auto *paused = std::get_if<SearchPaused>(&event.body))
                told += paused->why;
        };
        const auto engine = engineFor(configFor(model, 5, 1), scripted(), std::move(listener));
        engine->start();
        QTRY_COMPARE(engine->state(), EngineState::Paused);
        engine->stop();
        QVERIFY(engine->wait());
        QVERIFY(model.server().requests().front().find(kKey) != std::string::npos); // it was really sent
        QVERIFY(!told.empty() && told.find(kKey) == std::string::npos);
        const std::string stored = contentOf(path());
        QVERIFY(!stored.empty() && stored.find(kKey) == std::string::npos);
    }

    void anEndpointThatIsDownPausesTheSearch()
    {
        std::atomic<bool> down = true;
        const ScriptedModel model([&down](const ScriptedModel::Asked &asked) -> ScriptedModel::Answer {
            if (down && asked.number > 2)
                return {"", 401};
            return {wholeAnswer("k" + std::to_string(asked.number))};
        });
        const auto engine = engineFor(configFor(model, 8, 2), scripted());
        engine->start();
        QTRY_COMPARE(engine->state(), EngineState::Paused);
        const Session waiting = engine->session();
        QVERIFY2(waiting.pausedWhy.find("401") != std::string::npos
                     || waiting.pausedWhy.find("scripted") != std::string::npos,
                 waiting.pausedWhy.c_str());
        down = false;
        engine->resume();
        QVERIFY(engine->wait());
        QCOMPARE(engine->session().stopReason, std::string("steps"));
        fixtures::expectEachStepOnce(engine->session(), 8);
        const Result<ReplayReport> replay = replaySession(path(), path("again"));
        QVERIFY2(replay, replay ? "" : replay.error().message().c_str());
        QVERIFY(replay->interrupted && replay->eventsBefore > 0 && replay->eventsBefore < replay->events);
        QVERIFY2(replay->differenceBefore.empty(), replay->differenceBefore.c_str());
    }

    /// The log as a kill leaves it after any event, once with and once without the run that went on from
    /// there.
    void whatStandsBeforeAKillReplaysByteForByte()
    {
        std::vector<std::string> images;
        EngineListener listener;
        listener.onEvent = [&](const Event &event) {
            if (event.seq % 10 != 0)
                return;
            const std::string image = path("killed-" + std::to_string(event.seq));
            std::filesystem::copy_file(path(), image);
            std::filesystem::copy_file(path() + "-wal", image + "-wal");
            images.push_back(image);
        };
        const ScriptedModel model(mixed);
        const SearchConfig config = configFor(model, 7, 3);
        {
            const auto engine = engineFor(config, scripted(), std::move(listener));
            engine->start();
            QVERIFY(engine->wait());
        }
        QVERIFY(images.size() >= 3);
        for (const std::string &image : images) {
            const auto expectExact = [](const std::string &file) {
                const Result<ReplayReport> replay = replaySession(file, file + "-again");
                QVERIFY2(replay, replay ? "" : replay.error().message().c_str());
                QVERIFY(replay->interrupted);
                QVERIFY2(replay->differenceBefore.empty(), replay->differenceBefore.c_str());
                std::filesystem::remove(file + "-again");
            };
            expectExact(image);
            auto journal = Journal::openForAppend(image);
            Session session = *(*journal)->load();
            auto proposer = makeProposer(config);
            Engine engine(std::move(*journal), std::move(session), std::move(*proposer), scripted(), {});
            engine.start();
            QVERIFY(engine.wait());
            expectExact(image);
        }
    }

    void anEndpointThatNeverAnsweredPausesASearchOfFewSteps()
    {
        const ScriptedModel model(mixed);
        SearchConfig config = configFor(model, 2, 1);
        // Faults that do not stop the endpoint: answers that are cut off.
        const auto cutOff =
            std::make_shared<LoopbackServer>([](const Connection &connection, int, const std::string &) {
                connection.send(answerHead(200, "text/event-stream"));
                connection.send("data: {\"choices\": [{\"delta\": {\"content\": \"half\"}}]}\n\n");
            });
        config.model.endpoint.url = cutOff->url();
        const auto engine = engineFor(config, scripted());
        engine->start();
        QTRY_COMPARE(engine->state(), EngineState::Paused);
        QCOMPARE(engine->session().openSteps(), std::vector<int> {1}); // it is asked again, and is not spent
        QVERIFY(!engine->session().pausedWhy.empty());
        engine->stop();
        QVERIFY(engine->wait());
        QCOMPARE(engine->session().stepsDone, 0);
    }

    void moneyIsAHardLimit()
    {
        const ScriptedModel model(mixed);
        SearchConfig config = configFor(model, 200, 4);
        config.money = 0.02;
        const auto engine = engineFor(config, scripted());
        engine->start();
        QVERIFY(engine->wait());
        const Session session = engine->session();
        QCOMPARE(session.stopReason, std::string("money"));
        QVERIFY(session.spent.money <= config.money);
        QVERIFY(session.spent.money > config.money / 4); // and not stopped long before
    }

    void moneyIsAHardLimitForAnEndpointThatDoesNotCount()
    {
        const ScriptedModel model([](const ScriptedModel::Asked &asked) {
            ScriptedModel::Answer answer = mixed(asked);
            answer.counts = false;
            return answer;
        });
        SearchConfig config = configFor(model, 200, 4);
        config.money = 0.02;
        const auto engine = engineFor(config, scripted());
        engine->start();
        QVERIFY(engine->wait());
        const Session session = engine->session();
        QCOMPARE(session.stopReason, std::string("money"));
        QVERIFY(session.spent.money > 0 && session.spent.money <= config.money);
    }

    void aLimitOfMoneyWantsAKnownPrice()
    {
        const ScriptedModel model(mixed);
        SearchConfig config = configFor(model, 5, 1);
        config.money = 1;
        config.model.model = "a-model-of-my-own";
        const auto proposer = makeProposer(config);
        QVERIFY(!proposer);
        QVERIFY(proposer.error().message().find("prices.json") != std::string::npos);
    }

    void stopDoesNotWaitForTheModel()
    {
        const ScriptedModel model([](const ScriptedModel::Asked &) -> ScriptedModel::Answer {
            return {wholeAnswer("late"), 200, kThinkSeconds};
        });
        const auto engine = engineFor(configFor(model, 5, 4), scripted());
        engine->start();
        QTRY_COMPARE(model.server().mostAtOnce(), 4);
        QElapsedTimer timer;
        timer.start();
        engine->stop();
        QVERIFY(engine->wait());
        // A small part of what the model would take; the figure itself is in tests/perf/RESULTS.md.
        QVERIFY2(timer.elapsed() < 1000 * kThinkSeconds / 10, QByteArray::number(timer.elapsed()));
        const Session session = loaded(path());
        QCOMPARE(session.openSteps().size(), size_t(4));
        for (const ModelCall &call : session.calls)
            QVERIFY(call.answered && call.answered->fault
                    && call.answered->fault->kind == ModelFault::Kind::Cancelled);
    }

    void aPersonCarriesQuestionsAndAnswers()
    {
        std::mutex mutex;
        std::vector<PersonModel::Shown> shown;
        auto person = std::make_shared<PersonModel>(
            [&](const PersonModel::Shown &question) {
                const std::lock_guard lock(mutex);
                shown.push_back(question);
            },
            [](Model::Ticket) {});
        SearchConfig config;
        config.proposer = "human";
        config.steps = 2;
        ProposerNeeds needs;
        needs.person = person;
        auto proposer = makeProposer(config, needs);
        QVERIFY2(proposer, proposer ? "" : proposer.error().message().c_str());
        const auto engine = engineWith(config, scripted(), std::move(*proposer), {});
        engine->start();
        const auto asked = [&](size_t count) {
            const std::lock_guard lock(mutex);
            return shown.size() >= count;
        };
        QTRY_VERIFY(asked(1));
        QVERIFY(shown[0].text.find("y = 2·x") != std::string::npos);
        person->answer(shown[0].ticket, "No idea.");
        QTRY_VERIFY(asked(2)); // asked once more, with the reason
        QVERIFY(shown[1].text.find("no kernel") != std::string::npos);
        person->answer(shown[1].ticket, wholeAnswer("pasted"));
        person->answer(shown[1].ticket, "twice");
        QTRY_VERIFY(asked(3));
        person->leave("gone home");
        QTRY_COMPARE(engine->state(), EngineState::Paused);
        QVERIFY(engine->session().pausedWhy.find("gone home") != std::string::npos);
        engine->stop();
        QVERIFY(engine->wait());
        const Session session = loaded(path());
        QCOMPARE(session.stepsDone, 1);
        QCOMPARE(session.nodes[1].candidate.origin, std::string("llm:pasted"));
        QCOMPARE(session.nodes[1].candidate.title, std::string("pasted"));
        QVERIFY(!session.calls[0].answered->money);
    }

    void aReplyWithAFaultyPlanIsSentBackOnceAndThenGoesToTheGate()
    {
        const ScriptedModel model([](const ScriptedModel::Asked &asked) -> ScriptedModel::Answer {
            return {"```c\n//@ launch k grid(nonsense) block(64) args(x, y, N)\n__kernel void k() {}\n/* "
                    + std::to_string(asked.number) + " */\n```\n"};
        });
        const auto engine = engineFor(configFor(model, 1, 1), scripted());
        engine->start();
        QVERIFY(engine->wait());
        const Session session = engine->session();
        QCOMPARE(session.calls.size(), size_t(2));
        QVERIFY(session.calls[1].asked->request.turns[2].text.find("nonsense") != std::string::npos);
        QCOMPARE(session.nodes.size(), size_t(2));
    }

private:
    std::string path(const std::string &name = "s") const
    {
        return m_folder->filePath(QString::fromStdString(name)).toStdString();
    }
    static std::shared_ptr<Evaluator> scripted()
    {
        return std::make_shared<ScriptedEvaluator>(1, fixtures::madeUp);
    }
    std::unique_ptr<Engine> engineFor(const SearchConfig &config, std::shared_ptr<Evaluator> evaluator,
                                      EngineListener listener = {}) const
    {
        auto proposer = makeProposer(config);
        if (!proposer)
            qFatal("%s", proposer.error().message().c_str());
        return engineWith(config, std::move(evaluator), std::move(*proposer), std::move(listener));
    }
    std::unique_ptr<Engine> engineWith(const SearchConfig &config, std::shared_ptr<Evaluator> evaluator,
                                       std::unique_ptr<Proposer> proposer, EngineListener listener) const
    {
        auto journal = createSession(path(), fixtures::doubling(), config);
        if (!journal)
            qFatal("%s", journal.error().message().c_str());
        Session session = *(*journal)->load();
        return std::make_unique<Engine>(std::move(*journal), std::move(session), std::move(proposer),
                                        std::move(evaluator), std::move(listener));
    }
    QTemporaryDir m_config;
    std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_GUILESS_MAIN(TestModelSearch)
#include "tst_model_search.moc"
