// SPDX-License-Identifier: GPL-3.0-or-later
// The real window over the real engine and the real OpenCL worker: skipped where that is not built.
#include "tests/gui/WindowUnderTest.h"
#include "widgets/editor/KernelEditor.h"
#include "widgets/models/CandidateModel.h"
#include "widgets/models/Selection.h"

#include <QAbstractButton>
#include <QComboBox>
#include <QFileInfo>
#include <QLabel>
#include <QMessageBox>
#include <QSignalSpy>
#include <QSpinBox>

using namespace ww::ui;

namespace {
constexpr int kPatience = 120'000; // ms; other work may share the machine
}

class TestLiveSearch : public QObject {
    Q_OBJECT
private:
    ww::test::PrivateHome m_home;
    std::unique_ptr<MainWindow> m_window;

    SearchController *controller() { return m_window->controller(); }
    int evaluated()
    {
        int count = 0;
        for (CandidateId id = 1; id < m_window->model()->count(); ++id)
            count += m_window->model()->node(id).outcome != Outcome::Running;
        return count;
    }
    void startSearch(int steps)
    {
        StartRequest request;
        request.settings.task = QStringLiteral("transpose");
        request.settings.steps = steps;
        request.settings.seed = 3;
        request.taskGiven = true;
        request.search = true;
        m_window->begin(request);
        QTRY_COMPARE_WITH_TIMEOUT(controller()->state(), RunState::Running, kPatience);
    }

private slots:
    void initTestCase()
    {
        if (!QFileInfo(QCoreApplication::applicationDirPath() + QStringLiteral("/warpwright-worker-opencl"))
                 .isExecutable())
            QSKIP("the OpenCL worker is not part of this build");
        qputenv("WARPWRIGHT_KERNELS", WW_SOURCE_DIR "/kernels");
    }
    void init()
    {
        m_window = std::make_unique<MainWindow>();
        m_window->resize(1280, 720);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    }
    void cleanup() { m_window.reset(); }

    void anUnknownDeviceOrTaskIsReportedInPlace()
    {
        QSignalSpy failed(controller(), &SearchController::failed);
        SearchSettings settings;
        settings.task = QStringLiteral("transpose");
        settings.device = QStringLiteral("opencl:987");
        controller()->startSearch(settings);
        QTRY_COMPARE_WITH_TIMEOUT(failed.count(), 1, kPatience);
        QCOMPARE(controller()->state(), RunState::Empty);
        settings.device.clear();
        settings.task = QStringLiteral("no-such-task");
        controller()->startSearch(settings);
        QTRY_COMPARE_WITH_TIMEOUT(failed.count(), 2, kPatience);
        QVERIFY(m_window->action("start")->isEnabled());
    }

    void aSearchGrowsPausesStepsTakesAnEditAndStops()
    {
        QSignalSpy samples(controller(), &SearchController::samplesTaken);
        QSignalSpy stages(controller(), &SearchController::stageReported);
        startSearch(0);
        CandidateModel *model = m_window->model();
        QTRY_VERIFY_WITH_TIMEOUT(evaluated() >= 3, kPatience);
        QVERIFY(samples.count() > 0);
        QVERIFY(stages.count() > 0);
        QVERIFY(!m_window->action("open")->isEnabled());
        ww::test::keepPicture(*m_window, QStringLiteral("live-light-1280"));

        m_window->action("pause")->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(controller()->state(), RunState::Paused, kPatience);
        const int paused = model->count();
        m_window->action("step")->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(model->count() == paused + 1, kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(controller()->state(), RunState::Paused, kPatience);
        QCOMPARE(model->count(), paused + 1);

        m_window->selection()->select(0);
        auto *editor = m_window->findChild<KernelEditor *>(QStringLiteral("sourceEditor"));
        editor->append(QStringLiteral("\n// by hand\n"));
        QVERIFY(m_window->action("evaluate")->isEnabled());
        editor->setFocus();
        QTest::keyClick(editor, Qt::Key_Return, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(model->count() == paused + 2, kPatience);
        const CandidateId edit = model->count() - 1;
        QVERIFY(model->node(edit).human);
        QCOMPARE(model->node(edit).parent, CandidateId {0});
        QCOMPARE(m_window->selection()->current(), edit);
        QVERIFY(editor->source().endsWith(QStringLiteral("// by hand\n")));
        QTRY_VERIFY_WITH_TIMEOUT(model->node(edit).outcome != Outcome::Running, kPatience);
        QVERIFY2(model->node(edit).verdict == QStringLiteral("PASSED"),
                 qPrintable(model->node(edit).verdict));

        QString broken = editor->source();
        const auto body = broken.indexOf(QStringLiteral("{\n"), broken.indexOf(QStringLiteral("__kernel")));
        broken.insert(body + 2, QStringLiteral("    nonsense;\n"));
        const auto brokenLine = static_cast<int>(broken.left(body + 2).count(QLatin1Char('\n')));
        editor->selectAll();
        editor->replaceSelectedText(broken);
        m_window->action("evaluate")->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(model->count() == paused + 3, kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(model->node(model->count() - 1).outcome, Outcome::BuildError, kPatience);
        QTRY_VERIFY(editor->annotation(brokenLine).contains(QStringLiteral("nonsense")));
        editor->showLine(brokenLine);
        ww::test::keepPicture(*m_window, QStringLiteral("live-edit-light-1280"));

        m_window->action("stop")->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(controller()->state(), RunState::Review, kPatience);
        const SummaryView summary = controller()->summary();
        QCOMPARE(summary.stopReason, QStringLiteral("user"));
        QVERIFY(QFileInfo::exists(summary.path));
        QVERIFY(summary.path.contains(QStringLiteral("/sessions/transpose-")));

        // The stopped session goes on where it ended, from the file alone.
        const int before = model->count();
        QCOMPARE(m_window->action("start")->text().remove(QLatin1Char('&')), QStringLiteral("Continue"));
        m_window->action("start")->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(model->count() > before, kPatience);
        QCOMPARE(controller()->summary().path, summary.path);
        m_window->action("stop")->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(controller()->state(), RunState::Review, kPatience);
    }

    void aSearchEndsAtItsLimit()
    {
        startSearch(2);
        QTRY_COMPARE_WITH_TIMEOUT(controller()->state(), RunState::Review, kPatience);
        QCOMPARE(controller()->summary().stopReason, QStringLiteral("steps"));
        QCOMPARE(controller()->summary().stepsDone, 2);
        QCOMPARE(m_window->action("start")->text().remove(QLatin1Char('&')), QStringLiteral("Start"));
        m_window->findChild<QSpinBox *>(QStringLiteral("stepsSpin"))->setValue(3);
        QCOMPARE(m_window->action("start")->text().remove(QLatin1Char('&')), QStringLiteral("Continue"));
        // What is typed into a finished session is compiled without being evaluated.
        const int known = m_window->model()->count();
        m_window->selection()->select(1);
        auto *typed = m_window->findChild<KernelEditor *>(QStringLiteral("sourceEditor"));
        typed->append(QStringLiteral("\nnonsense here;\n"));
        const int typedLine = typed->lines() - 2;
        QTRY_VERIFY_WITH_TIMEOUT(typed->annotation(typedLine).contains(QStringLiteral("nonsense")),
                                 kPatience);
        QCOMPARE(m_window->model()->count(), known);
        m_window->action("revert")->trigger();
        // An edit of a finished session is evaluated too.
        const int before = m_window->model()->count();
        m_window->selection()->select(1);
        auto *editor = typed;
        editor->append(QStringLiteral("\n// later\n"));
        m_window->action("evaluate")->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(m_window->model()->count() == before + 1, kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(m_window->model()->node(before).outcome != Outcome::Running, kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(controller()->state(), RunState::Paused, kPatience);
    }

    void oneStepFromNothing()
    {
        StartRequest request;
        request.settings.task = QStringLiteral("transpose");
        request.taskGiven = true;
        m_window->begin(request);
        QCOMPARE(controller()->state(), RunState::Empty);
        m_window->action("step")->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(evaluated(), 1, kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(controller()->state(), RunState::Paused, kPatience);
        QCOMPARE(controller()->summary().stepsDone, 1);
    }

    void closingAsksOnceAndKeepsTheResults()
    {
        startSearch(0);
        QTRY_VERIFY_WITH_TIMEOUT(evaluated() >= 1, kPatience);
        const auto question = [this] {
            return m_window->findChild<QMessageBox *>(QStringLiteral("closeQuestion"));
        };
        m_window->close();
        m_window->close();
        QCOMPARE(m_window->findChildren<QMessageBox *>(QStringLiteral("closeQuestion")).size(), 1);
        question()->reject();
        QTRY_VERIFY(!question());
        QVERIFY(m_window->isVisible());
        QCOMPARE(controller()->state(), RunState::Running);
        m_window->close();
        QVERIFY(question());
        for (QAbstractButton *button : question()->buttons()) {
            if (question()->buttonRole(button) == QMessageBox::AcceptRole)
                button->click();
        }
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->isVisible(), kPatience);
        QCOMPARE(controller()->summary().stopReason, QStringLiteral("user"));
    }
};

QTEST_MAIN(TestLiveSearch)
#include "tst_live_search.moc"
