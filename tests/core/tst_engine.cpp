// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/Audit.h"
#include "core/search/Engine.h"
#include "core/search/PolicyReplay.h"
#include "core/search/RecordedEvaluator.h"
#include "tests/core/ScriptedEvaluator.h"

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <set>
#include <sys/resource.h>

using namespace ww;
using fixtures::ScriptedEvaluator;
namespace fs = std::filesystem;

namespace {

/// Collects what an engine tells; waits for it.
class Witness {
public:
    EngineListener listener()
    {
        EngineListener listener;
        listener.onEvent = [this](const Event &event) {
            {
                const std::lock_guard lock(m_mutex);
                m_events.push_back(event);
            }
            if (onEvent)
                onEvent(event);
            m_changed.notify_all();
        };
        listener.onStage = [this](CandidateId, bool, const StageRecord &) { ++stages; };
        listener.onState = [this](EngineState state) {
            const std::lock_guard lock(m_mutex);
            m_states.push_back(state);
            m_changed.notify_all();
        };
        return listener;
    }
    template <class Body> std::vector<Body> all()
    {
        const std::lock_guard lock(m_mutex);
        std::vector<Body> bodies;
        for (const Event &event : m_events) {
            if (const auto *body = std::get_if<Body>(&event.body))
                bodies.push_back(*body);
        }
        return bodies;
    }
    bool waitForState(EngineState state)
    {
        std::unique_lock lock(m_mutex);
        return m_changed.wait_for(lock, std::chrono::seconds(10),
                                  [&] { return !m_states.empty() && m_states.back() == state; });
    }
    bool waitForEvents(size_t count)
    {
        std::unique_lock lock(m_mutex);
        return m_changed.wait_for(lock, std::chrono::seconds(10), [&] { return m_events.size() >= count; });
    }
    std::function<void(const Event &)> onEvent;
    std::atomic<int> stages = 0;

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::vector<Event> m_events;
    std::vector<EngineState> m_states;
};

/// What a search decided: everything of the moves that a replay must repeat.
QByteArrayList movesOf(const Session &session)
{
    QByteArrayList moves;
    for (size_t i = 1; i < session.nodes.size(); ++i) {
        const Node &node = session.nodes[i];
        QByteArray move = QByteArray::number(node.candidate.step) + ' ' + toString(node.move.kind) + " from "
            + QByteArray::number(qlonglong(node.move.parent)) + ": "
            + QByteArray::fromStdString(node.candidate.title) + ", context";
        for (const Lineage &entry : node.move.context)
            move += ' ' + QByteArray::number(qlonglong(entry.id));
        moves << move;
    }
    return moves;
}

/// A proposer that gives what it is told to.
class FixedProposer final : public Proposer {
public:
    using Give = std::function<Result<std::optional<Proposal>>(const Move &, int step)>;
    explicit FixedProposer(Give give) : m_give(std::move(give)) { }
    [[nodiscard]] std::string name() const override { return "fixed"; }
    void propose(const Session &, ProposalJob job) override
    {
        const Result<std::optional<Proposal>> given = m_give(job.move, job.step);
        ProposalOutcome outcome = tl::make_unexpected(NoProposal {});
        if (!given)
            outcome = tl::make_unexpected(NoProposal {NoProposal::Kind::Failed, given.error()});
        else if (*given)
            outcome = **given;
        job.onReport({{}, outcome});
    }

private:
    Give m_give;
};

} // namespace

class TestEngine : public QObject {
    Q_OBJECT

private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

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

    void eachNewBestIsConfirmedOnNewDataInAFreshProcess();
    void confirmationsChangeNoReward();
    void aRefutedBestDoesNotStandInTheWay();
    void withoutConfirmationNothingIsMeasuredTwice();

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

    void afterAKillNothingIsLostAndNoStepDoneTwice_data();
    void afterAKillNothingIsLostAndNoStepDoneTwice();
    void aConfirmationCutOffIsMadeUp();

    void oneInfrastructureFaultIsNotHeldAgainstTheCandidate();
    void threeInARowEndTheSearchWithARemedy();
    void lostDevicesEndTheSearchWithARemedy();
    void aFailingProposerEndsTheSearch();
    void aFullDiskEndsTheSearchAndKeepsWhatWasAccepted();
    void sessionsWithUnusableConstantsAreRefused();

private:
    std::string path(const std::string &name = "s.wwsession") const
    {
        return m_folder->filePath(QString::fromStdString(name)).toStdString();
    }
    /// An engine on a new session.
    std::unique_ptr<Engine> engineFor(const SearchConfig &config, std::shared_ptr<Evaluator> evaluator,
                                      Witness &witness, const std::string &name = "s.wwsession",
                                      std::unique_ptr<Proposer> proposer = makeCatalogueProposer()) const
    {
        auto journal = createSession(path(name), fixtures::doubling(), config);
        if (!journal)
            qFatal("%s", journal.error().message().c_str());
        Session session = *(*journal)->load();
        return std::make_unique<Engine>(std::move(*journal), std::move(session), std::move(proposer),
                                        std::move(evaluator), witness.listener());
    }
    /// An engine on a session file that exists, as resume does it.
    static std::unique_ptr<Engine> resumed(const std::string &file, std::shared_ptr<Evaluator> evaluator,
                                           Witness &witness)
    {
        auto journal = Journal::openForAppend(file);
        if (!journal)
            qFatal("%s", journal.error().message().c_str());
        Result<Session> session = (*journal)->load();
        if (!session)
            qFatal("%s", session.error().message().c_str());
        return std::make_unique<Engine>(std::move(*journal), std::move(*session), makeCatalogueProposer(),
                                        std::move(evaluator), witness.listener());
    }
    static Session loaded(const std::string &file)
    {
        const auto journal = Journal::openForReading(file);
        Result<Session> session = journal ? (*journal)->load() : tl::make_unexpected(journal.error());
        if (!session)
            qFatal("%s", session.error().message().c_str());
        return std::move(*session);
    }
    /// A search from beginning to end.
    Session searched(const SearchConfig &config, std::shared_ptr<Evaluator> evaluator,
                     const std::string &name = "s.wwsession") const
    {
        Witness witness;
        const auto engine = engineFor(config, std::move(evaluator), witness, name);
        engine->start();
        const Status status = engine->wait();
        if (!status)
            qFatal("%s", status.error().message().c_str());
        return engine->session();
    }
    std::unique_ptr<QTemporaryDir> m_folder;
};

namespace {

SearchConfig configOf(int steps, uint64_t seed = 1)
{
    SearchConfig config;
    config.steps = steps;
    config.seed = seed;
    return config;
}

std::shared_ptr<ScriptedEvaluator> scripted(int capacity = 1,
                                            ScriptedEvaluator::Script script = fixtures::madeUp)
{
    return std::make_shared<ScriptedEvaluator>(capacity, std::move(script));
}

/// Answers after a time that differs from candidate to candidate, so that results come out of order.
Result<Evaluation> madeUpSlowly(const EvaluateRequest &request)
{
    const auto wait = static_cast<int>(fixtures::madeUpSpeedup(request) * 1000) % 7;
    std::this_thread::sleep_for(std::chrono::milliseconds(wait));
    return fixtures::madeUp(request);
}

} // namespace

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
    const auto engine = engineFor(configOf(12), evaluator, witness);
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
    const Session stored = loaded(path());
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
        return fixtures::madeUp(request);
    };
    QCOMPARE(searched(config, scripted(1, slow), "seconds").stopReason, std::string("seconds"));

    config = configOf(0);
    config.stagnation = 4;
    const Session stagnated = searched(
        config, scripted(1, [](const EvaluateRequest &) { return fixtures::passed(1.5); }), "stagnation");
    QCOMPARE(stagnated.stopReason, std::string("stagnation"));
    QCOMPARE(stagnated.stepsDone, 5); // the first is a gain, four are not
}

void TestEngine::aSearchEndsWhenTheCatalogueIsExhausted()
{
    for (const int capacity : {1, 3}) {
        const Session session =
            searched(configOf(0), scripted(capacity), "exhausted" + std::to_string(capacity));
        QCOMPARE(session.stopReason, std::string("exhausted"));
        QCOMPARE(session.nodes.size(), size_t(fixtures::kDoublingSets + 1));
        QCOMPARE(session.stepsDone, fixtures::kDoublingSets + 3);
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
    const auto engine = engineFor(configOf(20), scripted(), witness, "s.wwsession", std::move(largeOnly));
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
        const auto journal = Journal::openForReading(path());
        QVERIFY(journal);
        const auto events = (*journal)->read(event.seq - 1);
        QVERIFY(events);
        QVERIFY(!events->empty());
        QCOMPARE(events->front().seq, event.seq);
    };
    witness.onEvent = reader;
    const auto engine = engineFor(configOf(5), scripted(), witness);
    engine->start();
    QVERIFY(engine->wait());
}

void TestEngine::anEngineThatIsNotStartedCanBeLeftAlone()
{
    Witness witness;
    const auto engine = engineFor(configOf(5), scripted(), witness);
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
    const Session first = searched(configOf(14, seed), scripted(capacity, madeUpSlowly), "first");
    const Session second = searched(
        configOf(14, seed), std::make_shared<RecordedEvaluator>(loaded(path("first")), capacity), "second");
    QCOMPARE(movesOf(second), movesOf(first));
    QCOMPARE(second.best, first.best);
    QCOMPARE(second.confirmedBest, first.confirmedBest);
    QCOMPARE(second.bestCurve.size(), first.bestCurve.size());
}

void TestEngine::anotherSeedMakesOtherMoves()
{
    const Session first = searched(configOf(12, 1), scripted(), "first");
    const Session second = searched(configOf(12, 2), scripted(), "second");
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
    (void)searched(configOf(14), scripted(capacity, madeUpSlowly));
    const Session session = loaded(path());
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
    (void)searched(configOf(6, 1), scripted(), "first");
    Witness witness;
    const auto engine = engineFor(
        configOf(14, 2), std::make_shared<RecordedEvaluator>(loaded(path("first")), 2), witness, "second");
    engine->start();
    const Status status = engine->wait(); // what the record does not hold cannot be measured
    QVERIFY(!status);
    QVERIFY2(status.error().message().find("record") != std::string::npos, status.error().message().c_str());
}

void TestEngine::eachNewBestIsConfirmedOnNewDataInAFreshProcess()
{
    const auto evaluator = scripted();
    const Session session = searched(configOf(12), evaluator);
    std::set<uint64_t> firstSeeds, freshSeeds;
    uint64_t lastFirstSeed = 0;
    std::set<std::string> nonces, fresh;
    for (const EvaluateRequest &request : evaluator->requests()) {
        if (request.freshRunner) {
            QVERIFY(freshSeeds.insert(request.seed).second);
        } else {
            QVERIFY(request.seed != lastFirstSeed); // never the data of the candidate before
            lastFirstSeed = request.seed;
            firstSeeds.insert(request.seed);
        }
        nonces.insert(request.nonce);
        if (request.freshRunner)
            fresh.insert(request.candidate.name);
        QVERIFY(request.task.variants.empty()); // not sent: the worker needs the candidate alone
        QCOMPARE(request.task.hash, session.task->hash);
    }
    for (const uint64_t seed : freshSeeds)
        QVERIFY(!firstSeeds.contains(seed));
    QCOMPARE(nonces.size(), evaluator->requests().size());
    std::set<std::string> expected;
    for (const BestPoint &point : session.bestCurve) {
        if (point.speedup > 1)
            expected.insert("#" + std::to_string(point.id));
    }
    QCOMPARE(fresh, expected);
    QCOMPARE(session.confirmedBest, session.best);
    QVERIFY(session.nodes[static_cast<size_t>(session.best)].confirmed());
}

void TestEngine::confirmationsChangeNoReward()
{
    const Session with = searched(configOf(12), scripted(), "with");
    SearchConfig config = configOf(12);
    config.confirmBest = false;
    const Session without = searched(config, scripted(), "without");
    QCOMPARE(movesOf(with), movesOf(without));
    const SearchTree first = treeOf(with), second = treeOf(without);
    QCOMPARE(first.node(0).visits, 12);
    QCOMPARE(first.node(0).totalReward, second.node(0).totalReward);
}

void TestEngine::aRefutedBestDoesNotStandInTheWay()
{
    // The second candidate is measured 50× at first and never again; later ones are honest.
    int number = 0;
    const auto script = [&number](const EvaluateRequest &request) {
        if (request.candidate.name == "#2")
            return request.freshRunner ? fixtures::passed(1.0) : fixtures::passed(50);
        number += request.freshRunner ? 0 : 1;
        return fixtures::passed(1.5 + 0.1 * std::stod(request.candidate.name.substr(1)));
    };
    const Session session = searched(configOf(8), scripted(1, script));
    QCOMPARE(session.best, CandidateId(2)); // by first measurement
    QVERIFY(!session.nodes[2].refutation().empty());
    QCOMPARE(session.confirmedBest, CandidateId(8));
    QCOMPARE(session.nodes[8].confirmation->speedupRatio(), 2.3);
}

void TestEngine::withoutConfirmationNothingIsMeasuredTwice()
{
    SearchConfig config = configOf(10);
    config.confirmBest = false;
    const auto evaluator = scripted();
    const Session session = searched(config, evaluator);
    QCOMPARE(evaluator->requests().size(), size_t(10));
    QCOMPARE(session.confirmedBest, CandidateId(0));
}

void TestEngine::aPersonsEditGoesFirst()
{
    Witness witness;
    const auto evaluator = scripted();
    evaluator->hold();
    const auto engine = engineFor(configOf(6), evaluator, witness);
    engine->start();
    QVERIFY(evaluator->waitForRequests(1));
    const std::string source = fixtures::kernelText("mine", "//@ tune DEPTH = 2, 4\n");
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

void TestEngine::anEditIsEvaluatedWhilePaused()
{
    Witness witness;
    const auto engine = engineFor(configOf(6), scripted(), witness);
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

void TestEngine::anIdenticalCandidateIsNotMeasuredAgain()
{
    Witness witness;
    SearchConfig config = configOf(1);
    config.confirmBest = false;
    const auto evaluator = scripted();
    const auto engine = engineFor(config, evaluator, witness);
    engine->start(true);
    const std::string source = fixtures::kernelText("mine", "");
    engine->evaluateEdit(0, source, {}, "first");
    QTRY_VERIFY(engine->session().nodes.size() == 2 && engine->session().nodes[1].evaluation);
    engine->evaluateEdit(1, source, {}, "the same again");
    QTRY_VERIFY(engine->session().nodes.size() == 3 && engine->session().nodes[2].evaluation);
    QCOMPARE(evaluator->requests().size(), size_t(1));
    const Session session = engine->session();
    QCOMPARE(session.nodes[2].evaluation->environment.at("measured_as"), std::string("#1"));
    QCOMPARE(session.nodes[2].evaluation->verdict, session.nodes[1].evaluation->verdict);
}

void TestEngine::anEditUnderAnUnknownParentHangsUnderTheRoot()
{
    Witness witness;
    const auto engine = engineFor(configOf(1), scripted(), witness);
    engine->start(true);
    engine->evaluateEdit(99, "text", {}, "lost");
    QTRY_COMPARE(engine->session().nodes.size(), size_t(2));
    QCOMPARE(engine->session().nodes[1].candidate.parent, CandidateId(0));
}

void TestEngine::pauseStartsNothingNew()
{
    Witness witness;
    const auto evaluator = scripted(2);
    evaluator->hold();
    const auto engine = engineFor(configOf(10), evaluator, witness);
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

void TestEngine::stepDoesOneStepAndPauses()
{
    Witness witness;
    SearchConfig config = configOf(2);
    config.confirmBest = false;
    const auto evaluator = scripted(4);
    const auto engine = engineFor(config, evaluator, witness);
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

void TestEngine::limitsCanBeRaisedWhileRunning()
{
    Witness witness;
    const auto evaluator = scripted();
    evaluator->hold();
    const auto engine = engineFor(configOf(1), evaluator, witness);
    engine->start();
    QVERIFY(evaluator->waitForRequests(1));
    engine->setBudget(7, 0, 0);
    QVERIFY(witness.waitForEvents(3));
    evaluator->releaseAll();
    QVERIFY(engine->wait());
    QCOMPARE(engine->session().stepsDone, 7);
    QCOMPARE(loaded(path()).config.steps, 7); // so that a resume knows
}

void TestEngine::aPausedEngineUsesNoProcessorTime()
{
    Witness witness;
    const auto engine = engineFor(configOf(5), scripted(), witness);
    engine->start(true);
    QVERIFY(witness.waitForState(EngineState::Paused));
    const std::clock_t before = std::clock();
    std::this_thread::sleep_for(std::chrono::milliseconds(400));
    const double busy = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
    QVERIFY2(busy < 0.1, QByteArray::number(busy));
}

void TestEngine::stopLeavesWhatIsInFlightPending()
{
    {
        Witness witness;
        const auto evaluator = scripted(3);
        const auto engine = engineFor(configOf(12), evaluator, witness);
        QVERIFY(true);
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
    const Session before = loaded(path());
    QVERIFY(!before.pending().empty());
    Witness witness;
    const auto engine = resumed(path(), scripted(3), witness);
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

void TestEngine::stopBeatsAProposerThatNeverNeedsTheDevice()
{
    // Always the same candidate: after the first there is nothing to wait for.
    Witness witness;
    auto same = std::make_unique<FixedProposer>([](const Move &, int) -> Result<std::optional<Proposal>> {
        return Proposal {"the one source", {}, "same", "fixed"};
    });
    const auto engine = engineFor(configOf(0), scripted(), witness, "s.wwsession", std::move(same));
    engine->start();
    QTRY_VERIFY(engine->session().nodes.size() > 5);
    engine->stop();
    QVERIFY(engine->wait());
    QCOMPARE(engine->session().stopReason, std::string("user"));
}

void TestEngine::theDestructorStops()
{
    Witness witness;
    const auto evaluator = scripted(2);
    evaluator->hold();
    {
        const auto engine = engineFor(configOf(10), evaluator, witness);
        engine->start();
        QVERIFY(evaluator->waitForRequests(2));
    }
    const Session session = loaded(path());
    QCOMPARE(session.stopReason, std::string("user"));
    QCOMPARE(session.pending().size(), size_t(2));
}

void TestEngine::afterAKillNothingIsLostAndNoStepDoneTwice_data()
{
    QTest::addColumn<int>("capacity");
    QTest::newRow("one slot") << 1;
    QTest::newRow("three slots") << 3;
}

void TestEngine::afterAKillNothingIsLostAndNoStepDoneTwice()
{
    QFETCH(int, capacity);
    // What a kill would leave at each event: the file and its log, copied before the engine goes on.
    std::vector<std::string> images;
    {
        Witness witness;
        witness.onEvent = [&](const Event &event) {
            const std::string image = path("killed-" + std::to_string(event.seq));
            fs::copy_file(path(), image);
            fs::copy_file(path() + "-wal", image + "-wal");
            images.push_back(image);
        };
        const auto engine = engineFor(configOf(8), scripted(capacity, madeUpSlowly), witness);
        engine->start();
        QVERIFY(engine->wait());
    }
    QVERIFY(images.size() >= 18);
    for (const std::string &image : images) {
        const Session before = loaded(image);
        Witness witness;
        const auto engine = resumed(image, scripted(capacity), witness);
        engine->start();
        QVERIFY(engine->wait());
        const Session after = loaded(image);
        QCOMPARE(after.stopReason, std::string("steps"));
        QCOMPARE(after.stepsDone, 8);
        QVERIFY(after.pending().empty());
        std::set<int> steps;
        for (size_t i = 1; i < after.nodes.size(); ++i)
            QVERIFY(steps.insert(after.nodes[i].candidate.step).second);
        QCOMPARE(steps.size(), size_t(8));
        for (size_t i = 1; i < before.nodes.size(); ++i) {
            QCOMPARE(after.nodes[i].candidate.contentHash(), before.nodes[i].candidate.contentHash());
            if (before.nodes[i].evaluation)
                QCOMPARE(after.nodes[i].evaluatedSeq, before.nodes[i].evaluatedSeq);
        }
        QCOMPARE(after.confirmedBest, after.best);
        const auto report = auditSession(after, after.config.constants);
        QCOMPARE(report->selectMatches.matched, 8);
        QCOMPARE(report->contextMatches.matched, 8);
    }
}

void TestEngine::aConfirmationCutOffIsMadeUp()
{
    std::string image;
    {
        Witness witness;
        witness.onEvent = [&](const Event &event) {
            // Killed when the last result is in and its confirmation is not.
            const auto *finished = std::get_if<EvaluationFinished>(&event.body);
            if (finished && finished->id == 3 && !finished->confirmation) {
                image = path("killed");
                fs::copy_file(path(), image);
                fs::copy_file(path() + "-wal", image + "-wal");
            }
        };
        const auto rising = [](const EvaluateRequest &request) {
            return fixtures::passed(1 + std::stod(request.candidate.name.substr(1)));
        };
        const auto engine = engineFor(configOf(3), scripted(1, rising), witness);
        engine->start();
        QVERIFY(engine->wait());
    }
    QCOMPARE(loaded(image).confirmedBest, CandidateId(2));
    Witness witness;
    const auto evaluator = scripted(1, [](const EvaluateRequest &) { return fixtures::passed(4); });
    const auto engine = resumed(image, evaluator, witness);
    engine->start();
    QVERIFY(engine->wait());
    QCOMPARE(engine->session().confirmedBest, CandidateId(3));
    QCOMPARE(evaluator->requests().size(), size_t(1));
    QVERIFY(evaluator->requests()[0].freshRunner);
}

void TestEngine::oneInfrastructureFaultIsNotHeldAgainstTheCandidate()
{
    std::atomic<int> count = 0;
    const auto flaky = [&count](const EvaluateRequest &request) -> Result<Evaluation> {
        const int number = ++count;
        if (number == 3)
            return failure(ErrorCode::Infrastructure, "worker opencl:0", "it died");
        if (number == 5)
            return fixtures::failed(Verdict::InfraError, "the driver was reset");
        return fixtures::madeUp(request);
    };
    SearchConfig config = configOf(10);
    config.confirmBest = false;
    const Session session = searched(config, scripted(1, flaky));
    QCOMPARE(session.stopReason, std::string("steps"));
    QCOMPARE(session.nodes[3].evaluation->verdict, Verdict::InfraError);
    QVERIFY(session.nodes[3].evaluation->message.find("it died") != std::string::npos);
    QVERIFY(!session.nodes[3].outcome);
    QCOMPARE(session.nodes[5].evaluation->verdict, Verdict::InfraError);
    const SearchTree tree = treeOf(session);
    QVERIFY(!tree.node(3).counted);
    QCOMPARE(tree.node(0).visits, 8);
    const auto report = auditSession(session, config.constants);
    QCOMPARE(report->selectMatches.matched, 10);
}

void TestEngine::threeInARowEndTheSearchWithARemedy()
{
    for (const int capacity : {1, 4}) {
        const std::string name = "infra" + std::to_string(capacity);
        Witness witness;
        const auto engine =
            engineFor(configOf(20),
                      scripted(capacity,
                               [](const EvaluateRequest &) -> Result<Evaluation> {
                                   return failure(ErrorCode::Infrastructure, "worker opencl:0", "it died");
                               }),
                      witness, name);
        engine->start();
        const Status status = engine->wait();
        QVERIFY(!status);
        QCOMPARE(status.error().code, ErrorCode::Infrastructure);
        QVERIFY(status.error().message().find("doctor") != std::string::npos);
        QVERIFY(status.error().message().find("it died") != std::string::npos);
        const Session session = loaded(path(name));
        QCOMPARE(session.stopReason, std::string("error"));
        QVERIFY(session.nodes.size() <= size_t(3 + capacity));
        // With the device repaired it goes on.
        Witness later;
        const auto again = resumed(path(name), scripted(capacity), later);
        again->setBudget(8, 0, 0);
        again->start();
        QVERIFY(again->wait());
        QCOMPARE(again->session().stepsDone, 8);
    }
}

void TestEngine::lostDevicesEndTheSearchWithARemedy()
{
    Witness witness;
    const auto evaluator = scripted();
    evaluator->lose();
    const auto engine = engineFor(configOf(20), evaluator, witness);
    engine->start();
    const Status status = engine->wait();
    QVERIFY(!status);
    QVERIFY(status.error().message().find("No device is left") != std::string::npos);
}

void TestEngine::aFailingProposerEndsTheSearch()
{
    Witness witness;
    auto broken =
        std::make_unique<FixedProposer>([](const Move &, int step) -> Result<std::optional<Proposal>> {
            if (step == 3)
                return failure(ErrorCode::Infrastructure, "the model does not answer", "connection refused");
            return Proposal {"source " + std::to_string(step), {}, "fine", "fixed"};
        });
    const auto engine = engineFor(configOf(9), scripted(2), witness, "s.wwsession", std::move(broken));
    engine->start();
    const Status status = engine->wait();
    QVERIFY(!status);
    QVERIFY(status.error().message().find("connection refused") != std::string::npos);
    const Session session = loaded(path());
    QCOMPARE(session.stopReason, std::string("error"));
    QVERIFY(session.stopDetail.find("connection refused") != std::string::npos);
    QCOMPARE(session.nodes.size(), size_t(3));
}

void TestEngine::aFullDiskEndsTheSearchAndKeepsWhatWasAccepted()
{
    Witness witness;
    const auto logging = [](const EvaluateRequest &request) {
        Evaluation evaluation = fixtures::passed(1 + std::stod(request.candidate.name.substr(1)));
        evaluation.buildLog = request.id + std::string(30'000, 'l'); // fills the disk soon
        return evaluation;
    };
    const auto engine = engineFor(configOf(15), scripted(1, logging), witness);
    rlimit before {};
    QCOMPARE(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto oldHandler = std::signal(SIGXFSZ, SIG_IGN);
    rlimit small = before;
    small.rlim_cur = 300'000;
    QCOMPARE(::setrlimit(RLIMIT_FSIZE, &small), 0);
    engine->start();
    const Status status = engine->wait();
    QCOMPARE(::setrlimit(RLIMIT_FSIZE, &before), 0);
    std::signal(SIGXFSZ, oldHandler);
    QVERIFY(!status);
    QCOMPARE(status.error().code, ErrorCode::Io);
    const size_t told = witness.all<EvaluationFinished>().size();
    QVERIFY(told > 1 && told < 30);
    const auto reader = Journal::openForReading(path());
    QVERIFY(reader);
    const auto events = (*reader)->read();
    QVERIFY(events);
    size_t stored = 0;
    for (const Event &event : *events)
        stored += std::holds_alternative<EvaluationFinished>(event.body) ? 1 : 0;
    QCOMPARE(stored, told);
}

void TestEngine::sessionsWithUnusableConstantsAreRefused()
{
    SearchConfig config;
    config.constants.c = std::nan("");
    QVERIFY(!createSession(path(), fixtures::doubling(), config));
    config = {};
    config.constants.alpha = -1;
    QVERIFY(!createSession(path(), fixtures::doubling(), config));
    config = {};
    config.policy = "coin-toss";
    const auto unknown = createSession(path(), fixtures::doubling(), config);
    QVERIFY(!unknown);
    QVERIFY(unknown.error().message().find("adaexplore") != std::string::npos);
    config = {};
    config.proposer = "oracle";
    QVERIFY(!createSession(path(), fixtures::doubling(), config));
    QVERIFY(!fs::exists(path())); // nothing is left behind
}

QTEST_GUILESS_MAIN(TestEngine)
#include "tst_engine.moc"
