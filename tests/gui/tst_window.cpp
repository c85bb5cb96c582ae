// SPDX-License-Identifier: GPL-3.0-or-later
// The real window, offscreen, over session files with made-up evaluations (MadeUpSession.h).
#include "tests/gui/MadeUpSession.h"
#include "tests/gui/WindowUnderTest.h"
#include "widgets/charts/Plot.h"
#include "widgets/common/Banner.h"
#include "widgets/common/CommandPalette.h"
#include "widgets/common/Theme.h"
#include "widgets/editor/KernelEditor.h"
#include "widgets/inspector/Inspector.h"
#include "widgets/models/Selection.h"
#include "widgets/tree/CandidatePanel.h"
#include "widgets/tree/TreeCanvas.h"

#include <QAccessible>
#include <QClipboard>
#include <QElapsedTimer>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMenuBar>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTabBar>
#include <QTableView>
#include <QToolButton>
#include <QTreeWidget>

using namespace ww::ui;

namespace {

QString labelText(QWidget &window, const char *name)
{
    const auto *label = window.findChild<QLabel *>(QString::fromLatin1(name));
    return label ? label->text() : QStringLiteral("no such label");
}

QSet<QAction *> menuActions(QMenu *menu)
{
    QSet<QAction *> found;
    for (QAction *action : menu->actions()) {
        if (action->menu())
            found.unite(menuActions(action->menu()));
        else if (!action->isSeparator())
            found.insert(action);
    }
    return found;
}

CandidateId firstWith(const CandidateModel &model, Outcome outcome)
{
    for (CandidateId id = 1; id < model.count(); ++id) {
        if (model.node(id).outcome == outcome)
            return id;
    }
    return kNoCandidate;
}

} // namespace

class TestWindow : public QObject {
    Q_OBJECT
private:
    ww::test::PrivateHome m_home;
    QString m_session;
    std::unique_ptr<MainWindow> m_window;

    void open(const QString &path)
    {
        QSignalSpy opened(m_window->controller(), &SearchController::sessionOpened);
        m_window->openSession(path);
        QTRY_COMPARE_WITH_TIMEOUT(opened.count(), 1, 60'000);
    }
    TreeCanvas *canvas() { return m_window->findChild<TreeCanvas *>(); }
    CandidateModel *model() { return m_window->model(); }
    Selection *selection() { return m_window->selection(); }

private slots:
    void initTestCase()
    {
        m_session = m_home.file(QStringLiteral("made-up.wwsession"));
        const ww::Status written = ww::test::writeMadeUpSession(m_session.toStdString(), 60);
        QVERIFY2(written, written ? "" : written.error().message().c_str());
    }
    void init()
    {
        m_window = std::make_unique<MainWindow>();
        m_window->resize(1280, 720);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    }
    void cleanup() { m_window.reset(); }

    void aMissingSessionIsABannerNotADialog()
    {
        m_window->openSession(QStringLiteral("/nowhere/x.wwsession"));
        auto *banner = m_window->findChild<Banner *>();
        QTRY_VERIFY(banner->isVisible());
        QVERIFY(banner->text().contains(QStringLiteral("/nowhere/x.wwsession")));
        QVERIFY(!QApplication::activeModalWidget());
        QVERIFY(m_window->action("start")->isEnabled());
        open(m_session); // still usable, and the banner goes
        QVERIFY(!banner->isVisible());
    }

    void aSessionOfAnotherWriterIsFollowedAlsoAfterItCouldNotBeContinued()
    {
        const QString file = m_home.file(QStringLiteral("followed.wwsession"));
        const auto task = ww::loadTask(WW_SOURCE_DIR "/kernels/matmul");
        const auto journal = ww::Journal::create(file.toStdString());
        QVERIFY(task && journal);
        QVERIFY((*journal)->append(
            ww::SessionCreated {"followed", "search", "test", std::make_shared<const ww::Task>(*task), {}}));
        QVERIFY((*journal)->append(ww::RunStarted {{}, {}, false}));
        open(file);
        SearchController *controller = m_window->controller();
        QSignalSpy failed(controller, &SearchController::failed);
        QSignalSpy added(controller, &SearchController::candidateAdded);
        controller->continueSearch(controller->summary().settings);
        QTRY_COMPARE_WITH_TIMEOUT(failed.count(), 1, 60'000); // it has its writer
        ww::CandidateProposed proposed {1, {}, {}};
        proposed.candidate.id = 1;
        proposed.candidate.source = task->baseline.text;
        QVERIFY((*journal)->append(std::move(proposed)));
        QTRY_COMPARE_WITH_TIMEOUT(added.count(), 1, 60'000);
    }

    void anEmptyWindowSaysWhatToDo()
    {
        QVERIFY(m_window->action("start")->isEnabled());
        QVERIFY(!m_window->action("stop")->isEnabled());
        QVERIFY(!m_window->action("export")->isEnabled());
        QVERIFY(!m_window->action("evaluate")->isEnabled());
        QVERIFY(!canvas()->isVisible());
        ww::test::keepPicture(*m_window, QStringLiteral("empty-light-1280"));
    }

    void aFinishedSessionIsShownInEveryPanel()
    {
        open(m_session);
        QCOMPARE(model()->count(), 61);
        QCOMPARE(selection()->current(), model()->best());
        QVERIFY(labelText(*m_window, "verdictHeadline").startsWith(QStringLiteral("FASTER")));
        QVERIFY(labelText(*m_window, "inspectorBody").contains(QStringLiteral("Timing")));
        QVERIFY(labelText(*m_window, "statusText").contains(QStringLiteral("step 60/60")));
        QVERIFY(labelText(*m_window, "timingText").contains(QStringLiteral("median")));
        QVERIFY(m_window->findChild<KernelEditor *>(QStringLiteral("sourceEditor"))
                    ->source()
                    .contains(QStringLiteral("__kernel")));
        QVERIFY(m_window->windowTitle().contains(QStringLiteral("made-up")));
        for (const int chart : {0, 1, 2}) {
            m_window->action(QByteArray("chart" + QByteArray::number(chart)).constData())->trigger();
            ww::test::keepPicture(*m_window, QStringLiteral("review-light-1280-chart%1").arg(chart));
        }
        for (const Plot *plot : m_window->findChildren<Plot *>())
            QVERIFY2(plot->summary().contains(QRegularExpression(QStringLiteral("\\d"))),
                     qPrintable(plot->summary()));
    }

    void theKeyboardWalksTheTree()
    {
        open(m_session);
        canvas()->setFocus();
        selection()->select(0);
        QTest::keyClick(canvas(), Qt::Key_Down);
        const CandidateId first = selection()->current();
        QCOMPARE(model()->node(first).parent, CandidateId {0});
        QTest::keyClick(canvas(), Qt::Key_Right);
        QCOMPARE(selection()->current(), model()->sibling(first, 1));
        QTest::keyClick(canvas(), Qt::Key_Left);
        QTest::keyClick(canvas(), Qt::Key_Up);
        QCOMPARE(selection()->current(), CandidateId {0});
        QTest::keyClick(canvas(), Qt::Key_BracketRight);
        QCOMPARE(selection()->current(), CandidateId {1});
        QTest::keyClick(canvas(), Qt::Key_BracketLeft);
        QCOMPARE(selection()->current(), CandidateId {0});
        QTest::keyClick(canvas(), Qt::Key_B);
        QCOMPARE(selection()->current(), model()->best());
        QTest::keyClick(canvas(), Qt::Key_Left, Qt::AltModifier);
        QCOMPARE(selection()->current(), CandidateId {0});
        QTest::keyClick(canvas(), Qt::Key_Right, Qt::AltModifier);
        QCOMPARE(selection()->current(), model()->best());
        const double before = canvas()->zoom();
        QTest::keyClick(canvas(), Qt::Key_Plus);
        QVERIFY(canvas()->zoom() > before);
        QVERIFY(QRect(QPoint(0, 0), canvas()->viewport()->size())
                    .contains(canvas()->positionOf(selection()->current()).toPoint()));
    }

    void everyCandidateCanBeWalkedWithoutError()
    {
        open(m_session);
        selection()->select(0);
        for (CandidateId id = 1; id < model()->count(); ++id) {
            m_window->action("later")->trigger();
            QCOMPARE(selection()->current(), id);
            QVERIFY(!labelText(*m_window, "verdictHeadline").isEmpty());
        }
    }

    void lettersAreTypedInTheEditorAndSteerElsewhere()
    {
        open(m_session);
        selection()->select(3);
        auto *editor = m_window->findChild<KernelEditor *>(QStringLiteral("sourceEditor"));
        editor->setFocus();
        QTRY_VERIFY(editor->hasFocus());
        const QString before = editor->source();
        for (const char key : {'b', '[', ']', '+', '-', '0', '1'})
            QTest::keyClick(editor, key);
        QCOMPARE(selection()->current(), CandidateId {3});
        QCOMPARE(editor->source().size(), before.size() + 7);
        QVERIFY(m_window->action("evaluate")->isEnabled());
        QTest::keyClick(editor, Qt::Key_D, Qt::ControlModifier); // not Scintilla's "duplicate"
        QVERIFY(m_window->action("diff")->isChecked());
        QCOMPARE(editor->source().size(), before.size() + 7);
    }

    void treeAndTableShareTheSelection()
    {
        open(m_session);
        m_window->action("viewTable")->trigger();
        auto *table = m_window->findChild<QTableView *>(QStringLiteral("candidateTable"));
        QTRY_VERIFY(table->isVisible());
        table->selectRow(4);
        QCOMPARE(selection()->current(), CandidateId {5});
        ww::test::keepPicture(*m_window, QStringLiteral("review-light-1280-table"));
        m_window->action("viewTree")->trigger();
        QTRY_VERIFY(canvas()->isVisible());
        canvas()->setFocus();
        QTest::keyClick(canvas(), Qt::Key_End);
        QCOMPARE(selection()->current(), CandidateId {60});
        QCOMPARE(table->currentIndex().data(CandidateModel::IdRole).toLongLong(), 60);
    }

    void aBuildErrorStandsAtItsLine()
    {
        open(m_session);
        const CandidateId broken = firstWith(*model(), Outcome::BuildError);
        QVERIFY(broken != kNoCandidate);
        selection()->select(broken);
        auto *editor = m_window->findChild<KernelEditor *>(QStringLiteral("sourceEditor"));
        QVERIFY(editor->annotation(11).contains(QStringLiteral("undeclared identifier")));
        QCOMPARE(labelText(*m_window, "verdictHeadline"), QStringLiteral("BUILD ERROR"));
        QVERIFY(labelText(*m_window, "inspectorBody").contains(QStringLiteral("Declare it")));
        editor->showLine(12);
        ww::test::keepPicture(*m_window, QStringLiteral("build-error-light-1280"));
        const CandidateId wrong = firstWith(*model(), Outcome::Wrong);
        selection()->select(wrong);
        QVERIFY(labelText(*m_window, "inspectorBody").contains(QStringLiteral("[4711] 0.25, expected 13.5")));
    }

    void theEvidenceCanBeCopied()
    {
        open(m_session);
        m_window->action("copyEvidence")->trigger();
        const QString text = QGuiApplication::clipboard()->text();
        QVERIFY(text.contains(QStringLiteral("FASTER")));
        QVERIFY(text.contains(QStringLiteral("stage timing: ok")));
    }

    void theFilterDimsTheTreeAndShortensTheTable()
    {
        open(m_session);
        QTest::keyClick(m_window.get(), Qt::Key_F, Qt::ControlModifier);
        auto *filter = m_window->findChild<QLineEdit *>(QStringLiteral("candidateFilter"));
        QTest::keyClicks(filter, QStringLiteral("build error"));
        auto *table = m_window->findChild<QTableView *>(QStringLiteral("candidateTable"));
        const int shown = table->model()->rowCount();
        QVERIFY(shown > 0 && shown < 60);
        ww::test::keepPicture(*m_window, QStringLiteral("filter-light-1280"));
        filter->clear();
        QCOMPARE(table->model()->rowCount(), 60);
    }

    void newResultsNeverMoveWhatIsRead()
    {
        open(m_session);
        selection()->select(30);
        canvas()->resetZoom();
        QVERIFY(!canvas()->isFollowing());
        const QPointF before = canvas()->positionOf(30);
        auto *chip = m_window->findChild<QToolButton *>(QStringLiteral("newChip"));
        QVERIFY(!chip->isVisible());
        for (CandidateId id = 61; id < 101; ++id) {
            NodeView node;
            node.id = id;
            node.parent = id % 7;
            node.kind = StepKind::Small;
            node.outcome = Outcome::Running;
            model()->append(node);
        }
        QTRY_VERIFY(!canvas()->positionOf(100).isNull());
        QVERIFY((canvas()->positionOf(30) - before).manhattanLength() <= 2);
        QCOMPARE(selection()->current(), CandidateId {30});
        QTRY_VERIFY(chip->isVisible());
        QCOMPARE(chip->text(), QStringLiteral("40 new"));
        ww::test::keepPicture(*m_window, QStringLiteral("new-results-light-1280"));
        chip->click();
        QVERIFY(canvas()->isFollowing());
        QVERIFY(!chip->isVisible());
    }

    void everyActionIsInAMenuWithItsOwnKeys()
    {
        QSet<QAction *> inMenus;
        for (QAction *top : m_window->menuBar()->actions())
            inMenus.unite(menuActions(top->menu()));
        QMap<QString, QString> keys;
        for (QAction *action : m_window->actionList()) {
            QVERIFY2(!action->text().isEmpty() && !action->objectName().isEmpty(),
                     qPrintable(action->text()));
            QVERIFY2(inMenus.contains(action), qPrintable(action->objectName()));
            if (action->shortcut().isEmpty())
                continue;
            const QString key = action->shortcut().toString();
            QVERIFY2(!keys.contains(key),
                     qPrintable(key + QLatin1Char(' ') + action->objectName() + keys.value(key)));
            keys[key] = action->objectName();
        }
        const auto &listed = m_window->actionList();
        for (QAction *action : inMenus)
            QVERIFY2(listed.contains(action) || !action->isEnabled(), qPrintable(action->text()));
    }

    void thePaletteFindsAndRunsActions()
    {
        open(m_session);
        QTest::keyClick(m_window.get(), Qt::Key_P, Qt::ControlModifier | Qt::ShiftModifier);
        auto *palette = m_window->findChild<CommandPalette *>();
        QVERIFY(palette->isVisible());
        auto *list = palette->findChild<QTreeWidget *>();
        QCOMPARE(list->topLevelItemCount(), m_window->actionList().size());
        ww::test::keepPicture(*m_window, QStringLiteral("palette-light-1280"));
        auto *input = palette->findChild<QLineEdit *>();
        QTest::keyClicks(input, QStringLiteral("earlier"));
        QCOMPARE(list->topLevelItemCount(), 1);
        const CandidateId before = selection()->current();
        QTest::keyClick(input, Qt::Key_Return);
        QVERIFY(!palette->isVisible());
        QCOMPARE(selection()->current(), before - 1);
    }

    void everythingFocusableHasAName()
    {
        open(m_session);
        for (const bool table : {false, true}) {
            m_window->action(table ? "viewTable" : "viewTree")->trigger();
            int checked = 0;
            for (QWidget *widget : m_window->findChildren<QWidget *>()) {
                const bool internal = widget->objectName().startsWith(QLatin1String("qt_"))
                    || qobject_cast<QMenuBar *>(widget->parentWidget()) || qobject_cast<QMenu *>(widget);
                if (!widget->isVisible() || widget->focusPolicy() == Qt::NoFocus || internal)
                    continue;
                QAccessibleInterface *interface = QAccessible::queryAccessibleInterface(widget);
                QVERIFY(interface);
                QVERIFY2(!interface->text(QAccessible::Name).isEmpty(),
                         qPrintable(QString::fromLatin1(widget->metaObject()->className()) + QLatin1Char(' ')
                                    + widget->objectName()));
                ++checked;
            }
            QVERIFY(checked > 10);
        }
    }

    void theDrawnTreeCanBeHeard()
    {
        open(m_session);
        QAccessibleInterface *interface = QAccessible::queryAccessibleInterface(canvas());
        QVERIFY(interface);
        const QString spoken = interface->text(QAccessible::Value);
        QVERIFY(spoken.contains(QStringLiteral("60 candidates")));
        QVERIFY(spoken.contains(QStringLiteral("best #")));
    }

    void theWindowFitsASmallScreen()
    {
        open(m_session);
        m_window->resize(1280, 720);
        QVERIFY(m_window->width() <= 1280);
        QVERIFY(m_window->minimumSizeHint().width() <= 1280);
        QVERIFY2(m_window->minimumSizeHint().height() <= 720,
                 qPrintable(QString::number(m_window->minimumSizeHint().height())));
    }

    void themesSwitchLive_data()
    {
        QTest::addColumn<QString>("name");
        for (const char *name : {"dark", "high-contrast", "light"})
            QTest::newRow(name) << QString::fromLatin1(name);
    }
    void themesSwitchLive()
    {
        QFETCH(QString, name);
        open(m_session);
        m_window->resize(1920, 1080);
        m_window->findChild<QAction *>(name)->trigger();
        m_window->action("chart1")->trigger();
        QCOMPARE(m_window->palette().color(QPalette::Window), theme()[Role::Window]);
        auto *editor = m_window->findChild<KernelEditor *>(QStringLiteral("sourceEditor"));
        QCOMPARE(editor->lexer()->paper(0), theme()[Role::Panel]);
        QVERIFY(themeFromName(name) == theme().name);
        ww::test::keepPicture(*m_window, QStringLiteral("review-%1-1920").arg(name));
    }

    void theDiffShowsWhatChanged()
    {
        open(m_session);
        m_window->action("diff")->trigger();
        auto *diff = m_window->findChild<KernelEditor *>(QStringLiteral("diffView"));
        QTRY_VERIFY(diff->isVisible());
        QVERIFY(diff->source().contains(QStringLiteral("__kernel")));
        m_window->action("nextChange")->trigger();
        ww::test::keepPicture(*m_window, QStringLiteral("diff-light-1280"));
    }

    void aReportIsWritten_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("format");
        QTest::addColumn<QByteArray>("begins");
        QTest::newRow("html") << QStringLiteral("r.html") << static_cast<int>(ReportFormat::Html)
                              << QByteArray("<!");
        QTest::newRow("csv") << QStringLiteral("r.csv") << static_cast<int>(ReportFormat::Csv)
                             << QByteArray("id");
        QTest::newRow("json") << QStringLiteral("r.json") << static_cast<int>(ReportFormat::Json)
                              << QByteArray("{");
    }
    void aReportIsWritten()
    {
        QFETCH(QString, name);
        QFETCH(int, format);
        QFETCH(QByteArray, begins);
        open(m_session);
        QSignalSpy written(m_window->controller(), &SearchController::exported);
        m_window->controller()->exportReport(m_home.file(name), static_cast<ReportFormat>(format));
        QTRY_COMPARE(written.count(), 1);
        QFile file(m_home.file(name));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY2(file.read(200).startsWith(begins), qPrintable(name));
        QSignalSpy failed(m_window->controller(), &SearchController::failed);
        m_window->controller()->exportReport(QStringLiteral("/nowhere/at/all.html"), ReportFormat::Html);
        QTRY_COMPARE(failed.count(), 1);
    }

    void aRecordingCannotBeContinuedAndSaysWhy()
    {
        const QString path = m_home.file(QStringLiteral("recording.wwsession"));
        const auto task = ww::loadTask(std::string(WW_SOURCE_DIR) + "/kernels/matmul");
        QVERIFY(task);
        {
            const auto journal = ww::Journal::create(path.toStdString());
            QVERIFY(journal);
            QVERIFY((*journal)->append(ww::SessionCreated {
                "x", "import:adaexplore", "test", std::make_shared<const ww::Task>(*task), {}}));
        }
        open(path);
        auto *editor = m_window->findChild<KernelEditor *>(QStringLiteral("sourceEditor"));
        editor->insert(QStringLiteral("// edit\n"));
        QVERIFY(!m_window->action("evaluate")->isEnabled());
        QVERIFY(m_window->action("evaluate")->toolTip().contains(QStringLiteral("recording")));
    }

    void aFileThatAnotherProcessWritesIsFollowed()
    {
        const QString path = m_home.file(QStringLiteral("growing.wwsession"));
        const auto task = ww::loadTask(std::string(WW_SOURCE_DIR) + "/kernels/matmul");
        QVERIFY(task);
        const auto journal = ww::Journal::create(path.toStdString());
        QVERIFY(journal);
        const auto append = [&](ww::EventBody body) {
            return (*journal)->append(std::move(body)).has_value();
        };
        QVERIFY(
            append(ww::SessionCreated {"x", "search", "test", std::make_shared<const ww::Task>(*task), {}}));
        QVERIFY(append(ww::RunStarted {{}, {}, false}));
        open(path);
        QCOMPARE(model()->count(), 1);
        ww::Candidate candidate;
        candidate.id = 1;
        candidate.source = task->baseline.text;
        candidate.title = "appended later";
        QVERIFY(append(ww::CandidateProposed {1, {}, candidate}));
        QTRY_COMPARE_WITH_TIMEOUT(model()->count(), 2, 20'000);
        QCOMPARE(model()->node(1).title, QStringLiteral("appended later"));
        QVERIFY(append(
            ww::EvaluationFinished {1, false, ww::test::failedEvaluation(ww::test::MadeUp::Wrong), {}}));
        QTRY_COMPARE_WITH_TIMEOUT(model()->node(1).outcome, Outcome::Wrong, 20'000);
    }

    void theFirstStepsGoOnceDismissed()
    {
        auto *card = m_window->findChild<QWidget *>(QStringLiteral("firstRunCard"));
        QVERIFY(card->isVisible());
        QTest::mouseClick(m_window->findChild<QWidget *>(QStringLiteral("firstRunDismiss")), Qt::LeftButton);
        QVERIFY(!card->isVisible());
        m_window = std::make_unique<MainWindow>();
        m_window->show();
        QVERIFY(!m_window->findChild<QWidget *>(QStringLiteral("firstRunCard"))->isVisible());
        m_window->action("firstSteps")->trigger();
        QVERIFY(m_window->findChild<QWidget *>(QStringLiteral("firstRunCard"))->isVisible());
    }

    // Times are printed, not judged: they depend on the machine.
    void tenThousandCandidates()
    {
        const QString path = m_home.file(QStringLiteral("large.wwsession"));
        QVERIFY(ww::test::writeMadeUpSession(path.toStdString(), 10'000, 5));
        double longestGap = 0;
        QElapsedTimer beat;
        QTimer heart;
        heart.setInterval(5);
        connect(&heart, &QTimer::timeout, this, [&] {
            longestGap = std::max(longestGap, static_cast<double>(beat.nsecsElapsed()) / 1e6);
            beat.start();
        });
        QElapsedTimer timer;
        timer.start();
        beat.start();
        heart.start();
        open(path);
        const double openMs = static_cast<double>(timer.nsecsElapsed()) / 1e6;
        QCOMPARE(model()->count(), 10'001);
        timer.start();
        canvas()->viewport()->repaint();
        const double fitMs = static_cast<double>(timer.nsecsElapsed()) / 1e6;
        m_window->action("fit")->trigger();
        canvas()->viewport()->repaint();
        ww::test::keepPicture(*m_window, QStringLiteral("ten-thousand-light-1280"));
        const double gapOpening = std::exchange(longestGap, 0);
        canvas()->resetZoom();
        timer.start();
        canvas()->viewport()->repaint();
        const double closeMs = static_cast<double>(timer.nsecsElapsed()) / 1e6;
        for (CandidateId id = 10'001; id < 10'051; ++id) {
            NodeView node;
            node.id = id;
            node.parent = id - 5000;
            node.outcome = Outcome::NotFaster;
            node.kind = StepKind::Small;
            model()->append(node);
            QCoreApplication::processEvents();
        }
        qInfo("10000 candidates: open %.0f ms (longest gap of the event loop %.0f ms), paint %.1f ms, at 100 "
              "%% %.1f ms, "
              "longest gap while 50 are appended %.1f ms",
              openMs, gapOpening, fitMs, closeMs, longestGap);
        auto *filter = m_window->findChild<QLineEdit *>(QStringLiteral("candidateFilter"));
        timer.start();
        filter->setText(QStringLiteral("faster tiled"));
        qInfo("filter over 10000 rows: %.1f ms", static_cast<double>(timer.nsecsElapsed()) / 1e6);
    }
};

QTEST_MAIN(TestWindow)
#include "tst_window.moc"
