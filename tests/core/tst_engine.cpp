// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/RecordedEvaluator.h"
#include "tests/core/EngineFixtures.h"
#include "tests/core/FixedProposer.h"

#include <QTest>

using namespace ww;
using namespace ww::fixtures;

namespace {

/// Answers after a time that differs from candidate to candidate, so that results come out of order.
Result<Evaluation> madeUpSlowly(const EvaluateRequest &request)
{
    const auto wait = static_cast<int>(fixtures::madeUpSpeedup(request) * 1000) % 7;
    std::this_thread::sleep_for(std::chrono::milliseconds(wait));
    return fixtures::madeUp(request);
}

} // namespace

class TestEngine : public QObject {
    Q_OBJECT

private slots:
    void init() { m_sessions = std::make_unique<SearchFolder>(); }

    void aSearchRunsItsStepsAndStops_data();
    void aSearchRunsItsStepsAndStops();
    void everyLimitStopsTheSearch();
    void aSearchEndsWhenTheCatalogueIsExhausted();
    void theOtherKindIsTriedBeforeAStepIsGivenUp();
    void whatIsToldIsOnDisk();
    void anEngineThatIsNotStartedCanBeLeftAlone();
    void theSameSeedMakesTheSameMovesWhenMeasurementsAreReplayed_data();
    void theSameSeedMakesTheSameMovesWhenMeasurementsAreReplayed();
    void anotherSeedMakesOtherMoves();
    void searchesPassTheirOwnAudit_data();
    void searchesPassTheirOwnAudit();
    void aReplayOfAnotherSearchEndsInsteadOfHanging();

private:
    std::unique_ptr<SearchFolder> m_sessions;
};

void TestEngine::aSearchRunsItsStepsAndStops_data()
{
    QTest::addColumn<int>("capacity");
    QTest::newRow("one slot") << 1;
    QTest::newRow("four slots") << 4;
}

void TestEngine::aSearchRunsItsStepsAndStops()
{
    QFETCH(int, capacity);
    Witness witness;
    const auto evaluator = scripted(capacity, madeUpSlowly);
    const auto engine = m_sessions->engineFor(configOf(12), evaluator, witness);
    engine->start();
    QVERIFY(engine->wait());
    QCOMPARE(engine->state(), EngineState::Stopped);
    const Session session = engine->session();
    QCOMPARE(session.stepsDone, 12);
    QCOMPARE(session.nodes.size(), size_t(13));
    QVERIFY(session.pending().empty());
    QCOMPARE(session.stopReason, std::string("steps"));
    QVERIFY(session.best != 0);
    QVERIFY(session.nodes[static_cast<size_t>(session.best)].evaluation->speedupRatio() > 1);
    QCOMPARE(session.devices.size(), size_t(capacity));
    for (int step = 1; step <= 12; ++step)
        QCOMPARE(session.nodes[static_cast<size_t>(step)].candidate.step, step);
    QCOMPARE(witness.all<RunStarted>().size(), size_t(1));
    QVERIFY(!witness.all<RunStarted>()[0].resumed);
    QVERIFY(witness.stages > 0);
    const Session stored = loaded(m_sessions->path());
    QCOMPARE(movesOf(stored), movesOf(session));
    QCOMPARE(stored.best, session.best);
    QCOMPARE(stored.confirmedBest, session.confirmedBest);
}

void TestEngine::everyLimitStopsTheSearch()
{
    SearchConfig config = configOf(0);
    config.seconds = 0.2;
    const auto slow = [](const EvaluateRequest &request) {
        std::this_thread::sleep_for(std::chrono::milliseconds(40));
        return madeUp(request);
    };
    QCOMPARE(m_sessions->searched(config, scripted(1, slow), "seconds").stopReason, std::string("seconds"));

    config = configOf(0);
    config.stagnation = 4;
    const Session stagnated = m_sessions->searched(
        config, scripted(1, [](const EvaluateRequest &) { return passed(1.5); }), "stagnation");
    QCOMPARE(stagnated.stopReason, std::string("stagnation"));
    QCOMPARE(stagnated.stepsDone, 5); // the first is a gain, four are not
}

void TestEngine::aSearchEndsWhenTheCatalogueIsExhausted()
{
    for (const int capacity : {1, 3}) {
        const Session session =
            m_sessions->searched(configOf(0), scripted(capacity), "exhausted" + std::to_string(capacity));
        QCOMPARE(session.stopReason, std::string("exhausted"));
        QCOMPARE(session.nodes.size(), size_t(kDoublingSets + 1));
        QCOMPARE(session.stepsDone, kDoublingSets + 3);
    }
}

void TestEngine::theOtherKindIsTriedBeforeAStepIsGivenUp()
{
    Witness witness;
    int number = 0;
    auto largeOnly =
        std::make_unique<FixedProposer>([&](const Move &move, int) -> Result<std::optional<Proposal>> {
            if (move.kind == MoveKind::Small)
                return std::nullopt;
            return Proposal {"source " + std::to_string(++number), {}, "large", "fixed"};
        });
    const auto engine = m_sessions->engineFor(configOf(20), scripted(), witness, "s", std::move(largeOnly));
    engine->start();
    QVERIFY(engine->wait());
    const Session session = engine->session();
    QCOMPARE(session.nodes.size(), size_t(21));
    for (size_t i = 1; i < session.nodes.size(); ++i)
        QCOMPARE(session.nodes[i].candidate.kind, MoveKind::Large);
    const auto report = auditSession(session, session.config.constants);
    QCOMPARE(report->selectMatches.matched, 20);
    QCOMPARE(report->contextMatches.matched, 20); // the context is that of the kind that was taken
    QVERIFY(report->kindMatches.matched < 20);
}

void TestEngine::whatIsToldIsOnDisk()
{
    Witness witness;
    const auto reader = [this](const Event &event) {
        const auto journal = Journal::openForReading(m_sessions->path());
        QVERIFY(journal);
        const auto events = (*journal)->read(event.seq - 1);
        QVERIFY(events);
        QVERIFY(!events->empty());
        QCOMPARE(events->front().seq, event.seq);
    };
    witness.onEvent = reader;
    const auto engine = m_sessions->engineFor(configOf(5), scripted(), witness);
    engine->start();
    QVERIFY(engine->wait());
}

void TestEngine::anEngineThatIsNotStartedCanBeLeftAlone()
{
    Witness witness;
    const auto engine = m_sessions->engineFor(configOf(5), scripted(), witness);
    QCOMPARE(engine->state(), EngineState::Stopped);
    QVERIFY(engine->wait());
    QCOMPARE(engine->session().nodes.size(), size_t(1));
}

void TestEngine::theSameSeedMakesTheSameMovesWhenMeasurementsAreReplayed_data()
{
    QTest::addColumn<int>("capacity");
    QTest::addColumn<qulonglong>("seed");
    for (const int capacity : {1, 2, 4}) {
        for (const qulonglong seed : {1, 7})
            QTest::addRow("%d slots, seed %d", capacity, int(seed)) << capacity << seed;
    }
}

void TestEngine::theSameSeedMakesTheSameMovesWhenMeasurementsAreReplayed()
{
    QFETCH(int, capacity);
    QFETCH(qulonglong, seed);
    const Session first = m_sessions->searched(configOf(14, seed), scripted(capacity, madeUpSlowly), "first");
    const Session second = m_sessions->searched(
        configOf(14, seed), std::make_shared<RecordedEvaluator>(loaded(m_sessions->path("first")), capacity),
        "second");
    QCOMPARE(movesOf(second), movesOf(first));
    QCOMPARE(second.best, first.best);
    QCOMPARE(second.confirmedBest, first.confirmedBest);
    QCOMPARE(second.bestCurve.size(), first.bestCurve.size());
}

void TestEngine::anotherSeedMakesOtherMoves()
{
    const Session first = m_sessions->searched(configOf(12, 1), scripted(), "first");
    const Session second = m_sessions->searched(configOf(12, 2), scripted(), "second");
    QVERIFY(movesOf(first) != movesOf(second));
}

void TestEngine::searchesPassTheirOwnAudit_data()
{
    QTest::addColumn<int>("capacity");
    QTest::newRow("one slot") << 1;
    QTest::newRow("four slots") << 4;
}

void TestEngine::searchesPassTheirOwnAudit()
{
    QFETCH(int, capacity);
    (void)m_sessions->searched(configOf(14), scripted(capacity, madeUpSlowly));
    const Session session = loaded(m_sessions->path());
    const auto report = auditSession(session, session.config.constants);
    QVERIFY(report);
    QCOMPARE(report->selectMatches.compared, 14);
    QCOMPARE(report->selectMatches.matched, 14);
    QCOMPARE(report->rewardMatches.matched, 14);
    QCOMPARE(report->contextMatches.matched, 14);
    QCOMPARE(report->kindRuleViolations, 0);
}

void TestEngine::aReplayOfAnotherSearchEndsInsteadOfHanging()
{
    (void)m_sessions->searched(configOf(6, 1), scripted(), "first");
    Witness witness;
    const auto engine = m_sessions->engineFor(
        configOf(14, 2), std::make_shared<RecordedEvaluator>(loaded(m_sessions->path("first")), 2), witness,
        "second");
    engine->start();
    const Status status = engine->wait(); // what the record does not hold cannot be measured
    QVERIFY(!status);
    QVERIFY2(status.error().message().find("record") != std::string::npos, status.error().message().c_str());
}

QTEST_GUILESS_MAIN(TestEngine)
#include "tst_engine.moc"
