// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/journal/Session.h"
#include "tests/core/SearchFixtures.h"

#include <QTest>

using namespace ww;
using fixtures::SessionMaker;

namespace {

Evaluation confirmedAs(double ratio, double low, const char *verdict)
{
    Evaluation evaluation = fixtures::passed(ratio);
    evaluation.speedup->ci95Low = low;
    evaluation.speedup->verdict = verdict;
    return evaluation;
}

/// A session with candidate 1, found to be 2× as fast.
SessionMaker withOneBest()
{
    SessionMaker maker;
    (void)maker.add(fixtures::created());
    (void)maker.add(RunStarted {});
    (void)maker.add(fixtures::proposed(1, 0, 1, MoveKind::Large));
    (void)maker.add(EvaluationFinished {1, false, fixtures::passed(2), {}});
    return maker;
}

/// An event of the kind that `spoil` makes wrong.
struct Contradiction {
    const char *name;
    EventBody event;
    const char *words; ///< of the message
};

std::vector<Contradiction> contradictions()
{
    auto unknownParent = fixtures::proposed(3, 9, 3, MoveKind::Small);
    auto otherParent = fixtures::proposed(3, 1, 3, MoveKind::Small);
    otherParent.move.parent = 0;
    auto unknownContext = fixtures::proposed(3, 1, 3, MoveKind::Small);
    unknownContext.move.context.push_back({7, LineageRole::Context});
    auto negativeLineage = fixtures::proposed(3, 1, 3, MoveKind::Small);
    negativeLineage.candidate.lineage.push_back({-1, LineageRole::Context});
    RunStarted otherSeed;
    otherSeed.config.seed = 99;
    RunStarted otherConstants;
    otherConstants.config.constants.c = 0.1;
    return {
        {"a second creation", fixtures::created(), "second time"},
        {"another seed", otherSeed, "another seed"},
        {"other constants", otherConstants, "another seed or policy"},
        {"an id left out", fixtures::proposed(4, 1, 3, MoveKind::Small), "candidate 4 follows candidate 2"},
        {"an id again", fixtures::proposed(2, 1, 3, MoveKind::Small), "candidate 2 follows"},
        {"an unknown parent", unknownParent, "parent that does not exist: 9"},
        {"a move for another parent", otherParent, "candidate 3"},
        {"an unknown context", unknownContext, "builds on one that does not exist"},
        {"a negative lineage", negativeLineage, "builds on one that does not exist"},
        {"a second root", fixtures::proposed(3, 0, 3, MoveKind::Root), "second root"},
        {"a step again", fixtures::proposed(3, 1, 2, MoveKind::Small), "step 2 comes after step 2"},
        {"a negative step", fixtures::proposed(3, 1, -1, MoveKind::Small), "step -1"},
        {"an old step without candidate", StepWithoutCandidate {1, {}, "none"}, "step 1 comes after"},
        {"evaluated, not proposed", EvaluationFinished {3, false, {}, {}}, "does not exist"},
        {"the root evaluated", EvaluationFinished {0, false, {}, {}}, "does not exist"},
        {"evaluated twice", EvaluationFinished {1, false, fixtures::passed(3), {}}, "evaluated twice"},
        {"confirmed before evaluated", EvaluationFinished {2, true, fixtures::passed(3), {}},
         "before it was"},
    };
}

} // namespace

class TestSession : public QObject {
    Q_OBJECT

private slots:
    void aNewSessionHoldsTheDummyRootAlone();
    void contradictionsAreRefusedAndChangeNothing_data();
    void contradictionsAreRefusedAndChangeNothing();
    void eventsMustBeginWithTheCreationAndHaveNoGaps();
    void candidatesAreOrderedLexicographically_data();
    void candidatesAreOrderedLexicographically();
    void theBestIsTheBestByFirstMeasurement();
    void onlyAPassedConfirmationFasterThanTheBaselineConfirms_data();
    void onlyAPassedConfirmationFasterThanTheBaselineConfirms();
    void theConfirmedBestIsTheFastestOnTheSecondLook();
    void aConfirmationLostToTheDeviceMayBeRepeated();
    void editsHaveNoStepOfTheirOwn();
    void stepsAreCountedWithAndWithoutCandidate();
    void pendingCandidatesAreThoseNotEvaluated();
    void runningTimeLeavesOutWhatLiesBetweenRuns();
    void aKilledRunEndsWithItsLastEvent();
    void aClockSetBackCostsNoTime();
    void theStopReasonIsThatOfTheLastRun();
};

void TestSession::aNewSessionHoldsTheDummyRootAlone()
{
    const Session session;
    QCOMPARE(session.nodes.size(), size_t(1));
    QCOMPARE(session.nodes[0].candidate.kind, MoveKind::Root);
    QCOMPARE(session.best, CandidateId(0));
    QVERIFY(session.pending().empty());
    QVERIFY(session.find(0) != nullptr);
    QVERIFY(session.find(1) == nullptr);
    QVERIFY(session.find(-1) == nullptr);
}

void TestSession::contradictionsAreRefusedAndChangeNothing_data()
{
    QTest::addColumn<int>("which");
    int which = 0;
    for (const Contradiction &contradiction : contradictions())
        QTest::newRow(contradiction.name) << which++;
}

void TestSession::contradictionsAreRefusedAndChangeNothing()
{
    QFETCH(int, which);
    const Contradiction contradiction = contradictions()[static_cast<size_t>(which)];
    SessionMaker maker = withOneBest();
    QVERIFY(maker.add(fixtures::proposed(2, 1, 2, MoveKind::Small)));
    const int64_t before = maker.session.lastSeq;
    QVERIFY(!maker.session.accepts(contradiction.event));
    const Status status = maker.add(contradiction.event);
    QVERIFY(!status);
    QCOMPARE(status.error().code, ErrorCode::BadInput);
    QVERIFY2(status.error().message().find(contradiction.words) != std::string::npos,
             status.error().message().c_str());
    QCOMPARE(maker.session.lastSeq, before);
    QCOMPARE(maker.session.nodes.size(), size_t(3));
    QVERIFY(maker.add(EvaluationFinished {2, false, fixtures::passed(3), {}})); // and it goes on
}

void TestSession::eventsMustBeginWithTheCreationAndHaveNoGaps()
{
    Session session;
    QVERIFY(!session.apply({1, 0, RunStarted {}}));
    QVERIFY(!session.apply({2, 0, fixtures::created()}));
    QVERIFY(!session.apply({1, 0, SessionCreated {}})); // without a task
    QVERIFY(session.apply({1, 0, fixtures::created()}));
    QVERIFY(!session.apply({3, 0, RunStarted {}}));
    QVERIFY(!session.apply({1, 0, RunStarted {}}));
    QVERIFY(session.apply({2, 0, RunStarted {}}));
}

void TestSession::candidatesAreOrderedLexicographically_data()
{
    QTest::addColumn<int>("better");
    QTest::addColumn<double>("betterSpeedup");
    QTest::addColumn<int>("worse");
    QTest::addColumn<double>("worseSpeedup");
    QTest::newRow("faster") << int(Verdict::Passed) << 2.0 << int(Verdict::Passed) << 1.9;
    QTest::newRow("correct and slow")
        << int(Verdict::Passed) << 0.2 << int(Verdict::IncorrectNumerical) << 50.0;
    QTest::newRow("wrong") << int(Verdict::IncorrectNumerical) << 1.0 << int(Verdict::CompileError) << 1.0;
    QTest::newRow("hang") << int(Verdict::Timeout) << 1.0 << int(Verdict::InfraError) << 1.0;
}

void TestSession::candidatesAreOrderedLexicographically()
{
    QFETCH(int, better);
    QFETCH(double, betterSpeedup);
    QFETCH(int, worse);
    QFETCH(double, worseSpeedup);
    Node first, second, unknown;
    first.evaluation = fixtures::passed(betterSpeedup);
    first.evaluation->verdict = static_cast<Verdict>(better);
    second.evaluation = fixtures::passed(worseSpeedup);
    second.evaluation->verdict = static_cast<Verdict>(worse);
    QVERIFY(first.betterThan(second));
    QVERIFY(!second.betterThan(first));
    QVERIFY(!first.betterThan(first));
    QVERIFY(first.betterThan(unknown));
    QVERIFY(!unknown.betterThan(second));
}

void TestSession::theBestIsTheBestByFirstMeasurement()
{
    SessionMaker maker = withOneBest();
    QCOMPARE(maker.session.best, CandidateId(1));
    QVERIFY(maker.add(fixtures::proposed(2, 1, 2, MoveKind::Small)));
    QVERIFY(maker.add(EvaluationFinished {2, false, fixtures::failed(Verdict::IncorrectNumerical), {}}));
    QVERIFY(maker.add(fixtures::proposed(3, 1, 3, MoveKind::Small)));
    QVERIFY(maker.add(EvaluationFinished {3, false, fixtures::passed(2), {}})); // equal: no new best
    QCOMPARE(maker.session.best, CandidateId(1));
    QVERIFY(maker.add(fixtures::proposed(4, 1, 4, MoveKind::Large)));
    QVERIFY(maker.add(EvaluationFinished {4, false, fixtures::passed(2.5), {}}));
    QCOMPARE(maker.session.best, CandidateId(4));
    QCOMPARE(maker.session.bestCurve.size(), size_t(2));
    QCOMPARE(maker.session.bestCurve[1].id, CandidateId(4));
    QCOMPARE(maker.session.bestCurve[1].step, 4);
    QCOMPARE(maker.session.bestCurve[1].speedup, 2.5);
    QCOMPARE(maker.session.bestCurve[1].seconds, 8.0); // events are a second apart
}

void TestSession::onlyAPassedConfirmationFasterThanTheBaselineConfirms_data()
{
    QTest::addColumn<int>("verdict");
    QTest::addColumn<double>("low");
    QTest::addColumn<QByteArray>("speedup");
    QTest::addColumn<bool>("confirms");
    QTest::newRow("faster") << int(Verdict::Passed) << 1.8 << QByteArray("FASTER") << true;
    QTest::newRow("barely") << int(Verdict::Passed) << 1.001 << QByteArray("SAME") << true;
    QTest::newRow("interval reaches 1") << int(Verdict::Passed) << 1.0 << QByteArray("FASTER") << false;
    QTest::newRow("ambiguous") << int(Verdict::Passed) << 1.2 << QByteArray("AMBIGUOUS") << false;
    QTest::newRow("slower") << int(Verdict::Passed) << 1.2 << QByteArray("SLOWER") << false;
    QTest::newRow("wrong on new data")
        << int(Verdict::IncorrectNumerical) << 1.8 << QByteArray("FASTER") << false;
    QTest::newRow("not reproduced") << int(Verdict::NotReproduced) << 1.8 << QByteArray("FASTER") << false;
}

void TestSession::onlyAPassedConfirmationFasterThanTheBaselineConfirms()
{
    QFETCH(int, verdict);
    QFETCH(double, low);
    QFETCH(QByteArray, speedup);
    QFETCH(bool, confirms);
    SessionMaker maker = withOneBest();
    Evaluation again = confirmedAs(1.9, low, speedup.constData());
    again.verdict = static_cast<Verdict>(verdict);
    QVERIFY(maker.add(EvaluationFinished {1, true, again, {}}));
    const Node &node = maker.session.nodes[1];
    QCOMPARE(node.confirmed(), confirms);
    QCOMPARE(node.refutation().empty(), confirms); // what is shown at the node
    QCOMPARE(maker.session.confirmedBest, CandidateId(confirms ? 1 : 0));
    QCOMPARE(maker.session.best, CandidateId(1));
    QCOMPARE(maker.session.bestCurve.size(), size_t(1));
    QVERIFY(!maker.add(EvaluationFinished {1, true, again, {}})); // once only
}

void TestSession::theConfirmedBestIsTheFastestOnTheSecondLook()
{
    SessionMaker maker = withOneBest();
    QVERIFY(maker.add(EvaluationFinished {1, true, fixtures::passed(1.95), {}}));
    QVERIFY(maker.add(fixtures::proposed(2, 1, 2, MoveKind::Small)));
    QVERIFY(maker.add(EvaluationFinished {2, false, fixtures::passed(2.4), {}}));
    QVERIFY(maker.add(EvaluationFinished {2, true, fixtures::passed(1.9), {}})); // it was luck
    QCOMPARE(maker.session.best, CandidateId(2));
    QCOMPARE(maker.session.confirmedBest, CandidateId(1));
}

void TestSession::aConfirmationLostToTheDeviceMayBeRepeated()
{
    SessionMaker maker = withOneBest();
    QVERIFY(maker.add(EvaluationFinished {1, true, fixtures::failed(Verdict::InfraError), {}}));
    QVERIFY(!maker.session.nodes[1].confirmed());
    QVERIFY(maker.session.nodes[1].refutation().empty());
    QVERIFY(maker.add(EvaluationFinished {1, true, fixtures::passed(2), {}}));
    QCOMPARE(maker.session.confirmedBest, CandidateId(1));
}

void TestSession::editsHaveNoStepOfTheirOwn()
{
    SessionMaker maker = withOneBest();
    QVERIFY(maker.add(fixtures::proposed(2, 1, 0, MoveKind::Edit)));
    QVERIFY(maker.add(EvaluationFinished {2, false, fixtures::passed(4), {}}));
    QCOMPARE(maker.session.stepsDone, 1);
    QCOMPARE(maker.session.best, CandidateId(2));
    QCOMPARE(maker.session.bestCurve.back().step, 1); // shown where the search stood
}

void TestSession::stepsAreCountedWithAndWithoutCandidate()
{
    SessionMaker maker = withOneBest();
    QVERIFY(maker.add(StepWithoutCandidate {2, {}, "none"}));
    QCOMPARE(maker.session.stepsDone, 2);
    QVERIFY(maker.add(fixtures::proposed(2, 1, 5, MoveKind::Small)));
    QCOMPARE(maker.session.stepsDone, 5);
    QCOMPARE(maker.session.nodes[2].candidate.step, 5);
}

void TestSession::pendingCandidatesAreThoseNotEvaluated()
{
    SessionMaker maker = withOneBest();
    QVERIFY(maker.add(fixtures::proposed(2, 1, 2, MoveKind::Small)));
    QVERIFY(maker.add(fixtures::proposed(3, 1, 3, MoveKind::Small)));
    QVERIFY(maker.add(EvaluationFinished {2, false, fixtures::failed(Verdict::InfraError), {}}));
    QCOMPARE(maker.session.pending(), std::vector<CandidateId> {3});
    QVERIFY(maker.session.nodes[3].evaluatedSeq == 0);
    QVERIFY(maker.session.nodes[2].evaluatedSeq > maker.session.nodes[2].proposedSeq);
}

void TestSession::runningTimeLeavesOutWhatLiesBetweenRuns()
{
    SessionMaker maker;
    QVERIFY(maker.add(100, fixtures::created()));
    QCOMPARE(maker.session.createdAt, 100.0);
    QVERIFY(maker.add(110, RunStarted {}));
    QVERIFY(maker.add(115, StepWithoutCandidate {1, {}, ""}));
    QCOMPARE(maker.session.runSeconds, 5.0);
    QVERIFY(maker.add(120, RunStopped {"user", ""}));
    QCOMPARE(maker.session.runSeconds, 10.0);
    QVERIFY(maker.add(5000, RunStarted {}));
    QCOMPARE(maker.session.runSeconds, 10.0);
    QVERIFY(maker.add(5003, RunStopped {"steps", ""}));
    QCOMPARE(maker.session.runSeconds, 13.0);
}

void TestSession::aKilledRunEndsWithItsLastEvent()
{
    SessionMaker maker;
    QVERIFY(maker.add(100, fixtures::created()));
    QVERIFY(maker.add(100, RunStarted {}));
    QVERIFY(maker.add(107, StepWithoutCandidate {1, {}, ""})); // then killed
    QVERIFY(maker.add(900, RunStarted {}));
    QCOMPARE(maker.session.runSeconds, 7.0);
    QVERIFY(maker.add(902, StepWithoutCandidate {2, {}, ""}));
    QCOMPARE(maker.session.runSeconds, 9.0);
}

void TestSession::aClockSetBackCostsNoTime()
{
    SessionMaker maker;
    QVERIFY(maker.add(100, fixtures::created()));
    QVERIFY(maker.add(100, RunStarted {}));
    QVERIFY(maker.add(110, StepWithoutCandidate {1, {}, ""}));
    QVERIFY(maker.add(50, StepWithoutCandidate {2, {}, ""}));
    QCOMPARE(maker.session.runSeconds, 10.0);
    QCOMPARE(maker.session.lastTime, 110.0);
}

void TestSession::theStopReasonIsThatOfTheLastRun()
{
    SessionMaker maker = withOneBest();
    QVERIFY(maker.add(RunStopped {"user", "by hand"}));
    QCOMPARE(maker.session.stopReason, std::string("user"));
    QCOMPARE(maker.session.stopDetail, std::string("by hand"));
    QVERIFY(maker.add(RunStarted {}));
    QVERIFY(maker.session.stopReason.empty());
    QVERIFY(maker.session.stopDetail.empty());
}

QTEST_APPLESS_MAIN(TestSession)
#include "tst_session.moc"
