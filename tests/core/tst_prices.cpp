// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Paths.h"
#include "core/model/Prices.h"
#include "core/model/Purse.h"

#include <QTemporaryDir>
#include <QTest>

#include <cstdlib>
#include <filesystem>

using namespace ww;

namespace {

const std::string kTable = R"({"models": [
    {"model": "gpt-5", "input": 1, "cached_input": 0.1, "output": 10},
    {"model": "gpt-5-mini", "input": 0.5, "output": 2},
    {"model": "claude", "input": 3, "cached_input": 0.3, "cache_write": 4, "output": 15}]})";

} // namespace

class TestPrices : public QObject {
    Q_OBJECT

private slots:
    void faultyTablesAreRefusedByName_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("empty") << QByteArray("") << QByteArray("p.json");
        QTest::newRow("no list") << QByteArray("{}") << QByteArray("models");
        QTest::newRow("no output price") << QByteArray("{\"models\": [{\"model\": \"m\", \"input\": 1}]}")
                                         << QByteArray("models[0]: the key 'output'");
        QTest::newRow("negative") << QByteArray(
            "{\"models\": [{\"model\": \"m\", \"input\": -1, \"output\": 1}]}")
                                  << QByteArray("below 0");
        QTest::newRow("a text") << QByteArray(
            "{\"models\": [{\"model\": \"m\", \"input\": \"1\", \"output\": 1}]}")
                                << QByteArray("models[0].input");
        QTest::newRow("misspelt") << QByteArray(
            "{\"models\": [{\"model\": \"m\", \"input\": 1, \"output\": 1, \"cached\": 1}]}")
                                  << QByteArray("cached");
        QTest::newRow("no name") << QByteArray(
            "{\"models\": [{\"model\": \"\", \"input\": 1, \"output\": 1}]}")
                                 << QByteArray("model");
    }
    void faultyTablesAreRefusedByName()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, says);
        const auto table = PriceTable::parse("p.json", text.toStdString());
        QVERIFY(!table);
        const std::string message = table.error().message();
        QVERIFY2(message.find(says.toStdString()) != std::string::npos, message.c_str());
        QVERIFY(message.find("p.json") != std::string::npos);
    }

    void modelsAreFoundByName_data()
    {
        QTest::addColumn<QByteArray>("model");
        QTest::addColumn<double>("input"); // 0: not known
        QTest::newRow("exactly") << QByteArray("gpt-5") << 1.0;
        QTest::newRow("longer name") << QByteArray("gpt-5-mini") << 0.5;
        QTest::newRow("with a date") << QByteArray("gpt-5-mini-2025-08-07") << 0.5;
        QTest::newRow("with a short date") << QByteArray("claude-20250514") << 3.0;
        QTest::newRow("at a cloud") << QByteArray("claude@20250514") << 3.0;
        QTest::newRow("latest") << QByteArray("claude-latest") << 3.0;
        QTest::newRow("through a router") << QByteArray("openai/gpt-5") << 1.0;
        QTest::newRow("a dearer sister") << QByteArray("gpt-5-pro") << 0.0;
        QTest::newRow("the next version") << QByteArray("gpt-5.1") << 0.0;
        QTest::newRow("a number behind") << QByteArray("gpt-5-4") << 0.0;
        QTest::newRow("another name") << QByteArray("gpt-55") << 0.0;
        QTest::newRow("nothing") << QByteArray("") << 0.0;
    }
    void modelsAreFoundByName()
    {
        QFETCH(QByteArray, model);
        QFETCH(double, input);
        const auto price = PriceTable::parse("p.json", kTable)->priceOf(model.toStdString());
        QCOMPARE(price ? price->input : 0.0, input);
    }

    void tokensCostWhatTheirKindCosts()
    {
        const auto price = PriceTable::parse("p.json", kTable)->priceOf("claude");
        ModelUsage usage;
        usage.input = 1'000'000;
        usage.cachedInput = 400'000;
        usage.cacheWrites = 100'000;
        usage.output = 10'000;
        QCOMPARE(moneyFor(usage, *price), 0.5 * 3 + 0.4 * 0.3 + 0.1 * 4 + 0.01 * 15);
        usage.input = 0; // an endpoint that counts only what was not cached, wrongly
        QVERIFY(moneyFor(usage, *price) >= 0);
    }

    void aCallThatIsNotCountedCostsTheMost()
    {
        const ModelPrice price {"m", 2, 1, 2, 10};
        ModelRequest request;
        request.system = std::string(1000, 's');
        request.turns = {{ModelTurn::Speaker::User, std::string(1000, 'u')}};
        request.maxTokens = 100;
        const double most = mostMoneyFor(request, price);
        QCOMPARE(most, (1000 * 2 + 100 * 10) / 1e6); // two bytes a token
        ModelReply reply;
        QCOMPARE(*moneyOfCall(reply, most, price), most); // the endpoint does not count
        reply.usage.input = 100;
        reply.usage.output = 10;
        QCOMPARE(*moneyOfCall(reply, most, price), (100 * 2 + 10 * 10) / 1e6);
        const auto failed = [](ModelFault::Kind kind) -> tl::expected<ModelReply, ModelFault> {
            return tl::make_unexpected(ModelFault {kind, "", 0, {}});
        };
        QCOMPARE(*moneyOfCall(failed(ModelFault::Kind::Truncated), most, price), most);
        QVERIFY(!moneyOfCall(failed(ModelFault::Kind::Refused), most, price));
    }

    void thePersonsPricesGoFirst()
    {
        const QTemporaryDir home;
        ::setenv("XDG_CONFIG_HOME", home.path().toUtf8().constData(), 1);
        const auto shipped = PriceTable::load();
        QVERIFY2(shipped, shipped ? "" : shipped.error().message().c_str());
        QVERIFY(shipped->priceOf("gpt-5-mini")); // the shipped table is whole
        const std::string own = *configDirectory() + "/prices.json";
        QVERIFY(
            writeFileAtomically(own, R"({"models": [{"model": "gpt-5-mini", "input": 77, "output": 88}]})"));
        QCOMPARE(PriceTable::load()->priceOf("gpt-5-mini")->input, 77.0);
        QVERIFY(PriceTable::load()->priceOf("gpt-5"));
        QVERIFY(writeFileAtomically(own, "{"));
        const auto broken = PriceTable::load();
        QVERIFY(!broken);
        QVERIFY(broken.error().message().find(own) != std::string::npos);
    }

    void aPurseNeverGivesMoreThanItHolds()
    {
        Purse purse;
        purse.setLimit(10, 4);
        std::vector<int> granted;
        const auto ask = [&](double most, int number) {
            purse.take(most, [&granted, number](bool yes) { granted.push_back(yes ? number : -number); });
        };
        ask(3, 1);
        ask(3, 2);
        QCOMPARE(granted, (std::vector<int> {1, 2}));
        ask(1, 3); // might not fit: waits for the two under way
        QCOMPARE(granted.size(), size_t(2));
        purse.pay(3, 0.5);
        QCOMPARE(granted, (std::vector<int> {1, 2, 3}));
        ask(6, 4);
        purse.pay(3, 3);
        QCOMPARE(granted.size(), size_t(3));
        purse.pay(1, 1);
        QCOMPARE(granted, (std::vector<int> {1, 2, 3, -4})); // 8.5 are spent, and nothing is under way
        QCOMPARE(purse.spent(), 8.5);
        ask(1.5, 5);
        QCOMPARE(granted.back(), 5);
    }

    void withoutALimitEverythingIsGranted()
    {
        Purse purse;
        purse.setLimit(0, 1000);
        int granted = 0;
        for (int i = 0; i < 3; ++i)
            purse.take(1e9, [&granted](bool yes) { granted += yes ? 1 : 0; });
        QCOMPARE(granted, 3);
    }

    void waitingIsEndedByRefusal()
    {
        Purse purse;
        purse.setLimit(1, 0);
        int granted = 0, refused = 0;
        const auto count = [&](bool yes) { ++(yes ? granted : refused); };
        purse.take(1, count);
        purse.take(1, count);
        purse.refuseWaiting();
        QCOMPARE(granted, 1);
        QCOMPARE(refused, 1);
    }
};

QTEST_APPLESS_MAIN(TestPrices)
#include "tst_prices.moc"
