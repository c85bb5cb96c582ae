// SPDX-License-Identifier: GPL-3.0-or-later
// The real window, engine and OpenCL worker with a scripted model behind real HTTP, or a person in its place.
#include "tests/core/ScriptedModel.h"
#include "tests/gui/WindowUnderTest.h"
#include "widgets/common/Banner.h"
#include "widgets/conversation/ConversationView.h"
#include "widgets/models/CandidateModel.h"
#include "widgets/models/Selection.h"

#include <QComboBox>
#include <QFile>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>

using namespace ww::ui;

namespace {

constexpr int kPatience = 120'000; // ms; other work may share the machine
constexpr const char *kKey = "sk-window-secret-0123456789";

std::string sourceOf(const char *name)
{
    QFile file(QStringLiteral(WW_SOURCE_DIR "/kernels/") + QString::fromLatin1(name));
    return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string();
}

/// A whole kernel in the form that prompts ask for; each number is another one.
std::string wholeAnswer(int number)
{
    return "Title: try " + std::to_string(number) + "\nLet us see.\n```c\n"
        + sourceOf("transpose/baseline.cl") + "\n/* " + std::to_string(number) + " */\n```\n";
}

} // namespace

class TestWindowModel : public QObject {
    Q_OBJECT
private:
    ww::test::PrivateHome m_home;
    std::unique_ptr<MainWindow> m_window;

    SearchController *controller() { return m_window->controller(); }
    template <class Widget> Widget *part(const char *name)
    {
        return m_window->findChild<Widget *>(QString::fromLatin1(name));
    }
    void search(const QString &proposer, const std::string &url, int steps, const char *task = "transpose")
    {
        StartRequest request;
        request.settings.task = QString::fromLatin1(task);
        request.settings.steps = steps;
        request.settings.proposer = proposer;
        request.settings.model.url = QString::fromStdString(url);
        request.settings.model.model = QStringLiteral("gpt-5-mini");
        request.settings.model.keyVariable = QStringLiteral("WW_TEST_WINDOW_KEY");
        request.taskGiven = true;
        request.search = true;
        m_window->begin(request);
    }

private slots:
    void initTestCase()
    {
        if (!QFileInfo(QCoreApplication::applicationDirPath() + QStringLiteral("/warpwright-worker-opencl"))
                 .isExecutable())
            QSKIP("the OpenCL worker is not part of this build");
        qputenv("WARPWRIGHT_KERNELS", WW_SOURCE_DIR "/kernels");
        qputenv("WW_TEST_WINDOW_KEY", kKey);
    }
    void init()
    {
        m_window = std::make_unique<MainWindow>();
        m_window->resize(1280, 720);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    }
    void cleanup() { m_window.reset(); }

    void aMissingKeyIsSaidAndLeavesNoSession()
    {
        qunsetenv("WW_TEST_WINDOW_KEY");
        QSignalSpy failed(controller(), &SearchController::failed);
        search(QStringLiteral("llm"), "https://api.example.com/v1", 1);
        QTRY_COMPARE_WITH_TIMEOUT(failed.count(), 1, kPatience);
        qputenv("WW_TEST_WINDOW_KEY", kKey);
        QCOMPARE(controller()->state(), RunState::Empty);
        QVERIFY(m_window->findChild<Banner *>()->text().contains(QStringLiteral("WW_TEST_WINDOW_KEY")));
        QVERIFY(QDir(sessionsFolder()).isEmpty());
    }

    void whatAModelIsAskedAndAnswersIsShown()
    {
        const ScriptedModel model([](const ScriptedModel::Asked &asked) {
            return ScriptedModel::Answer {wholeAnswer(asked.number)};
        });
        QSignalSpy text(controller(), &SearchController::modelText);
        QSignalSpy begun(controller(), &SearchController::stepBegun);
        search(QStringLiteral("llm"), model.url(), 2);
        QTRY_VERIFY_WITH_TIMEOUT(controller()->summary().stepsDone == 2, kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(controller()->state(), RunState::Review, kPatience);
        QVERIFY(begun.count() >= 2);
        QString streamed;
        for (const QList<QVariant> &piece : text)
            streamed += piece[1].toString();
        QVERIFY(streamed.contains(QStringLiteral("Let us see.")));
        QVERIFY(m_window->model()->count() >= 2);

        m_window->selection()->select(1);
        auto *conversation = part<ConversationView>("conversationView");
        QVERIFY(conversation->toPlainText().contains(QStringLiteral("Let us see.")));
        QVERIFY(conversation->toPlainText().contains(QStringLiteral("transpose")));
        QVERIFY(part<QLabel>("modelSpending")->text().contains(QStringLiteral("tokens in")));
        QVERIFY(part<QLabel>("modelSpending")->text().contains(QLatin1Char('$')));
        for (QTabBar *tabs : m_window->findChildren<QTabBar *>()) {
            for (int i = 0; i < tabs->count(); ++i) {
                if (tabs->tabText(i) == QStringLiteral("Model")
                    || tabs->tabText(i) == QStringLiteral("Model now"))
                    tabs->setCurrentIndex(i);
            }
        }
        ww::test::keepPicture(*m_window, QStringLiteral("model-light-1280"));
        QFile session(controller()->summary().path);
        QVERIFY(session.open(QIODevice::ReadOnly));
        QVERIFY(!session.readAll().contains(kKey));
    }

    void aRefusedKeyPausesTheSearchAndSaysSo()
    {
        const ScriptedModel model([](const ScriptedModel::Asked &) {
            return ScriptedModel::Answer {{}, 401};
        });
        search(QStringLiteral("llm"), model.url(), 3);
        QTRY_COMPARE_WITH_TIMEOUT(controller()->state(), RunState::Paused, kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(!controller()->summary().pausedWhy.isEmpty(), kPatience);
        QVERIFY(m_window->findChild<Banner *>()->text().contains(QStringLiteral("the search waits for you")));
        m_window->action("stop")->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(controller()->state(), RunState::Review, kPatience);
    }

    void aDeviceThatWaitsForAnAnswerTunesUnlessToldNotTo()
    {
        search(QStringLiteral("human"), {}, 2, "softmax");
        auto *question = part<QPlainTextEdit>("questionText");
        QTRY_VERIFY_WITH_TIMEOUT(!question->toPlainText().isEmpty(), kPatience);
        // Several times as fast as the baseline, so that noise does not refute it.
        const std::string answer = "```c\n" + sourceOf("softmax/variants/vector_row.cl") + "```\n";
        part<QPlainTextEdit>("answerText")->setPlainText(QString::fromStdString(answer));
        part<QPushButton>("useAnswer")->click();
        QTRY_VERIFY_WITH_TIMEOUT(m_window->model()->count() >= 3, kPatience);
        QCOMPARE(m_window->model()->node(2).kind, StepKind::Tune);
        QCOMPARE(m_window->model()->node(2).parent, CandidateId {1});
        m_window->action("stop")->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(controller()->state(), RunState::Review, kPatience);
        QVERIFY(controller()->summary().settings.tuneWhenIdle);

        m_window->action("tuneWhenIdle")->trigger();
        m_window->action("newSearch")->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(controller()->state(), RunState::Running, kPatience);
        QVERIFY(!controller()->summary().settings.tuneWhenIdle);
        m_window->action("stop")->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(controller()->state(), RunState::Review, kPatience);
    }

    void aPersonCarriesQuestionsAndGivesAHint()
    {
        search(QStringLiteral("human"), {}, 2);
        auto *question = part<QPlainTextEdit>("questionText");
        QTRY_VERIFY_WITH_TIMEOUT(!question->toPlainText().isEmpty(), kPatience);
        QVERIFY(question->toPlainText().contains(QStringLiteral("transpose")));
        ww::test::keepPicture(*m_window, QStringLiteral("model-person-light-1280"));
        m_window->selection()->select(0);
        auto *hint = part<QLineEdit>("hint");
        QVERIFY(hint->isVisible());
        part<QPlainTextEdit>("answerText")->setPlainText(QString::fromStdString(wholeAnswer(1)));
        part<QPushButton>("useAnswer")->click();
        QTRY_VERIFY_WITH_TIMEOUT(m_window->model()->count() >= 2, kPatience);
        m_window->selection()->select(1);
        QTest::keyClicks(hint, QStringLiteral("use local memory"));
        QTest::keyClick(hint, Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(controller()->candidate(1).hint, QStringLiteral("use local memory"),
                                  kPatience);
        m_window->action("stop")->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(controller()->state(), RunState::Review, kPatience);
    }
};

QTEST_MAIN(TestWindowModel)
#include "tst_window_model.moc"
