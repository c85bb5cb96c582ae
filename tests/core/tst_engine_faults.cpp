// SPDX-License-Identifier: GPL-3.0-or-later
// Kills, faults of devices and proposers, a full disk.
#include "core/search/PolicyReplay.h"
#include "tests/core/EngineFixtures.h"
#include "tests/core/FixedProposer.h"

#include <QTest>

#include <csignal>
#include <filesystem>
#include <set>
#include <sys/resource.h>

using namespace ww;
using namespace ww::fixtures;
namespace fs = std::filesystem;

namespace {

/// Answers after a time that differs from candidate to candidate, so that results come out of order.
Result<Evaluation> madeUpSlowly(const EvaluateRequest &request)
{
    const auto wait = static_cast<int>(fixtures::madeUpSpeedup(request) * 1000) % 7;
    std::this_thread::sleep_for(std::chrono::milliseconds(wait));
    return fixtures::madeUp(request);
}

} // namespace

class TestEngineFaults : public QObject {
    Q_OBJECT

private slots:
    void init() { m_sessions = std::make_unique<SearchFolder>(); }

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
    std::unique_ptr<SearchFolder> m_sessions;
};

void TestEngineFaults::afterAKillNothingIsLostAndNoStepDoneTwice_data()
{
    QTest::addColumn<int>("capacity");
    QTest::newRow("one slot") << 1;
    QTest::newRow("three slots") << 3;
}

void TestEngineFaults::afterAKillNothingIsLostAndNoStepDoneTwice()
{
    QFETCH(int, capacity);
    // What a kill would leave at each event: the file and its log, copied before the engine goes on.
    std::vector<std::string> images;
    {
        Witness witness;
        witness.onEvent = [&](const Event &event) {
            const std::string image = m_sessions->path("killed-" + std::to_string(event.seq));
            fs::copy_file(m_sessions->path(), image);
            fs::copy_file(m_sessions->path() + "-wal", image + "-wal");
            images.push_back(image);
        };
        const auto engine = m_sessions->engineFor(configOf(8), scripted(capacity, madeUpSlowly), witness);
        engine->start();
        QVERIFY(engine->wait());
    }
    QVERIFY(images.size() >= 18);
    for (const std::string &image : images) {
        const Session before = loaded(image);
        Witness witness;
        const auto engine = SearchFolder::resumed(image, scripted(capacity), witness);
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

void TestEngineFaults::aConfirmationCutOffIsMadeUp()
{
    std::string image;
    {
        Witness witness;
        witness.onEvent = [&](const Event &event) {
            // Killed when the last result is in and its confirmation is not.
            const auto *finished = std::get_if<EvaluationFinished>(&event.body);
            if (finished && finished->id == 3 && !finished->confirmation) {
                image = m_sessions->path("killed");
                fs::copy_file(m_sessions->path(), image);
                fs::copy_file(m_sessions->path() + "-wal", image + "-wal");
            }
        };
        const auto rising = [](const EvaluateRequest &request) {
            return passed(1 + std::stod(request.candidate.name.substr(1)));
        };
        const auto engine = m_sessions->engineFor(configOf(3), scripted(1, rising), witness);
        engine->start();
        QVERIFY(engine->wait());
    }
    QCOMPARE(loaded(image).confirmedBest, CandidateId(2));
    Witness witness;
    const auto evaluator = scripted(1, [](const EvaluateRequest &) { return passed(4); });
    const auto engine = SearchFolder::resumed(image, evaluator, witness);
    engine->start();
    QVERIFY(engine->wait());
    QCOMPARE(engine->session().confirmedBest, CandidateId(3));
    QCOMPARE(evaluator->requests().size(), size_t(1));
    QVERIFY(evaluator->requests()[0].freshRunner);
}

void TestEngineFaults::oneInfrastructureFaultIsNotHeldAgainstTheCandidate()
{
    std::atomic<int> count = 0;
    const auto flaky = [&count](const EvaluateRequest &request) -> Result<Evaluation> {
        const int number = ++count;
        if (number == 3)
            return failure(ErrorCode::Infrastructure, "worker opencl:0", "it died");
        if (number == 5)
            return failed(Verdict::InfraError, "the driver was reset");
        return madeUp(request);
    };
    SearchConfig config = configOf(10);
    config.confirmBest = false;
    const Session session = m_sessions->searched(config, scripted(1, flaky));
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

void TestEngineFaults::threeInARowEndTheSearchWithARemedy()
{
    for (const int capacity : {1, 4}) {
        const std::string name = "infra" + std::to_string(capacity);
        Witness witness;
        const auto engine = m_sessions->engineFor(configOf(20),
                                                  scripted(capacity,
                                                           [](const EvaluateRequest &) -> Result<Evaluation> {
                                                               return failure(ErrorCode::Infrastructure,
                                                                              "worker opencl:0", "it died");
                                                           }),
                                                  witness, name);
        engine->start();
        const Status status = engine->wait();
        QVERIFY(!status);
        QCOMPARE(status.error().code, ErrorCode::Infrastructure);
        QVERIFY(status.error().message().find("doctor") != std::string::npos);
        QVERIFY(status.error().message().find("it died") != std::string::npos);
        const Session session = loaded(m_sessions->path(name));
        QCOMPARE(session.stopReason, std::string("error"));
        QVERIFY(session.nodes.size() <= size_t(3 + capacity));
        // With the device repaired it goes on.
        Witness later;
        const auto again = SearchFolder::resumed(m_sessions->path(name), scripted(capacity), later);
        again->setBudget(8, 0, 0);
        again->start();
        QVERIFY(again->wait());
        QCOMPARE(again->session().stepsDone, 8);
    }
}

void TestEngineFaults::lostDevicesEndTheSearchWithARemedy()
{
    Witness witness;
    const auto evaluator = scripted();
    evaluator->lose();
    const auto engine = m_sessions->engineFor(configOf(20), evaluator, witness);
    engine->start();
    const Status status = engine->wait();
    QVERIFY(!status);
    QVERIFY(status.error().message().find("No device is left") != std::string::npos);
}

void TestEngineFaults::aFailingProposerEndsTheSearch()
{
    Witness witness;
    auto broken =
        std::make_unique<FixedProposer>([](const Move &, int step) -> Result<std::optional<Proposal>> {
            if (step == 3)
                return failure(ErrorCode::Infrastructure, "the model does not answer", "connection refused");
            return Proposal {"source " + std::to_string(step), {}, "fine", "fixed"};
        });
    const auto engine = m_sessions->engineFor(configOf(9), scripted(2), witness, "s", std::move(broken));
    engine->start();
    const Status status = engine->wait();
    QVERIFY(!status);
    QVERIFY(status.error().message().find("connection refused") != std::string::npos);
    const Session session = loaded(m_sessions->path());
    QCOMPARE(session.stopReason, std::string("error"));
    QVERIFY(session.stopDetail.find("connection refused") != std::string::npos);
    QCOMPARE(session.nodes.size(), size_t(3));
}

void TestEngineFaults::aFullDiskEndsTheSearchAndKeepsWhatWasAccepted()
{
    Witness witness;
    const auto logging = [](const EvaluateRequest &request) {
        Evaluation evaluation = passed(1 + std::stod(request.candidate.name.substr(1)));
        evaluation.buildLog = request.id + std::string(30'000, 'l'); // fills the disk soon
        return evaluation;
    };
    const auto engine = m_sessions->engineFor(configOf(15), scripted(1, logging), witness);
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
    const auto reader = Journal::openForReading(m_sessions->path());
    QVERIFY(reader);
    const auto events = (*reader)->read();
    QVERIFY(events);
    size_t stored = 0;
    for (const Event &event : *events)
        stored += std::holds_alternative<EvaluationFinished>(event.body) ? 1 : 0;
    QCOMPARE(stored, told);
}

void TestEngineFaults::sessionsWithUnusableConstantsAreRefused()
{
    SearchConfig config;
    config.constants.c = std::nan("");
    QVERIFY(!createSession(m_sessions->path(), doubling(), config));
    config = {};
    config.constants.alpha = -1;
    QVERIFY(!createSession(m_sessions->path(), doubling(), config));
    config = {};
    config.policy = "coin-toss";
    const auto unknown = createSession(m_sessions->path(), doubling(), config);
    QVERIFY(!unknown);
    QVERIFY(unknown.error().message().find("adaexplore") != std::string::npos);
    config = {};
    config.proposer = "oracle";
    QVERIFY(!createSession(m_sessions->path(), doubling(), config));
    QVERIFY(!fs::exists(m_sessions->path())); // nothing is left behind
}

QTEST_GUILESS_MAIN(TestEngineFaults)
#include "tst_engine_faults.moc"
