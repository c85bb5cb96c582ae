// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/task/JsonPlaces.h"

#include "tests/core/TestTask.h"

#include <QTest>

using namespace ww;

class JsonPlacesTest : public QObject {
    Q_OBJECT

private slots:
    void findsTheLineOfAPlace_data()
    {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<int>("line");
        const auto row = [](const char *path, int line) { QTest::newRow(path) << QByteArray(path) << line; };
        row("", 1);
        row("name", 2);
        row("tags[1]", 4);
        row("axes.K.value", 8);
        row("inputs.A.fill.high", 13);
        row("workloads[1].axes.M", 22);
        row("policy.linear", 26);
        // Where a path leads nowhere, as far as it does lead.
        row("inputs.A.nothing", 12);
        row("workloads[7].axes", 20);
        row("workloads.axes", 20);
        row("workloads[x", 21);
        row("name[0]", 2);
        row("...", 1);
    }
    void findsTheLineOfAPlace()
    {
        QFETCH(const QByteArray, path);
        QFETCH(const int, line);
        QCOMPARE(lineOfPath(kTestTaskJson, path.toStdString()), line);
    }

    void isNotLedAstrayByTextInStrings()
    {
        const std::string text =
            "{\"a\": \"}, \\\" [b\",\n \"l\": [[\"]\", {\"x\": 1}],\n  2],\n \"b\": {\"c\":\n 3}}";
        QCOMPARE(lineOfPath(text, "b"), 4);
        QCOMPARE(lineOfPath(text, "b.c"), 5);
        QCOMPARE(lineOfPath(text, "l[1]"), 3);
        QCOMPARE(lineOfPath(text, "l[0][1].x"), 2);
    }

    void endsOnTextThatIsNoJson()
    {
        for (const char *text :
             {"", "{", "{\"a\"", "{\"a\": ", "[[[[", "{\"a\": \"\\", "nonsense", "{]}", "[1,,2"})
            QVERIFY(lineOfPath(text, "a[3].b") >= 1);
    }
};

QTEST_GUILESS_MAIN(JsonPlacesTest)
#include "tst_json_places.moc"
