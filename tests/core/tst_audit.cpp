// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/journal/Import.h"
#include "core/search/AdaExplore.h"
#include "core/search/Audit.h"
#include "tests/core/SearchFixtures.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <map>

using namespace ww;

namespace {

/// A recorded run in a file, imported: ours from tests/data, the original's where they are at hand.
struct Recorded {
    const char *name;
    const char *file;
    int steps;
    int smallSteps;
};

const Recorded kOurs {"made here", WW_SOURCE_DIR "/tests/data/scripted-run.json.gz", 120, 87};
const Recorded kOriginals[] = {
    {"p29", WW_SOURCE_DIR "/../shared/data/adaexplore/kb-l2-p29-200.json.gz", 182, 115},
    {"p63", WW_SOURCE_DIR "/../shared/data/adaexplore/kb-l2-p63-200.json.gz", 200, 116},
};

/// Each file is imported once for all rows that look at it.
const Result<Session> &imported(const QString &file)
{
    static std::map<QString, Result<Session>> sessions;
    const auto found = sessions.find(file);
    if (found != sessions.end())
        return found->second;
    const auto import = [&file]() -> Result<Session> {
        const QTemporaryDir folder;
        const std::string session = folder.filePath(QStringLiteral("imported.wwsession")).toStdString();
        WW_TRY(const ImportReport report, importAdaExplore(file.toStdString(), session));
        WW_TRY(const std::unique_ptr<Journal> journal, Journal::openForReading(session));
        return journal->load();
    };
    return sessions.emplace(file, import()).first->second;
}

/// A session of ours whose moves the policy made, with `inFlight` candidates being evaluated at once.
Session searched(const SearchConfig &config, int steps, int inFlight)
{
    fixtures::SessionMaker maker;
    (void)maker.add(fixtures::created(config));
    (void)maker.add(RunStarted {{}, config, false});
    SearchTree tree;
    RandomStream speedups(config.seed, 1u << 20);
    std::vector<CandidateId> flying;
    for (int step = 1; step <= steps || !flying.empty();) {
        if (step <= steps && static_cast<int>(flying.size()) < inFlight) {
            const Move move = nextMove(tree, config.constants, config.seed, step);
            const auto id = static_cast<CandidateId>(maker.session.nodes.size());
            CandidateProposed event = fixtures::proposed(id, move.parent, step, move.kind);
            event.move = move;
            (void)maker.add(std::move(event));
            tree.add(id, move.parent, move.kind);
            flying.push_back(id);
            ++step;
            continue;
        }
        // Results come in any order.
        const size_t which = speedups.below(static_cast<uint32_t>(flying.size()));
        const CandidateId id = flying[which];
        flying.erase(flying.begin() + static_cast<std::ptrdiff_t>(which));
        const Evaluation evaluation = speedups.below(5) == 0
            ? fixtures::failed(Verdict::IncorrectNumerical)
            : fixtures::passed(0.5 + 5 * speedups.uniform(), 0);
        PolicyOutcome outcome {true, correct(evaluation.verdict), evaluation.speedupRatio(), 0};
        outcome.reward = adaExploreReward(true, outcome.correct, outcome.speedup, config.constants);
        tree.setOutcome(id, true, outcome.correct, outcome.speedup, outcome.reward);
        (void)maker.add(EvaluationFinished {id, false, evaluation, outcome});
    }
    return maker.session;
}

} // namespace

class TestAudit : public QObject {
    Q_OBJECT

private slots:
    void everyRecordedDecisionIsDerivedAgain_data();
    void everyRecordedDecisionIsDerivedAgain();
    void wrongConstantsClearlyFail_data();
    void wrongConstantsClearlyFail();
    void sessionsOfOursAreDerivedFromTheirSeed_data();
    void sessionsOfOursAreDerivedFromTheirSeed();
    void anotherSeedIsNoticed();
    void aForgedRewardIsNoticed();
    void aForgedContextIsNoticed();
    void aThirdSmallChildIsAViolation();
    void editsAndInfrastructureFaultsAreNoDecisions();
    void otherPoliciesAreRefused();
};

namespace {

void recordedRuns()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<int>("steps");
    QTest::addColumn<int>("smallSteps");
    QTest::newRow(kOurs.name) << QString::fromUtf8(kOurs.file) << kOurs.steps << kOurs.smallSteps;
    for (const Recorded &run : kOriginals)
        QTest::newRow(run.name) << QString::fromUtf8(run.file) << run.steps << run.smallSteps;
}

} // namespace

#define SKIP_WITHOUT(file)                                                                                   \
    if (!QFile::exists(file))                                                                                \
    QSKIP("The recorded run of the original lies outside the project and is not on this machine")

void TestAudit::everyRecordedDecisionIsDerivedAgain_data()
{
    recordedRuns();
}

void TestAudit::everyRecordedDecisionIsDerivedAgain()
{
    QFETCH(QString, file);
    QFETCH(int, steps);
    QFETCH(int, smallSteps);
    SKIP_WITHOUT(file);
    const Result<Session> &session = imported(file);
    QVERIFY2(session, session ? "" : session.error().message().c_str());
    const Result<AuditReport> report = auditSession(*session, AdaExploreConstants {});
    QVERIFY(report);
    QCOMPARE(report->rewardMatches.compared, steps);
    QCOMPARE(report->rewardMatches.matched, steps);
    QCOMPARE(report->selectMatches.compared, steps);
    QCOMPARE(report->selectMatches.matched, steps);
    QCOMPARE(report->contextMatches.compared, smallSteps);
    QCOMPARE(report->contextMatches.matched, smallSteps);
    QCOMPARE(report->kindRuleViolations, 0);
    QCOMPARE(report->steps.size(), size_t(steps));
}

void TestAudit::wrongConstantsClearlyFail_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<double>("c");
    QTest::addColumn<double>("alpha");
    QTest::addColumn<double>("ratio");
    QTest::addColumn<double>("mostMatched"); ///< share of parents that may still be met
    for (const Recorded &run : {kOurs, kOriginals[0], kOriginals[1]}) {
        const auto row = [&](const char *what, double c, double alpha, double ratio, double share) {
            QTest::addRow("%s, %s", run.name, what)
                << QString::fromUtf8(run.file) << c << alpha << ratio << share;
        };
        row("c = 0.25", 0.25, 0, 1, 0.93);
        row("alpha = 0.5", 0.3, 0.5, 1, 0.80);
        row("alpha = 1", 0.3, 1, 1, 0.80);
        row("ratio = 0.5", 0.3, 0, 0.5, 0.80);
    }
}

void TestAudit::wrongConstantsClearlyFail()
{
    QFETCH(QString, file);
    QFETCH(double, c);
    QFETCH(double, alpha);
    QFETCH(double, ratio);
    QFETCH(double, mostMatched);
    SKIP_WITHOUT(file);
    const Result<Session> &session = imported(file);
    QVERIFY2(session, session ? "" : session.error().message().c_str());
    AdaExploreConstants constants;
    constants.c = c;
    constants.alpha = alpha;
    constants.expandRatio = ratio;
    const Result<AuditReport> report = auditSession(*session, constants);
    QVERIFY(report);
    const AuditCount &parents = report->selectMatches;
    QVERIFY2(parents.matched < mostMatched * parents.compared,
             qPrintable(QStringLiteral("%1 of %2").arg(parents.matched).arg(parents.compared)));
    // The reward has nothing to do with these constants.
    QCOMPARE(report->rewardMatches.matched, report->rewardMatches.compared);
}

void TestAudit::sessionsOfOursAreDerivedFromTheirSeed_data()
{
    QTest::addColumn<int>("inFlight");
    QTest::addColumn<bool>("logReward");
    QTest::newRow("one at a time") << 1 << false;
    QTest::newRow("four in flight") << 4 << false;
    QTest::newRow("log rewards") << 2 << true;
}

void TestAudit::sessionsOfOursAreDerivedFromTheirSeed()
{
    QFETCH(int, inFlight);
    QFETCH(bool, logReward);
    SearchConfig config;
    config.seed = 42;
    config.constants.logReward = logReward;
    const Session session = searched(config, 150, inFlight);
    const Result<AuditReport> report = auditSession(session, config.constants);
    QVERIFY(report);
    QCOMPARE(report->rewardMatches.matched, 150);
    QCOMPARE(report->selectMatches.matched, 150);
    QCOMPARE(report->contextMatches.compared, 150);
    QCOMPARE(report->contextMatches.matched, 150);
    QCOMPARE(report->kindRuleViolations, 0);

    AdaExploreConstants wrong = config.constants;
    wrong.c = 0.25;
    QVERIFY(auditSession(session, wrong)->selectMatches.matched < 140);
}

void TestAudit::anotherSeedIsNoticed()
{
    SearchConfig config;
    Session session = searched(config, 150, 1);
    session.config.seed = 2;
    const Result<AuditReport> report = auditSession(session, config.constants);
    QCOMPARE(report->selectMatches.matched, 150); // which node is no matter of chance …
    QCOMPARE(report->kindMatches.compared, 150);
    QVERIFY(report->kindMatches.matched < 140); // … which kind of step is
    session.config.seed = config.seed;
    QCOMPARE(auditSession(session, config.constants)->kindMatches.matched, 150);
}

void TestAudit::aForgedRewardIsNoticed()
{
    SearchConfig config;
    Session session = searched(config, 40, 1);
    session.nodes[17].outcome->reward += 1e-6;
    const Result<AuditReport> report = auditSession(session, config.constants);
    QCOMPARE(report->rewardMatches.matched, 39);
    QVERIFY(!report->steps[16].rewardOk);
    QVERIFY(report->steps[15].rewardOk);
}

void TestAudit::aForgedContextIsNoticed()
{
    SearchConfig config;
    Session session = searched(config, 40, 1);
    size_t forged = 0;
    for (size_t i = 1; i < session.nodes.size() && forged == 0; ++i) {
        if (session.nodes[i].move.context.size() > 1)
            forged = i;
    }
    QVERIFY(forged > 0);
    session.nodes[forged].move.context.pop_back();
    const Result<AuditReport> report = auditSession(session, config.constants);
    QCOMPARE(report->contextMatches.matched, 39);
    QVERIFY(!report->steps[forged - 1].contextOk);
}

void TestAudit::aThirdSmallChildIsAViolation()
{
    fixtures::SessionMaker maker;
    QVERIFY(maker.add(fixtures::created()));
    QVERIFY(maker.add(fixtures::proposed(1, 0, 1, MoveKind::Large)));
    QVERIFY(maker.add(EvaluationFinished {1, false, fixtures::passed(2), {}}));
    for (CandidateId id = 2; id <= 4; ++id) {
        QVERIFY(maker.add(fixtures::proposed(id, 1, static_cast<int>(id), MoveKind::Small)));
        QVERIFY(maker.add(EvaluationFinished {id, false, fixtures::passed(2), {}}));
    }
    QVERIFY(maker.add(fixtures::proposed(5, 0, 5, MoveKind::Small)));
    const Result<AuditReport> report = auditSession(maker.session, {});
    QCOMPARE(report->kindRuleViolations, 2);
    QVERIFY(report->steps[2].kindRuleOk);
    QVERIFY(!report->steps[3].kindRuleOk);
    QVERIFY(!report->steps[4].kindRuleOk);
}

void TestAudit::editsAndInfrastructureFaultsAreNoDecisions()
{
    fixtures::SessionMaker maker;
    QVERIFY(maker.add(fixtures::created()));
    QVERIFY(maker.add(fixtures::proposed(1, 0, 1, MoveKind::Large)));
    QVERIFY(maker.add(EvaluationFinished {1, false, fixtures::failed(Verdict::InfraError), {}}));
    QVERIFY(maker.add(fixtures::proposed(2, 1, 0, MoveKind::Edit)));
    QVERIFY(maker.add(EvaluationFinished {2, false, fixtures::passed(2), {}}));
    const Result<AuditReport> report = auditSession(maker.session, {});
    QCOMPARE(report->selectMatches.compared, 1);
    QCOMPARE(report->rewardMatches.compared, 0);
}

void TestAudit::otherPoliciesAreRefused()
{
    fixtures::SessionMaker maker;
    SearchConfig config;
    config.policy = "coin-toss";
    QVERIFY(maker.add(fixtures::created(config)));
    const Result<AuditReport> report = auditSession(maker.session, {});
    QVERIFY(!report);
    QCOMPARE(report.error().code, ErrorCode::Unsupported);
    QVERIFY(report.error().message().find("coin-toss") != std::string::npos);
}

QTEST_APPLESS_MAIN(TestAudit)
#include "tst_audit.moc"
