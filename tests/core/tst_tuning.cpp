// SPDX-License-Identifier: GPL-3.0-or-later
// What a device does while a search only waits for answers.
#include "core/search/AdaExplore.h"
#include "core/search/PolicyReplay.h"
#include "core/search/Tuning.h"
#include "tests/core/EngineFixtures.h"

#include <QTemporaryDir>
#include <QTest>

#include <filesystem>

using namespace ww;
using namespace ww::fixtures;
namespace fs = std::filesystem;

namespace {

constexpr const char *kTunables = "//@ tune VEC = 1, 2, 4, 8\n//@ tune UNROLL = 1, 2\n";

/// Each step's kernel is another one, with tunables.
ProposalOutcome tunable(const Session &, const ProposalJob &job)
{
    return Proposal {kernelText("k" + std::to_string(job.step), kTunables),
                     {{"UNROLL", 1}, {"VEC", 1}},
                     "made up",
                     "late"};
}

/// Faster with each doubling of VEC, slower with UNROLL; a step's kernel is faster than those before it.
Result<Evaluation> fasterWithVec(const EvaluateRequest &request)
{
    const auto value = [&](const char *name) {
        const auto found = request.candidate.parameters.find(name);
        return found == request.candidate.parameters.end() ? 1.0 : static_cast<double>(found->second);
    };
    return passed(1.5 + 0.25 * value("VEC") - 0.1 * value("UNROLL"));
}

/// A session with one large candidate per source, measured at the given speed-ups.
class Past {
public:
    Past()
    {
        (void)m_maker.add(created());
        (void)m_maker.add(RunStarted {{}, {}, false});
    }
    CandidateId add(const std::string &source, Parameters parameters, double speedup,
                    MoveKind kind = MoveKind::Large, CandidateId parent = 0)
    {
        const auto id = static_cast<CandidateId>(m_maker.session.nodes.size());
        CandidateProposed event = proposed(id, parent, kind == MoveKind::Tune ? 0 : ++m_step, kind);
        event.candidate.source = source;
        event.candidate.parameters = std::move(parameters);
        require(m_maker.add(std::move(event)));
        const Evaluation evaluation =
            speedup > 0 ? passed(speedup) : failed(Verdict::IncorrectNumerical, "wrong");
        require(m_maker.add(EvaluationFinished {id, false, evaluation, policyOutcome(evaluation, {})}));
        return id;
    }
    void refute(CandidateId id)
    {
        require(m_maker.add(EvaluationFinished {id, true, failed(Verdict::IncorrectNumerical), {}}));
    }
    [[nodiscard]] std::optional<Tuning> next() const
    {
        return nextTuning(m_maker.session, m_maker.session.lastSeq + 1);
    }
    [[nodiscard]] const Session &session() const { return m_maker.session; }

private:
    static void require(const Status &status)
    {
        if (!status)
            qFatal("%s", status.error().message().c_str());
    }
    SessionMaker m_maker;
    int m_step = 0;
};

const std::string kFast = kernelText("fast", kTunables), kSlow = kernelText("slow", kTunables);

Parameters set(int64_t vec, int64_t unroll)
{
    return {{"UNROLL", unroll}, {"VEC", vec}};
}

} // namespace

class TestTuning : public QObject {
    Q_OBJECT

private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    // What is tried

    void nothingIsTunedBeforeSomethingWorks()
    {
        Past past;
        QVERIFY(!past.next());
        past.add(kFast, set(1, 1), 0);
        QVERIFY(!past.next());
        past.add(kernelText("fixed", ""), {}, 3);
        QVERIFY(!past.next());
    }

    void theFastestSourceIsTunedFirstAndFromItsBestSetOn()
    {
        Past past;
        const CandidateId slow = past.add(kSlow, set(1, 1), 1.2);
        const CandidateId fast = past.add(kFast, set(2, 1), 2);
        std::optional<Tuning> tuning = past.next();
        QVERIFY(tuning);
        QCOMPARE(tuning->move.kind, MoveKind::Tune);
        QCOMPARE(tuning->move.parent, fast);
        QCOMPARE(tuning->proposal.parameters, set(4, 1)); // the plan's first tunable, upwards
        QCOMPARE(tuning->proposal.origin, std::string("tuner"));
        const CandidateId better = past.add(kFast, set(4, 1), 2.5, MoveKind::Tune, fast);
        tuning = past.next();
        QCOMPARE(tuning->proposal.parameters, set(8, 1));
        QCOMPARE(tuning->move.parent, fast); // a sweep hangs under the candidate whose source it is
        QCOMPARE(tuning->move.context.at(0).id, better);
        past.add(kFast, set(8, 1), 2.2, MoveKind::Tune, fast);
        QCOMPARE(past.next()->proposal.parameters, set(4, 2));
        past.add(kFast, set(4, 2), 0, MoveKind::Tune, fast);
        tuning = past.next(); // 4, 1 is faster than all its neighbours
        QCOMPARE(tuning->move.parent, slow);
        QCOMPARE(tuning->proposal.source, kSlow);
    }

    void whatAConfirmationRefutedIsNoStart()
    {
        Past past;
        const CandidateId slow = past.add(kSlow, set(1, 1), 1.2);
        past.refute(past.add(kFast, set(1, 1), 9));
        QCOMPARE(past.next()->move.parent, slow);
    }

    void setsThatBreakARequirementAreLeftOut()
    {
        Past past;
        past.add(kernelText("k", "//@ tune VEC = 1, 2, 3\n//@ require N % VEC == 0 || VEC == 3\n"),
                 {{"VEC", 1}}, 2);
        QVERIFY(!past.next()); // 2 does not divide the odd workload, and 3 is no neighbour of 1
    }

    void tuningHasABoundedShareOfTheMeasurements()
    {
        Past past;
        std::string many = "//@ tune VEC = 1";
        for (int i = 2; i <= 40; ++i)
            many += ", " + std::to_string(i);
        const std::string source = kernelText("k", many + "\n");
        const CandidateId parent = past.add(source, {{"VEC", 1}}, 2);
        int tuned = 0;
        while (const std::optional<Tuning> tuning = past.next()) {
            past.add(source, tuning->proposal.parameters, 2 + 0.01 * ++tuned, MoveKind::Tune, parent);
            QVERIFY(tuned < 40);
        }
        QCOMPARE(tuned, 4);
        past.add(kSlow, set(1, 1), 1);
        QVERIFY(past.next());
    }

    void whatIsTriedFollowsFromThePrefixOfTheLog()
    {
        Past past;
        const CandidateId fast = past.add(kFast, set(1, 1), 2);
        const int64_t before = past.session().lastSeq + 1;
        past.add(kFast, set(2, 1), 3, MoveKind::Tune, fast);
        past.refute(fast);
        QCOMPARE(nextTuning(past.session(), before)->proposal.parameters, set(2, 1));
    }

    // What it means to the policy

    void tuningIsNoNodeOfThePolicysAndRaisesItsParentsStanding()
    {
        const auto grow = [](SearchTree &tree, CandidateId parent, MoveKind kind, double speedup) {
            const auto id = static_cast<CandidateId>(tree.nodes().size());
            tree.add(id, parent, kind);
            tree.setOutcome(id, true, speedup > 0, speedup, adaExploreReward(true, speedup > 0, speedup));
            return id;
        };
        SearchTree tree, tunedFromTheStart;
        grow(tree, 0, MoveKind::Large, 2);
        grow(tree, 1, MoveKind::Small, 1);
        grow(tunedFromTheStart, 0, MoveKind::Large, 5);
        grow(tunedFromTheStart, 1, MoveKind::Small, 1);
        grow(tree, 1, MoveKind::Tune, 1.5); // 3: no better
        grow(tree, 1, MoveKind::Tune, 0); // 4: wrong
        QCOMPARE(tree.node(1).bestTuned, CandidateId(0));
        grow(tree, 1, MoveKind::Tune, 3); // 5
        grow(tree, 1, MoveKind::Tune, 5); // 6
        grow(tree, 1, MoveKind::Tune, 4); // 7: slower than what tuning found before
        tree.add(8, 1, MoveKind::Tune);
        tree.setUncounted(8); // lost to the machinery
        for (const CandidateId id : {0, 1, 2}) {
            const TreeNode &a = tree.node(id), &b = tunedFromTheStart.node(id);
            QCOMPARE(a.visits, b.visits);
            QCOMPARE(a.inFlight, b.inFlight);
            QCOMPARE(a.children, b.children);
            QVERIFY(std::abs(a.totalReward - b.totalReward) < 1e-12);
            QVERIFY(std::abs(a.maxReward - b.maxReward) < 1e-12);
        }
        QCOMPARE(tree.node(1).atItsBest(), CandidateId(6));
        QCOMPARE(tree.node(1).reward, adaExploreReward(true, true, 2));
        for (int step = 1; step <= 200; ++step) {
            const Move move = nextMove(tree, {}, 5, step), other = nextMove(tunedFromTheStart, {}, 5, step);
            QCOMPARE(move.parent, other.parent);
            QCOMPARE(move.kind, other.kind);
            QCOMPARE(move.context.size(), other.context.size());
            for (size_t i = 0; i < move.context.size(); ++i) {
                const CandidateId shown = other.context[i].id == 1 ? 6 : other.context[i].id;
                QCOMPARE(move.context[i].id, shown);
            }
        }
        grow(tree, 6, MoveKind::Edit, 2); // 9: a person went on from what tuning found
        QCOMPARE(tree.node(9).parent, CandidateId(1));
    }

    // In a search

    void aDeviceThatOnlyWaitsForAnswersTunesUntilThereIsNothingBetter()
    {
        const auto evaluator = scripted(1, fasterWithVec);
        LateProposer *late = nullptr;
        LateSearch search = beginLate(path(), configOf(2), evaluator, 1,
                                      [&late](const Session &session, const ProposalJob &job) {
                                          if (job.step == 2)
                                              late->hold();
                                          return tunable(session, job);
                                      });
        late = search.proposer;
        search.engine->start();
        // VEC 2, 4, 8, and beside the fastest UNROLL 2; then every neighbour is known.
        QTRY_COMPARE(tuningsOf(search.engine->session()).size(), size_t(4));
        QTRY_VERIFY(search.engine->session().pending().empty());
        const Session waiting = search.engine->session();
        QCOMPARE(tuningsOf(waiting)[2].candidate.parameters, set(8, 1));
        QCOMPARE(waiting.best, tuningsOf(waiting)[2].candidate.id);
        QTRY_COMPARE(search.engine->session().confirmedBest, waiting.best);
        QCOMPARE(waiting.stepsDone, 1);
        search.proposer->hold(false);
        QVERIFY(search.engine->wait());
        const Session session = search.engine->session();
        expectEachStepOnce(session, 2);
        expectAudited(session);
        const auto report = auditSession(session, session.config.constants);
        QVERIFY(report->tuningMatches.compared >= 4);
    }

    void aCandidateThatWaitsGoesBeforeTuning()
    {
        const auto evaluator = scripted(1, fasterWithVec);
        LateSearch search = beginLate(path(), configOf(6), evaluator, 3, tunable);
        search.proposer->hold();
        evaluator->hold();
        search.engine->start();
        QVERIFY(search.proposer->waitForSteps(3));
        search.proposer->hold(false);
        QVERIFY(evaluator->waitForRequests(1));
        search.proposer->hold(); // three answers came, or are about to: more are asked for
        evaluator->releaseAll();
        search.proposer->hold(false);
        QVERIFY(search.engine->wait());
        const Session session = loaded(path());
        expectEachStepOnce(session, 6);
        expectAudited(session);
        // At no place of the log did tuning begin while a candidate of the search's waited.
        std::set<CandidateId> waiting;
        int inFlight = 0;
        for (const TreeChange &change : treeChanges(session)) {
            const bool isTuning =
                change.id != 0 && session.nodes[size_t(change.id)].candidate.kind == MoveKind::Tune;
            if (change.kind == TreeChange::Kind::Proposed) {
                QVERIFY(!isTuning || waiting.empty());
                QVERIFY(!isTuning || ++inFlight == 1); // one evaluation a device
                if (!isTuning)
                    waiting.insert(change.id);
            } else if (change.kind == TreeChange::Kind::Evaluated) {
                waiting.erase(change.id);
                inFlight -= isTuning ? 1 : 0;
            }
        }
    }

    void whereItIsSwitchedOffNothingIsTuned()
    {
        SearchConfig config = configOf(4);
        config.tuneWhenIdle = false;
        LateSearch search = beginLate(path(), config, scripted(2, fasterWithVec), 2, tunable);
        search.engine->start();
        QVERIFY(search.engine->wait());
        QVERIFY(tuningsOf(loaded(path())).empty());
        QVERIFY(!loaded(path()).config.tuneWhenIdle);
    }

    void aLimitOfTimeHoldsForTuningToo()
    {
        const auto evaluator = scripted(1, fasterWithVec);
        LateProposer *late = nullptr;
        const auto script = [&](const Session &session, const ProposalJob &job) {
            if (job.step == 2) { // from here on the device only waits
                late->hold();
                evaluator->hold();
            }
            return tunable(session, job);
        };
        SearchConfig config = configOf(2);
        config.confirmBest = false;
        LateSearch search = beginLate(path(), config, evaluator, 1, script);
        late = search.proposer;
        search.engine->start();
        QTRY_COMPARE(tuningsOf(search.engine->session()).size(), size_t(1));
        search.engine->setBudget(2, 1e-9, 0);
        QTRY_COMPARE(search.engine->session().config.seconds, 1e-9);
        evaluator->releaseAll();
        QTRY_VERIFY(search.engine->session().pending().empty());
        search.proposer->hold(false);
        QVERIFY(search.engine->wait());
        QCOMPARE(tuningsOf(search.engine->session()).size(), size_t(1));
    }

    void aPausedSearchTunesNothing()
    {
        const auto evaluator = scripted(1, fasterWithVec);
        LateSearch search = beginLate(path(), configOf(3), evaluator, 1, tunable);
        search.engine->start(true);
        QTRY_COMPARE(search.engine->state(), EngineState::Paused);
        search.engine->step();
        QTRY_VERIFY(search.engine->session().nodes.size() == 2
                    && search.engine->session().nodes[1].evaluation);
        search.proposer->hold();
        search.engine->step();
        QVERIFY(search.proposer->waitForSteps(2));
        QTest::qWait(20);
        QVERIFY(tuningsOf(search.engine->session()).empty());
        search.proposer->hold(false);
        search.engine->resume();
        QVERIFY(search.engine->wait());
    }

    void afterAKillTuningGoesOnWhereItWas()
    {
        std::vector<std::string> images;
        {
            EngineListener listener;
            listener.onEvent = [&](const Event &event) {
                const std::string image = path("killed-" + std::to_string(event.seq));
                fs::copy_file(path(), image);
                fs::copy_file(path() + "-wal", image + "-wal");
                images.push_back(image);
            };
            LateSearch search =
                beginLate(path(), configOf(4), scripted(1, fasterWithVec), 2, tunable, std::move(listener));
            search.engine->start();
            QVERIFY(search.engine->wait());
        }
        for (const std::string &image : images) {
            const Session before = loaded(image);
            LateSearch search = resumeLate(image, scripted(1, fasterWithVec), 2, tunable);
            search.engine->start();
            QVERIFY(search.engine->wait());
            const Session after = loaded(image);
            expectEachStepOnce(after, 4);
            expectAudited(after);
            for (size_t i = 1; i < before.nodes.size(); ++i)
                QCOMPARE(after.nodes[i].candidate.contentHash(), before.nodes[i].candidate.contentHash());
        }
    }

    void tuningThatDoesNotFollowFromTheLogIsNoticed()
    {
        Past past;
        const CandidateId fast = past.add(kFast, set(1, 1), 2);
        past.add(kFast, set(2, 1), 3, MoveKind::Tune, fast);
        const auto honest = auditSession(past.session(), {});
        QCOMPARE(honest->tuningMatches.compared, 1);
        QCOMPARE(honest->tuningMatches.matched, 1);
        past.add(kFast, set(1, 2), 3, MoveKind::Tune, fast);
        const auto forged = auditSession(past.session(), {});
        QCOMPARE(forged->tuningMatches.compared, 2);
        QCOMPARE(forged->tuningMatches.matched, 1);
    }

private:
    std::string path(const std::string &name = "s") const
    {
        return m_folder->filePath(QString::fromStdString(name)).toStdString();
    }
    std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_GUILESS_MAIN(TestTuning)
#include "tst_tuning.moc"
