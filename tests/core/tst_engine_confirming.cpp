// SPDX-License-Identifier: GPL-3.0-or-later
// Each new best is measured again.
#include "core/search/PolicyReplay.h"
#include "tests/core/EngineFixtures.h"

#include <QTest>

#include <set>

using namespace ww;
using namespace ww::fixtures;

class TestEngineConfirming : public QObject {
    Q_OBJECT

private slots:
    void init() { m_sessions = std::make_unique<SearchFolder>(); }

    void eachNewBestIsConfirmedOnNewDataInAFreshProcess();
    void confirmationsChangeNoReward();
    void aRefutedBestDoesNotStandInTheWay();
    void withoutConfirmationNothingIsMeasuredTwice();

private:
    std::unique_ptr<SearchFolder> m_sessions;
};

void TestEngineConfirming::eachNewBestIsConfirmedOnNewDataInAFreshProcess()
{
    const auto evaluator = scripted();
    const Session session = m_sessions->searched(configOf(12), evaluator);
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

void TestEngineConfirming::confirmationsChangeNoReward()
{
    const Session with = m_sessions->searched(configOf(12), scripted(), "with");
    SearchConfig config = configOf(12);
    config.confirmBest = false;
    const Session without = m_sessions->searched(config, scripted(), "without");
    QCOMPARE(movesOf(with), movesOf(without));
    const SearchTree first = treeOf(with), second = treeOf(without);
    QCOMPARE(first.node(0).visits, 12);
    QCOMPARE(first.node(0).totalReward, second.node(0).totalReward);
}

void TestEngineConfirming::aRefutedBestDoesNotStandInTheWay()
{
    // The second candidate is measured 50× at first and never again; later ones are honest.
    int number = 0;
    const auto script = [&number](const EvaluateRequest &request) {
        if (request.candidate.name == "#2")
            return request.freshRunner ? passed(1.0) : passed(50);
        number += request.freshRunner ? 0 : 1;
        return passed(1.5 + 0.1 * std::stod(request.candidate.name.substr(1)));
    };
    const Session session = m_sessions->searched(configOf(8), scripted(1, script));
    QCOMPARE(session.best, CandidateId(2)); // by first measurement
    QVERIFY(!session.nodes[2].refutation().empty());
    QCOMPARE(session.confirmedBest, CandidateId(8));
    QCOMPARE(session.nodes[8].confirmation->speedupRatio(), 2.3);
}

void TestEngineConfirming::withoutConfirmationNothingIsMeasuredTwice()
{
    SearchConfig config = configOf(10);
    config.confirmBest = false;
    const auto evaluator = scripted();
    const Session session = m_sessions->searched(config, evaluator);
    QCOMPARE(evaluator->requests().size(), size_t(10));
    QCOMPARE(session.confirmedBest, CandidateId(0));
}

QTEST_GUILESS_MAIN(TestEngineConfirming)
#include "tst_engine_confirming.moc"
