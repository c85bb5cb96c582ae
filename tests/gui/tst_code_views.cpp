// SPDX-License-Identifier: GPL-3.0-or-later
// The window over a CUDA session and the real compiler, on a machine that needs no GPU.
#include "core/candidate/TaskAdmission.h"
#include "core/search/Engine.h"
#include "tests/gui/WindowUnderTest.h"
#include "widgets/editor/CodeListingView.h"
#include "widgets/editor/KernelEditor.h"
#include "widgets/models/CandidateModel.h"
#include "widgets/models/Selection.h"

#include <QFileInfo>
#include <QLabel>
#include <QTabBar>
#include <QTextBlock>

using namespace ww::ui;

class TestCodeViews : public QObject {
    Q_OBJECT
private:
    static constexpr int kPatience = 120'000; // ms; other work may share the machine
    ww::test::PrivateHome m_home;
    std::unique_ptr<MainWindow> m_window;

    void showTab(const QString &title)
    {
        for (QTabBar *tabs : m_window->findChildren<QTabBar *>()) {
            for (int i = 0; i < tabs->count(); ++i) {
                if (tabs->tabText(i) == title && tabs->isTabVisible(i))
                    tabs->setCurrentIndex(i);
            }
        }
    }
    CodeListingView *shownCode()
    {
        for (CodeListingView *view : m_window->findChildren<CodeListingView *>()) {
            if (view->isVisible())
                return view;
        }
        return nullptr;
    }

private slots:
    void initTestCase()
    {
        if (!QFileInfo(QCoreApplication::applicationDirPath() + QStringLiteral("/warpwright-worker-cuda"))
                 .isExecutable())
            QSKIP("the CUDA worker is not part of this build");
        const std::string path = m_home.file(QStringLiteral("softmax.wwsession")).toStdString();
        const auto task = ww::loadTask(WW_SOURCE_DIR "/kernels/softmax", "cuda");
        QVERIFY2(task, task ? "" : task.error().message().c_str());
        QVERIFY(ww::createSession(path, *task, {}));
        m_window = std::make_unique<MainWindow>();
        m_window->resize(1280, 720);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
        m_window->openSession(QString::fromStdString(path));
        QTRY_COMPARE(m_window->controller()->state(), RunState::Review);
        m_window->selection()->select(0);
    }
    void cleanupTestCase() { m_window.reset(); }

    void ptxStandsBesideTheLinesItComesFrom()
    {
        showTab(QStringLiteral("PTX"));
        QVERIFY(shownCode());
        QTRY_VERIFY2_WITH_TIMEOUT(shownCode()->toPlainText().contains(QStringLiteral(".entry")),
                                  qPrintable(shownCode()->toPlainText().left(300)), kPatience);
        auto *editor = m_window->findChild<KernelEditor *>(QStringLiteral("sourceEditor"));
        const QStringList lines = shownCode()->toPlainText().split(QLatin1Char('\n'));
        int linked = 0;
        for (const QString &line : lines) {
            const int number = line.left(5).trimmed().toInt();
            QVERIFY(number <= editor->lines());
            linked += number > 0 ? 1 : 0;
        }
        QVERIFY(linked > 10);
        ww::test::keepPicture(*m_window, QStringLiteral("ptx-light-1280"));

        // From the code to its line in the source.
        for (int i = 0; i < lines.size(); ++i) {
            const int number = lines[i].left(5).trimmed().toInt();
            if (number == 0)
                continue;
            shownCode()->setTextCursor(QTextCursor(shownCode()->document()->findBlockByNumber(i)));
            QTest::keyClick(shownCode(), Qt::Key_Return);
            int line = 0, column = 0;
            editor->getCursorPosition(&line, &column);
            QCOMPARE(line + 1, number);
            QVERIFY(editor->isVisible());
            break;
        }
    }

    void whatDoesNotCompileIsSaidWhileTyping()
    {
        showTab(QStringLiteral("Source"));
        auto *editor = m_window->findChild<KernelEditor *>(QStringLiteral("sourceEditor"));
        editor->append(QStringLiteral("\nnonsense here;\n"));
        const auto *state = m_window->findChild<QLabel *>(QStringLiteral("compileState"));
        QTRY_VERIFY_WITH_TIMEOUT(state->text().contains(QStringLiteral("does not compile")), kPatience);
        m_window->action("revert")->trigger();
        editor->append(QStringLiteral("\n// a remark\n"));
        QTRY_VERIFY2_WITH_TIMEOUT(state->text().contains(QStringLiteral("registers")),
                                  qPrintable(state->text()), kPatience);
        QVERIFY(state->text().contains(QStringLiteral("occupancy")));
        m_window->action("revert")->trigger();
    }
};

QTEST_MAIN(TestCodeViews)
#include "tst_code_views.moc"
