// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/LoopbackServer.h"
#include "tests/gui/WindowUnderTest.h"
#include "widgets/common/Theme.h"
#include "widgets/conversation/ConversationText.h"
#include "widgets/conversation/ConversationView.h"
#include "widgets/conversation/ModelDialog.h"
#include "widgets/conversation/ModelPanel.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTest>

using namespace ww::ui;

namespace {

constexpr int kPatience = 30'000; // ms; other work may share the machine

ModelCallView answeredCall()
{
    ModelCallView call;
    call.step = 4;
    call.kind = QStringLiteral("large");
    call.endpoint = QStringLiteral("https://api.example.com/v1");
    call.model = QStringLiteral("some-model");
    call.system = QStringLiteral("You write kernels.");
    call.turns = {{false, QStringLiteral("Make <b>this</b> faster")}};
    call.answered = true;
    call.reply = QStringLiteral("<script>alert(1)</script>\n__kernel void f() {}");
    call.stop = QStringLiteral("stop");
    call.input = 12'345;
    call.cachedInput = 12'000;
    call.output = 678;
    call.money = 0.0123;
    call.seconds = 5.2;
    call.firstTextSeconds = 0.8;
    return call;
}

std::string streamedAnswer(const std::string &word)
{
    return "data: {\"model\":\"real-name\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + word
        + "\"}}]}\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
          "data: [DONE]\n\n";
}

} // namespace

class TestConversation : public QObject {
    Q_OBJECT
private slots:
    void initTestCase() { applyTheme(ThemeName::Light); }

    void numbersCarryTheirUnits_data()
    {
        QTest::addColumn<QString>("said");
        QTest::addColumn<QString>("expected");
        QTest::newRow("few tokens") << countText(678) << QStringLiteral("678");
        QTest::newRow("thousands") << countText(12'345) << QStringLiteral("12.3 k");
        QTest::newRow("millions") << countText(1'234'567) << QStringLiteral("1.23 M");
        QTest::newRow("cents") << moneyText(0.0123) << QStringLiteral("$0.0123");
        QTest::newRow("dollars") << moneyText(12.3) << QStringLiteral("$12.30");
        QTest::newRow("no price") << moneyText(-1) << QStringLiteral("price unknown");
        QTest::newRow("no calls") << spendingLine({}) << QString();
        SpendingView spending {2, 1, 1000, 500, 100, 0.5, 2};
        QTest::newRow("some without a price")
            << spendingLine(spending)
            << QStringLiteral(
                   "2 calls · 1.00 k tokens in (50 % cached), 100 out · $0.50 and 1 without a known "
                   "price, about $2.00 at the end");
        spending.unpriced = 2;
        spending.forecast = -1;
        QTest::newRow("none with a price") << spendingShort(spending) << QStringLiteral("1.10 k tokens");
    }
    void numbersCarryTheirUnits()
    {
        QFETCH(const QString, said);
        QFETCH(const QString, expected);
        QCOMPARE(said, expected);
    }

    void aModelsTextIsNeverInterpreted()
    {
        const QString html = conversationHtml({answeredCall()});
        QVERIFY(!html.contains(QStringLiteral("<script>")));
        QVERIFY(html.contains(QStringLiteral("&lt;script&gt;")));
        QVERIFY(html.contains(QStringLiteral("Make &lt;b&gt;this")));
        ConversationView view;
        view.showCalls({answeredCall()});
        QVERIFY(view.toPlainText().contains(QStringLiteral("<script>alert(1)</script>")));
        QVERIFY(view.toPlainText().contains(QStringLiteral("12.3 k tokens in (12.0 k cached), 678 out")));
    }

    void aFailedCallSaysWhy()
    {
        ModelCallView call = answeredCall();
        call.fault = QStringLiteral("the endpoint is overloaded (529)");
        call.reply.clear();
        QVERIFY(conversationPlainText({call}).contains(call.fault));
        call.answered = false;
        QVERIFY(callLine(call).contains(QStringLiteral("no answer yet")));
    }

    void withoutCallsTheViewSaysWhy()
    {
        ConversationView view;
        view.showCalls({});
        QVERIFY(view.toPlainText().contains(QStringLiteral("No model was asked")));
    }

    void answersAreWrittenAsTheyCome()
    {
        ModelPanel panel;
        panel.beginStep(3, QStringLiteral("large step from the start"));
        panel.beginStep(4, QStringLiteral("small step from #2"));
        auto *steps = panel.findChild<QComboBox *>(QStringLiteral("modelSteps"));
        auto *text = panel.findChild<QPlainTextEdit *>(QStringLiteral("modelText"));
        QCOMPARE(steps->count(), 2);
        panel.addText(3, QStringLiteral("first "));
        panel.addText(3, QStringLiteral("second"));
        panel.addText(4, QStringLiteral("another"));
        QTRY_COMPARE(text->toPlainText(), QStringLiteral("first second"));
        steps->setCurrentIndex(1);
        QCOMPARE(text->toPlainText(), QStringLiteral("another"));
        panel.endStep(3);
        QCOMPARE(steps->count(), 1);
        panel.endStep(4); // the last one stays to be read
        QCOMPARE(text->toPlainText(), QStringLiteral("another"));
        panel.beginStep(5, {});
        QCOMPARE(steps->count(), 1);
        QCOMPARE(steps->currentData().toInt(), 5);
    }

    void anAnswerWithoutEndKeepsItsTail()
    {
        ModelPanel panel;
        panel.beginStep(1, {});
        for (int i = 0; i < 100; ++i)
            panel.addText(1, QString(10'000, QLatin1Char('x')));
        panel.addText(1, QStringLiteral("end"));
        auto *text = panel.findChild<QPlainTextEdit *>(QStringLiteral("modelText"));
        QTRY_VERIFY(text->toPlainText().endsWith(QStringLiteral("xend")));
        QVERIFY(text->toPlainText().size() <= 400'003);
    }

    void aPersonCarriesAQuestion()
    {
        ModelPanel panel;
        QSignalSpy answered(&panel, &ModelPanel::answered);
        panel.setQuestions({{7, QStringLiteral("Write a kernel")}});
        QCOMPARE(panel.findChild<QPlainTextEdit *>(QStringLiteral("questionText"))->toPlainText(),
                 QStringLiteral("Write a kernel"));
        auto *use = panel.findChild<QPushButton *>(QStringLiteral("useAnswer"));
        QVERIFY(!use->isEnabled());
        panel.findChild<QPlainTextEdit *>(QStringLiteral("answerText"))
            ->setPlainText(QStringLiteral("```c\n```"));
        panel.setQuestions({{7, QStringLiteral("Write a kernel")}}); // the same: what was pasted stays
        QVERIFY(use->isEnabled());
        use->click();
        QCOMPARE(answered.count(), 1);
        QCOMPARE(answered[0][0].toULongLong(), 7ULL);
        QCOMPARE(answered[0][1].toString(), QStringLiteral("```c\n```"));
    }

    void settingsAreGivenBackAsTheyCame()
    {
        ModelSettingsView settings;
        settings.url = QStringLiteral("https://api.example.com/v1");
        settings.wire = QStringLiteral("messages");
        settings.model = QStringLiteral("m");
        settings.keyVariable = QStringLiteral("SOME_KEY");
        settings.keyName = QStringLiteral("some-key");
        settings.allowPlainHttp = true;
        settings.maxTokens = 4096;
        settings.parallel = 3;
        settings.temperature = 0.7;
        settings.structured = true;
        QCOMPARE(ModelDialog(settings).settings(), settings);
        QCOMPARE(ModelDialog(ModelSettingsView {}).settings(), ModelSettingsView {});
    }

    void everySettingHasRoom_data()
    {
        QTest::addColumn<ThemeName>("name");
        QTest::newRow("light") << ThemeName::Light;
        QTest::newRow("dark") << ThemeName::Dark;
    }
    void everySettingHasRoom()
    {
        QFETCH(const ThemeName, name);
        applyTheme(name);
        ModelSettingsView settings;
        settings.url = QStringLiteral("https://api.example.com/v1");
        settings.model = QStringLiteral("some-model");
        settings.keyVariable = QStringLiteral("SOME_KEY_THAT_IS_NOT_SET");
        ModelDialog dialog(settings);
        dialog.show();
        QVERIFY(QTest::qWaitForWindowExposed(&dialog));
        ww::test::keepPicture(dialog,
                              QStringLiteral("model-dialog-") + QString::fromLatin1(QTest::currentDataTag()));
        for (const QLabel *label : dialog.findChildren<QLabel *>())
            QVERIFY2(label->height() >= label->heightForWidth(label->width()), qPrintable(label->text()));
        applyTheme(ThemeName::Light);
    }

    void theConnectionIsTested_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("said");
        QTest::newRow("answers") << 200 << QStringLiteral("real-name");
        QTest::newRow("refuses the key") << 401 << QStringLiteral("key");
        QTest::newRow("no such model") << 404 << QStringLiteral("name of the model");
    }
    void theConnectionIsTested()
    {
        QFETCH(const int, status);
        QFETCH(const QString, said);
        const LoopbackServer server([status](const Connection &connection, int, const std::string &) {
            if (status == 200)
                connection.send(answerHead(200, "text/event-stream") + streamedAnswer("ready"));
            else
                connection.send(answerHead(status, "application/json") + R"({"error":{"message":"no"}})");
        });
        ModelSettingsView settings;
        settings.url = QString::fromStdString(server.url()) + QStringLiteral("/v1");
        settings.model = QStringLiteral("asked-name");
        ModelDialog dialog(settings);
        dialog.findChild<QPushButton *>(QStringLiteral("modelTest"))->click();
        const auto *result = dialog.findChild<QLabel *>(QStringLiteral("modelTestResult"));
        QTRY_VERIFY2_WITH_TIMEOUT(result->text().contains(said), qPrintable(result->text()), kPatience);
        QCOMPARE(result->text().contains(QStringLiteral("ready")), status == 200);
    }

    void anEndpointThatIsNoneIsSaidSo()
    {
        ModelSettingsView settings;
        settings.url = QStringLiteral("http://example.com/v1"); // plain http to another machine
        settings.model = QStringLiteral("m");
        ModelDialog dialog(settings);
        dialog.findChild<QPushButton *>(QStringLiteral("modelTest"))->click();
        const auto *result = dialog.findChild<QLabel *>(QStringLiteral("modelTestResult"));
        QTRY_VERIFY2_WITH_TIMEOUT(result->text().contains(QStringLiteral("http")), qPrintable(result->text()),
                                  kPatience);
        QVERIFY(!result->text().contains(QStringLiteral("asking")));
    }
};

QTEST_MAIN(TestConversation)
#include "tst_conversation.moc"
