// SPDX-License-Identifier: GPL-3.0-or-later
// From core values to what the window shows. Uses the real journal with made-up evaluations.
#include "tests/gui/MadeUpSession.h"
#include "widgets/bridge/SearchRun.h"
#include "widgets/bridge/Views.h"
#include "widgets/inspector/InspectorText.h"

#include <QTemporaryDir>
#include <QTest>

using namespace ww::ui;
using ww::test::MadeUp;

Q_DECLARE_METATYPE(ww::Verdict)

class TestViews : public QObject {
    Q_OBJECT
private slots:
    void missingFilesAreErrorsWithARemedy()
    {
        const auto mirror = SessionMirror::read("/nowhere/at/all.wwsession");
        QVERIFY(!mirror);
        QVERIFY(!problemView(mirror.error()).what.isEmpty());
        QVERIFY(!findTask("no-such-task", "opencl"));
        QVERIFY(!findTask("/nowhere/at/all", "opencl"));
    }

    void filesOfStrangersAreRefused()
    {
        QTemporaryDir folder;
        const std::string path = folder.filePath(QStringLiteral("not-a-session.wwsession")).toStdString();
        QFile file(QString::fromStdString(path));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("this is no database");
        file.close();
        QVERIFY(!SessionMirror::read(path));
    }

    void everyVerdictHasAnOutcome_data()
    {
        QTest::addColumn<ww::Verdict>("verdict");
        QTest::addColumn<Outcome>("outcome");
        const std::pair<ww::Verdict, Outcome> expected[] = {
            {ww::Verdict::CompileError, Outcome::BuildError},
            {ww::Verdict::Rejected, Outcome::BuildError},
            {ww::Verdict::IncorrectShape, Outcome::Wrong},
            {ww::Verdict::IncorrectNumerical, Outcome::Wrong},
            {ww::Verdict::RewardHack, Outcome::Wrong},
            {ww::Verdict::NotReproduced, Outcome::Wrong},
            {ww::Verdict::RuntimeError, Outcome::Crashed},
            {ww::Verdict::Timeout, Outcome::Crashed},
            {ww::Verdict::ResourceLimit, Outcome::Crashed},
            {ww::Verdict::InfraError, Outcome::Fault},
            {ww::Verdict::InvalidReference, Outcome::Fault},
            {ww::Verdict::Passed, Outcome::NotFaster},
        };
        for (const auto &[verdict, outcome] : expected)
            QTest::newRow(ww::toString(verdict)) << verdict << outcome;
    }
    void everyVerdictHasAnOutcome()
    {
        QFETCH(ww::Verdict, verdict);
        QFETCH(Outcome, outcome);
        ww::Evaluation evaluation;
        evaluation.verdict = verdict;
        QCOMPARE(outcomeOf(evaluation), outcome);
    }

    void comparisonDecidesAmongCorrectOnes()
    {
        ww::RandomStream random(1, 0);
        QCOMPARE(outcomeOf(ww::test::passedEvaluation(MadeUp::Faster, 3, random)), Outcome::Faster);
        QCOMPARE(outcomeOf(ww::test::passedEvaluation(MadeUp::NotFaster, 0.7, random)), Outcome::NotFaster);
        QCOMPARE(outcomeOf(ww::test::passedEvaluation(MadeUp::Ambiguous, 1.01, random)), Outcome::Ambiguous);
    }

    void aSessionFileIsShownWhole()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("made-up.wwsession"));
        const ww::Status written = ww::test::writeMadeUpSession(path.toStdString(), 60);
        QVERIFY2(written, written ? "" : written.error().message().c_str());
        const auto mirror = SessionMirror::read(path.toStdString());
        QVERIFY(mirror);
        const QList<NodeView> nodes = mirror->nodes();
        QCOMPARE(nodes.size(), 61);
        const SummaryView summary = mirror->summary(path);
        QCOMPARE(summary.stepsDone, 60);
        QCOMPARE(summary.candidates, 60);
        QCOMPARE(summary.task, QStringLiteral("matmul"));
        QCOMPARE(summary.stopReason, QStringLiteral("steps"));
        QVERIFY(summary.cannotContinue.isEmpty());
        QVERIFY(summary.bestSpeedup.measured());
        int counted = 0;
        for (const int count : summary.counts)
            counted += count;
        QCOMPARE(counted, 60);
        double seconds = 0;
        for (const NodeView &node : nodes.mid(1)) {
            QVERIFY(node.parent < node.id);
            QVERIFY(node.seconds >= seconds);
            seconds = node.seconds;
        }
    }

    void aCandidateShowsItsOriginAndItsParent()
    {
        QTemporaryDir folder;
        const std::string path = folder.filePath(QStringLiteral("made-up.wwsession")).toStdString();
        QVERIFY(ww::test::writeMadeUpSession(path, 20));
        const auto mirror = SessionMirror::read(path);
        QVERIFY(mirror);
        const CandidateView start = mirror->candidate(0);
        QVERIFY(start.source.contains(QStringLiteral("__kernel")));
        QVERIFY(start.parentSource.isEmpty());
        for (CandidateId id = 1; id <= 20; ++id) {
            const CandidateView view = mirror->candidate(id);
            QVERIFY(!view.source.isEmpty());
            QVERIFY(!view.parentSource.isEmpty());
            QVERIFY(mirror->candidate(view.node.parent).children.contains(id));
            QCOMPARE(view.parameters.size(), view.plan.tunables.size());
        }
        QCOMPARE(mirror->candidate(9).node.human, true);
        QCOMPARE(mirror->candidate(999).node.id, kNoCandidate);
    }

    void theInspectorSaysWhatFailedAndNeverInterpretsIt()
    {
        CandidateView view;
        view.node.id = 4;
        view.node.outcome = Outcome::Wrong;
        ww::Evaluation evaluation = ww::test::failedEvaluation(MadeUp::Wrong);
        evaluation.message = "<b>bold</b> & <script>";
        evaluation.forPeople = {"data set 'shifted', seed 7", "--seed 7 --set shifted"};
        view.evaluation = evaluationView(evaluation);
        QCOMPARE(verdictHeadline(view), QStringLiteral("WRONG"));
        const QString html = inspectorHtml(view);
        QVERIFY(html.contains(QStringLiteral("&lt;script&gt;")));
        QVERIFY(!html.contains(QStringLiteral("<script>")));
        QVERIFY(html.contains(QStringLiteral("[4711] 0.25, expected 13.5")));
        QVERIFY(html.contains(QStringLiteral("data set")) && html.contains(QStringLiteral("seed 7")));
        const QString text = inspectorPlainText(view);
        QVERIFY(text.contains(QStringLiteral("evaluate … --seed 7 --set shifted")));
        QVERIFY(text.contains(QStringLiteral("stage correctness: failed")));
        QVERIFY(text.contains(QStringLiteral("99.21 %")));
    }

    void neitherARefutedNorASlowerCandidateIsBest()
    {
        QTemporaryDir folder;
        const std::string path = folder.filePath(QStringLiteral("refuted.wwsession")).toStdString();
        const auto task = ww::loadTask(std::string(WW_SOURCE_DIR) + "/kernels/matmul");
        QVERIFY(task);
        const auto journal = ww::Journal::create(path);
        QVERIFY(journal);
        const auto append = [&](ww::EventBody body) {
            return (*journal)->append(std::move(body)).has_value();
        };
        ww::RandomStream random(1, 0);
        QVERIFY(
            append(ww::SessionCreated {"x", "search", "test", std::make_shared<const ww::Task>(*task), {}}));
        QVERIFY(append(ww::RunStarted {{}, {}, false}));
        const auto evaluated = [&](ww::CandidateId id, MadeUp kind, double speedup) {
            ww::Candidate candidate;
            candidate.id = id;
            candidate.source = task->baseline.text;
            return append(ww::CandidateProposed {static_cast<int>(id), {}, candidate})
                && append(ww::EvaluationFinished {
                    id, false, ww::test::passedEvaluation(kind, speedup, random), {}});
        };
        QVERIFY(evaluated(1, MadeUp::NotFaster, 0.9));
        QCOMPARE(SessionMirror::read(path)->summary({}).best, kNoCandidate); // slower than the baseline
        QVERIFY(evaluated(2, MadeUp::Faster, 8));
        QVERIFY(evaluated(3, MadeUp::Faster, 2));
        QCOMPARE(SessionMirror::read(path)->summary({}).best, CandidateId {2});
        QVERIFY(append(ww::EvaluationFinished {
            2, true, ww::test::passedEvaluation(MadeUp::NotFaster, 0.9, random), {}}));
        const auto mirror = SessionMirror::read(path);
        QVERIFY(mirror);
        QCOMPARE(mirror->node(2).outcome, Outcome::Ambiguous);
        QCOMPARE(mirror->summary({}).best, CandidateId {3});
        QCOMPARE(verdictHeadline(mirror->candidate(2)), QStringLiteral("NOT CONFIRMED"));
        QVERIFY(verdictDetail(mirror->candidate(2)).contains(QStringLiteral("8.00×")));
    }

    void aConfirmedBestShowsBothMeasurements()
    {
        ww::RandomStream random(1, 0);
        CandidateView view;
        view.node.id = 3;
        view.node.outcome = Outcome::Faster;
        view.node.speedup = {10, 9.8, 10.2};
        view.node.confirmed = {9.7, 9.5, 9.9};
        view.evaluation = evaluationView(ww::test::passedEvaluation(MadeUp::Faster, 10, random));
        QCOMPARE(verdictHeadline(view), QStringLiteral("FASTER 9.70×"));
        QVERIFY(verdictDetail(view).contains(QStringLiteral("confirmed [9.50, 9.90]")));
        QVERIFY(verdictDetail(view).contains(QStringLiteral("10.0× [9.80, 10.2]")));
    }
};

QTEST_MAIN(TestViews)
#include "tst_views.moc"
