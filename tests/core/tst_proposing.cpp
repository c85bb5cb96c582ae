// SPDX-License-Identifier: GPL-3.0-or-later
// Proposers that need time: several steps asked for at once, stops, kills, outages.
#include "core/search/AdaExplore.h"
#include "core/search/PolicyReplay.h"
#include "core/search/Replay.h"
#include "tests/core/EngineFixtures.h"

#include <QTemporaryDir>
#include <QTest>

#include <filesystem>
#include <set>

using namespace ww;
using namespace ww::fixtures;
using NoKind = NoProposal::Kind;
namespace fs = std::filesystem;

namespace {

/// Every candidate is another one, whatever is asked.
ProposalOutcome somethingNew(const Session &, const ProposalJob &job)
{
    return Proposal {kernelText("k" + std::to_string(job.step), ""), {}, "made up", "late"};
}

ProposalOutcome nothing(NoKind kind, const std::string &why)
{
    return tl::make_unexpected(NoProposal {kind, {ErrorCode::Infrastructure, why, "", "", ""}});
}

} // namespace

class TestProposing : public QObject {
    Q_OBJECT

private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void whatWaitsForADeviceIsToldBeforehand()
    {
        const auto evaluator = scripted();
        evaluator->hold();
        LateSearch search = begin(configOf(8), evaluator, 4, somethingNew);
        search.engine->start();
        QTRY_COMPARE(evaluator->prepared().size(), size_t(3)); // one is on the device
        QCOMPARE(evaluator->requests().size(), size_t(1));
        evaluator->releaseAll();
        QVERIFY(search.engine->wait());
        std::map<std::string, EvaluateRequest> told;
        for (const EvaluateRequest &request : evaluator->prepared())
            QVERIFY(told.emplace(request.id, request).second);
        size_t came = 0;
        for (const EvaluateRequest &request : evaluator->requests()) {
            const auto known = told.find(request.id);
            if (known == told.end())
                continue;
            ++came;
            // What is compiled depends on these: shapes are drawn from the seed.
            QCOMPARE(known->second.candidate.source, request.candidate.source);
            QCOMPARE(known->second.candidate.parameters, request.candidate.parameters);
            QCOMPARE(known->second.seed, request.seed);
            QVERIFY(!request.freshRunner);
        }
        QCOMPARE(came, told.size());
    }

    void stepsAreAskedForTogether()
    {
        LateSearch search = begin(configOf(12), scripted(), 4, somethingNew);
        search.proposer->hold();
        search.engine->start();
        QVERIFY(search.proposer->waitForSteps(4));
        QTest::qWait(20);
        QCOMPARE(search.proposer->steps(), (std::vector<int> {1, 2, 3, 4})); // no more than it can take
        QCOMPARE(search.engine->session().openSteps(), (std::vector<int> {1, 2, 3, 4}));
        search.proposer->hold(false);
        QVERIFY(search.engine->wait());
        const Session session = search.engine->session();
        QCOMPARE(session.stepsDone, 12);
        QCOMPARE(session.nodes.size(), size_t(13));
        QVERIFY(session.pending().empty() && session.openSteps().empty());
        QCOMPARE(session.stopReason, std::string("steps"));
        expectAudited(session);
        const Session stored = loaded(path());
        QCOMPARE(movesOf(stored), movesOf(session));
        QCOMPARE(stored.decisions.size(), size_t(12));
    }

    void parallelStepsSpread()
    {
        // Two kernels that are equally good: steps that are asked for together must not all go to one.
        LateSearch search = begin(configOf(8), scripted(2, [](const EvaluateRequest &) { return passed(2); }),
                                  2, somethingNew);
        search.engine->start();
        QVERIFY(search.engine->wait());
        SearchTree tree = treeOf(search.engine->session());
        const AdaExploreConstants constants;
        std::set<CandidateId> chosen;
        for (int i = 0; i < 6; ++i) {
            const CandidateId at = selectNode(tree, constants);
            chosen.insert(at);
            tree.await(at, MoveKind::Small);
        }
        QVERIFY(chosen.size() > 1);
    }

    void oneAtATimeIsThePublishedSearch_data()
    {
        QTest::addColumn<qulonglong>("seed");
        for (const qulonglong seed : {1, 2, 3})
            QTest::addRow("seed %d", int(seed)) << seed;
    }
    void oneAtATimeIsThePublishedSearch()
    {
        QFETCH(qulonglong, seed);
        SearchConfig config = configOf(14, seed);
        config.tuneWhenIdle = false; // which the published search has no notion of
        const std::shared_ptr<Proposer> catalogue = makeCatalogueProposer();
        LateSearch late = begin(
            config, scripted(), 1,
            [catalogue](const Session &session, const ProposalJob &job) {
                return answerOf(*catalogue, session, job);
            },
            "late");
        late.engine->start();
        QVERIFY(late.engine->wait());
        auto journal = createSession(path("at once"), doubling(), config);
        Session session = *(*journal)->load();
        Engine atOnce(std::move(*journal), std::move(session), makeCatalogueProposer(), scripted(), {});
        atOnce.start();
        QVERIFY(atOnce.wait());
        QCOMPARE(movesOf(late.engine->session()), movesOf(atOnce.session()));
        expectAudited(late.engine->session());
    }

    void theOtherKindIsADecisionOfItsOwn()
    {
        LateSearch search =
            begin(configOf(20), scripted(2), 3, [](const Session &session, const ProposalJob &job) {
                return job.move.kind == MoveKind::Small ? nothing(NoKind::Nothing, "no small one")
                                                        : somethingNew(session, job);
            });
        search.engine->start();
        QVERIFY(search.engine->wait());
        const Session session = search.engine->session();
        QCOMPARE(session.nodes.size(), size_t(21));
        QVERIFY(session.decisions.size() > 20);
        expectAudited(session);
    }

    void answersWithoutACandidateEndTheSearchWithTheReason()
    {
        LateSearch search = begin(configOf(0), scripted(), 2, [](const Session &, const ProposalJob &) {
            return nothing(NoKind::Nothing, "it wrote a poem");
        });
        search.engine->start();
        QVERIFY(search.engine->wait());
        const Session session = search.engine->session();
        QCOMPARE(session.stopReason, std::string("exhausted"));
        QVERIFY2(session.stopDetail.find("it wrote a poem") != std::string::npos, session.stopDetail.c_str());
        QVERIFY(session.stepsDone >= 8 && session.stepsDone <= 10);
        QVERIFY(session.openSteps().empty());
    }

    void stopEndsWhatIsAskedForAndAResumeAsksAgain()
    {
        std::vector<Move> cutOff;
        {
            LateProposer *late = nullptr;
            LateSearch search =
                begin(configOf(10), scripted(), 4, [&late](const Session &session, const ProposalJob &job) {
                    if (job.step == 7)
                        late->hold();
                    return somethingNew(session, job);
                });
            late = search.proposer;
            search.engine->start();
            QVERIFY(search.proposer->waitForHeld(4));
            for (const int step : search.engine->session().openSteps())
                cutOff.push_back(search.engine->session().openDecision(step)->move);
            search.engine->stop();
            QVERIFY(search.engine->wait());
            QCOMPARE(search.engine->session().stopReason, std::string("user"));
        }
        QCOMPARE(loaded(path()).openSteps().size(), size_t(4));
        LateSearch search = resumeLate(path(), scripted(), 4, somethingNew);
        search.proposer->hold();
        search.engine->start();
        QVERIFY(search.proposer->waitForSteps(4));
        const std::vector<Move> again = search.proposer->moves();
        for (size_t i = 0; i < 4; ++i) {
            QCOMPARE(again[i].parent, cutOff[i].parent);
            QCOMPARE(again[i].kind, cutOff[i].kind);
        }
        search.proposer->hold(false);
        QVERIFY(search.engine->wait());
        expectEachStepOnce(search.engine->session(), 10);
        expectAudited(search.engine->session());
    }

    void afterAKillNothingIsLostAndNoStepDoneTwice()
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
            LateSearch search = begin(configOf(7), scripted(2), 3, somethingNew, "s", std::move(listener));
            search.engine->start();
            QVERIFY(search.engine->wait());
        }
        QVERIFY(images.size() > 20);
        for (const std::string &image : images) {
            const Session before = loaded(image);
            LateSearch search = resumeLate(image, scripted(2), 3, somethingNew);
            search.engine->start();
            QVERIFY(search.engine->wait());
            const Session after = loaded(image);
            expectEachStepOnce(after, 7);
            expectAudited(after);
            for (size_t i = 1; i < before.nodes.size(); ++i)
                QCOMPARE(after.nodes[i].candidate.contentHash(), before.nodes[i].candidate.contentHash());
        }
    }

    void anOutagePausesTheSearchAndSaysWhy()
    {
        std::atomic<bool> down = false;
        std::atomic<int> paused = 0;
        EngineListener listener;
        listener.onEvent = [&paused](const Event &event) {
            paused += std::holds_alternative<SearchPaused>(event.body) ? 1 : 0;
        };
        const auto script = [&down](const Session &session, const ProposalJob &job) {
            if (job.step > 4 && down)
                return nothing(NoKind::Unavailable, "the endpoint does not answer");
            return somethingNew(session, job);
        };
        down = true;
        LateSearch search = begin(configOf(9), scripted(), 3, script, "s", std::move(listener));
        search.engine->start();
        QTRY_COMPARE(search.engine->state(), EngineState::Paused);
        QTRY_COMPARE(search.engine->session().pending().size(), size_t(0));
        const Session waiting = search.engine->session();
        QVERIFY(waiting.pausedWhy.find("does not answer") != std::string::npos);
        QCOMPARE(loaded(path()).pausedWhy, waiting.pausedWhy);
        QCOMPARE(paused.load(), 1); // said once, though several steps failed
        QVERIFY(!waiting.openSteps().empty());
        QCOMPARE(waiting.nodes.size(), size_t(5));
        search.engine->resume(); // still down: it pauses again instead of running on
        QTRY_COMPARE(paused.load(), 2);
        down = false;
        search.engine->resume();
        QVERIFY(search.engine->wait());
        QVERIFY(search.proposer->goneOn >= 2);
        const Session session = search.engine->session();
        QVERIFY(session.pausedWhy.empty());
        expectEachStepOnce(session, 9);
        expectAudited(session);
    }

    void withoutMoneyTheSearchEndsAndCanGoOn()
    {
        {
            LateSearch search =
                begin(configOf(9), scripted(), 2, [](const Session &session, const ProposalJob &job) {
                    return job.step > 3 ? nothing(NoKind::OutOfMoney, "4.99 dollars are spent")
                                        : somethingNew(session, job);
                });
            search.engine->start();
            QVERIFY(search.engine->wait());
            QCOMPARE(search.engine->session().stopReason, std::string("money"));
            QVERIFY(search.engine->session().stopDetail.find("4.99") != std::string::npos);
            QCOMPARE(search.engine->session().nodes.size(), size_t(4));
        }
        LateSearch search = resumeLate(path(), scripted(), 2, somethingNew);
        search.engine->start();
        QVERIFY(search.engine->wait());
        expectEachStepOnce(search.engine->session(), 9);
    }

    void aFaultOfTheProposersEndsTheSearch()
    {
        LateSearch search =
            begin(configOf(9), scripted(), 3, [](const Session &session, const ProposalJob &job) {
                return job.step == 4 ? nothing(NoKind::Failed, "the prompt is gone")
                                     : somethingNew(session, job);
            });
        search.engine->start();
        const Status status = search.engine->wait();
        QVERIFY(!status);
        QVERIFY(status.error().message().find("the prompt is gone") != std::string::npos);
        QCOMPARE(loaded(path()).stopReason, std::string("error"));
    }

    void pauseLetsAnswersComeAndEvaluatesNothing()
    {
        const auto evaluator = scripted();
        LateSearch search = begin(configOf(9), evaluator, 3, somethingNew);
        search.proposer->hold();
        search.engine->start();
        QVERIFY(search.proposer->waitForSteps(3));
        search.engine->pause();
        QTRY_COMPARE(search.engine->state(), EngineState::Paused);
        search.proposer->hold(false);
        QTRY_COMPARE(search.engine->session().nodes.size(), size_t(4));
        QTest::qWait(20);
        QCOMPARE(evaluator->requests().size(), size_t(0));
        search.engine->resume();
        QVERIFY(search.engine->wait());
        expectEachStepOnce(search.engine->session(), 9);
    }

    void stepAsksForOneStepAndEvaluatesIt()
    {
        LateSearch search = begin(configOf(9), scripted(), 3, somethingNew);
        search.engine->start(true);
        QTRY_COMPARE(search.engine->state(), EngineState::Paused);
        search.engine->step();
        QTRY_VERIFY(search.engine->session().nodes.size() == 2
                    && search.engine->session().nodes[1].evaluation);
        QTRY_COMPARE(search.engine->state(), EngineState::Paused);
        QTest::qWait(20);
        QCOMPARE(search.proposer->steps().size(), size_t(1));
    }

    void aHintGoesIntoTheNextMoveFromItsNodeOnce()
    {
        LateSearch search = begin(configOf(3), scripted(), 1, somethingNew);
        search.engine->start(true);
        QTRY_COMPARE(search.engine->state(), EngineState::Paused);
        search.engine->setHint(0, "use tiles");
        search.engine->setHint(77, "nobody is there");
        QTRY_COMPARE(search.engine->session().nodes[0].hint, std::string("use tiles"));
        QCOMPARE(loaded(path()).nodes[0].hint, std::string("use tiles"));
        search.engine->step();
        QTRY_VERIFY(search.engine->session().nodes.size() == 2
                    && search.engine->session().nodes[1].evaluation);
        QCOMPARE(search.proposer->moves()[0].hint, std::string("use tiles"));
        QVERIFY(search.engine->session().nodes[0].hint.empty());
        search.engine->setHint(1, "unroll");
        search.engine->setHint(1, "");
        search.engine->resume();
        QVERIFY(search.engine->wait());
        QVERIFY(search.proposer->moves()[1].hint.empty());
        QCOMPARE(loaded(path()).nodes[1].move.hint, std::string("use tiles"));
    }

    void piecesOfAnswersAreToldWithTheirStep()
    {
        std::mutex mutex;
        std::set<int> steps;
        EngineListener listener;
        listener.onModelText = [&](int step, const std::string &piece) {
            const std::lock_guard lock(mutex);
            if (!piece.empty())
                steps.insert(step);
        };
        LateSearch search = begin(configOf(5), scripted(), 2, somethingNew, "s", std::move(listener));
        search.engine->start();
        QVERIFY(search.engine->wait());
        const std::lock_guard lock(mutex);
        QCOMPARE(steps, (std::set<int> {1, 2, 3, 4, 5}));
    }

    void aCatalogueSearchReplaysByteForByte()
    {
        auto journal = createSession(path(), doubling(), configOf(10));
        Session session = *(*journal)->load();
        {
            Engine engine(std::move(*journal), std::move(session), makeCatalogueProposer(), scripted(2), {});
            engine.start();
            engine.evaluateEdit(0, kernelText("mine", ""), {}, "my idea");
            QVERIFY(engine.wait());
        }
        const Result<ReplayReport> report = replaySession(path(), path("again"));
        QVERIFY2(report, report ? "" : report.error().message().c_str());
        QVERIFY2(report->difference.empty(), report->difference.c_str());
        QVERIFY(report->events > 20);
    }

private:
    std::string path(const std::string &name = "s") const
    {
        return m_folder->filePath(QString::fromStdString(name)).toStdString();
    }
    LateSearch begin(const SearchConfig &config, std::shared_ptr<Evaluator> evaluator, int capacity,
                     LateProposer::Script script, const std::string &name = "s",
                     EngineListener listener = {}) const
    {
        return beginLate(path(name), config, std::move(evaluator), capacity, std::move(script),
                         std::move(listener));
    }
    std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_GUILESS_MAIN(TestProposing)
#include "tst_proposing.moc"
