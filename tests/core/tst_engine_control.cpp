// SPDX-License-Identifier: GPL-3.0-or-later
// What a person does with a search that runs: edits, pauses, steps, limits, stops.
#include "tests/core/EngineFixtures.h"
#include "tests/core/FixedProposer.h"

#include <QTest>

#include <ctime>

using namespace ww;
using namespace ww::fixtures;

class TestEngineControl : public QObject {
    Q_OBJECT

private slots:
    void init() { m_sessions = std::make_unique<SearchFolder>(); }

    void aPersonsEditGoesFirst();
    void anEditIsEvaluatedWhilePaused();
    void anIdenticalCandidateIsNotMeasuredAgain();
    void anEditUnderAnUnknownParentHangsUnderTheRoot();
    void pauseStartsNothingNew();
    void stepDoesOneStepAndPauses();
    void limitsCanBeRaisedWhileRunning();
    void aPausedEngineUsesNoProcessorTime();
    void stopLeavesWhatIsInFlightPending();
    void stopBeatsAProposerThatNeverNeedsTheDevice();
    void theDestructorStops();

private:
    std::unique_ptr<SearchFolder> m_sessions;
};

void TestEngineControl::aPersonsEditGoesFirst()
{
    Witness witness;
    const auto evaluator = scripted();
    evaluator->hold();
    const auto engine = m_sessions->engineFor(configOf(6), evaluator, witness);
    engine->start();
    QVERIFY(evaluator->waitForRequests(1));
    const std::string source = kernelText("mine", "//@ tune DEPTH = 2, 4\n");
    engine->evaluateEdit(1, source, {}, "my idea");
    QVERIFY(witness.waitForEvents(3)); // started, proposed, edit proposed
    evaluator->releaseAll();
    QVERIFY(engine->wait());
    const std::vector<EvaluateRequest> requests = evaluator->requests();
    QCOMPARE(requests[1].candidate.source, source);
    const Session session = engine->session();
    const Node &edit = session.nodes[2];
    QCOMPARE(edit.candidate.kind, MoveKind::Edit);
    QCOMPARE(edit.candidate.step, 0);
    QCOMPARE(edit.candidate.parent, CandidateId(1));
    QCOMPARE(edit.candidate.origin, std::string("human"));
    QCOMPARE(edit.candidate.title, std::string("my idea"));
    QCOMPARE(edit.candidate.parameters, (Parameters {{"DEPTH", 2}})); // the default
    QCOMPARE(edit.candidate.lineage[0].role, LineageRole::Base);
    QCOMPARE(session.stepsDone, 6); // the budget is the search's own
    QVERIFY(edit.evaluation);
}

void TestEngineControl::anEditIsEvaluatedWhilePaused()
{
    Witness witness;
    const auto engine = m_sessions->engineFor(configOf(6), scripted(), witness);
    engine->start(true);
    QVERIFY(witness.waitForState(EngineState::Paused));
    engine->evaluateEdit(0, "no plan at all", {{"X", 1}}, "");
    QVERIFY(witness.waitForEvents(3));
    QTRY_VERIFY(engine->session().nodes.size() == 2 && engine->session().nodes[1].evaluation);
    QVERIFY(witness.waitForState(EngineState::Paused));
    QCOMPARE(engine->session().nodes[1].candidate.parameters, (Parameters {{"X", 1}}));
    QVERIFY(!engine->session().nodes[1].candidate.title.empty());
    QCOMPARE(engine->session().stepsDone, 0);
}

void TestEngineControl::anIdenticalCandidateIsNotMeasuredAgain()
{
    Witness witness;
    SearchConfig config = configOf(1);
    config.confirmBest = false;
    const auto evaluator = scripted();
    const auto engine = m_sessions->engineFor(config, evaluator, witness);
    engine->start(true);
    const std::string source = kernelText("mine", "");
    engine->evaluateEdit(0, source, {}, "first");
    QTRY_VERIFY(engine->session().nodes.size() == 2 && engine->session().nodes[1].evaluation);
    engine->evaluateEdit(1, source, {}, "the same again");
    QTRY_VERIFY(engine->session().nodes.size() == 3 && engine->session().nodes[2].evaluation);
    QCOMPARE(evaluator->requests().size(), size_t(1));
    const Session session = engine->session();
    QCOMPARE(session.nodes[2].evaluation->environment.at("measured_as"), std::string("#1"));
    QCOMPARE(session.nodes[2].evaluation->verdict, session.nodes[1].evaluation->verdict);
}

void TestEngineControl::anEditUnderAnUnknownParentHangsUnderTheRoot()
{
    Witness witness;
    const auto engine = m_sessions->engineFor(configOf(1), scripted(), witness);
    engine->start(true);
    engine->evaluateEdit(99, "text", {}, "lost");
    QTRY_COMPARE(engine->session().nodes.size(), size_t(2));
    QCOMPARE(engine->session().nodes[1].candidate.parent, CandidateId(0));
}

void TestEngineControl::pauseStartsNothingNew()
{
    Witness witness;
    const auto evaluator = scripted(2);
    evaluator->hold();
    const auto engine = m_sessions->engineFor(configOf(10), evaluator, witness);
    engine->start();
    QVERIFY(evaluator->waitForRequests(2));
    engine->pause();
    QVERIFY(witness.waitForState(EngineState::Paused));
    evaluator->releaseAll();
    QTRY_COMPARE(witness.all<EvaluationFinished>().size(), size_t(2)); // what was in flight finishes
    QTest::qWait(50);
    QCOMPARE(evaluator->requests().size(), size_t(2));
    engine->resume();
    QVERIFY(engine->wait());
    QCOMPARE(engine->session().stepsDone, 10);
}

void TestEngineControl::stepDoesOneStepAndPauses()
{
    Witness witness;
    SearchConfig config = configOf(2);
    config.confirmBest = false;
    const auto evaluator = scripted(4);
    const auto engine = m_sessions->engineFor(config, evaluator, witness);
    engine->start(true);
    for (int step = 1; step <= 3; ++step) { // the third is over the limit, and asked for
        QVERIFY(witness.waitForState(EngineState::Paused));
        engine->step();
        QTRY_COMPARE(engine->session().stepsDone, step);
        QTRY_VERIFY(engine->session().pending().empty());
        QCOMPARE(evaluator->requests().size(), size_t(step));
    }
    engine->resume();
    QVERIFY(engine->wait());
    QCOMPARE(engine->session().stopReason, std::string("steps"));
    QCOMPARE(engine->session().stepsDone, 3);
}

void TestEngineControl::limitsCanBeRaisedWhileRunning()
{
    Witness witness;
    const auto evaluator = scripted();
    evaluator->hold();
    const auto engine = m_sessions->engineFor(configOf(1), evaluator, witness);
    engine->start();
    QVERIFY(evaluator->waitForRequests(1));
    engine->setBudget(7, 0, 0);
    QVERIFY(witness.waitForEvents(3));
    evaluator->releaseAll();
    QVERIFY(engine->wait());
    QCOMPARE(engine->session().stepsDone, 7);
    QCOMPARE(loaded(m_sessions->path()).config.steps, 7); // so that a resume knows
}

void TestEngineControl::aPausedEngineUsesNoProcessorTime()
{
    Witness witness;
    const auto engine = m_sessions->engineFor(configOf(5), scripted(), witness);
    engine->start(true);
    QVERIFY(witness.waitForState(EngineState::Paused));
    const std::clock_t before = std::clock();
    std::this_thread::sleep_for(std::chrono::milliseconds(400));
    const double busy = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
    QVERIFY2(busy < 0.1, QByteArray::number(busy));
}

void TestEngineControl::stopLeavesWhatIsInFlightPending()
{
    {
        Witness witness;
        const auto evaluator = scripted(3);
        const auto engine = m_sessions->engineFor(configOf(12), evaluator, witness);
        evaluator->release(4);
        engine->start();
        QTRY_VERIFY(witness.all<EvaluationFinished>().size() == 4);
        QTRY_COMPARE(evaluator->requests().size(), size_t(7));
        engine->stop();
        QVERIFY(engine->wait());
        const Session session = engine->session();
        QCOMPARE(session.stopReason, std::string("user"));
        const size_t evaluated = session.nodes.size() - 1 - session.pending().size();
        QVERIFY(evaluated >= 2 && evaluated <= 4); // some of the four may be confirmations
    }
    const Session before = loaded(m_sessions->path());
    QVERIFY(!before.pending().empty());
    Witness witness;
    const auto engine = SearchFolder::resumed(m_sessions->path(), scripted(3), witness);
    engine->start();
    QVERIFY(engine->wait());
    const Session after = engine->session();
    QVERIFY(after.pending().empty());
    QCOMPARE(after.stepsDone, 12);
    QVERIFY(witness.all<RunStarted>()[0].resumed);
    for (size_t i = 1; i < before.nodes.size(); ++i) {
        QCOMPARE(after.nodes[i].candidate.step, before.nodes[i].candidate.step);
        QCOMPARE(after.nodes[i].candidate.contentHash(), before.nodes[i].candidate.contentHash());
        if (before.nodes[i].evaluation)
            QCOMPARE(after.nodes[i].evaluatedSeq, before.nodes[i].evaluatedSeq);
    }
}

void TestEngineControl::stopBeatsAProposerThatNeverNeedsTheDevice()
{
    // Always the same candidate: after the first there is nothing to wait for.
    Witness witness;
    auto same = std::make_unique<FixedProposer>([](const Move &, int) -> Result<std::optional<Proposal>> {
        return Proposal {"the one source", {}, "same", "fixed"};
    });
    const auto engine = m_sessions->engineFor(configOf(0), scripted(), witness, "s", std::move(same));
    engine->start();
    QTRY_VERIFY(engine->session().nodes.size() > 5);
    engine->stop();
    QVERIFY(engine->wait());
    QCOMPARE(engine->session().stopReason, std::string("user"));
}

void TestEngineControl::theDestructorStops()
{
    Witness witness;
    const auto evaluator = scripted(2);
    evaluator->hold();
    {
        const auto engine = m_sessions->engineFor(configOf(10), evaluator, witness);
        engine->start();
        QVERIFY(evaluator->waitForRequests(2));
    }
    const Session session = loaded(m_sessions->path());
    QCOMPARE(session.stopReason, std::string("user"));
    QCOMPARE(session.pending().size(), size_t(2));
}

QTEST_GUILESS_MAIN(TestEngineControl)
#include "tst_engine_control.moc"
