// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/Decimation.h"
#include "widgets/common/Format.h"
#include "widgets/window/StatusStrip.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace ww::ui;

class TestNumbers : public QObject {
    Q_OBJECT
private slots:
    void timesHaveAUnitAndThreeDigits_data()
    {
        QTest::addColumn<double>("us");
        QTest::addColumn<QString>("text");
        QTest::newRow("none") << 0.0 << QStringLiteral("–");
        QTest::newRow("negative") << -1.0 << QStringLiteral("–");
        QTest::newRow("not a number") << std::nan("") << QStringLiteral("–");
        QTest::newRow("infinite") << std::numeric_limits<double>::infinity() << QStringLiteral("–");
        QTest::newRow("nanoseconds") << 0.0123 << QStringLiteral("12.3 ns");
        QTest::newRow("one") << 1.0 << QStringLiteral("1.00 µs");
        QTest::newRow("microseconds") << 512.4 << QStringLiteral("512 µs");
        QTest::newRow("rounds up to the next unit") << 999.7 << QStringLiteral("1.00 ms");
        QTest::newRow("milliseconds") << 38'412.0 << QStringLiteral("38.4 ms");
        QTest::newRow("seconds") << 2'500'000.0 << QStringLiteral("2.50 s");
    }
    void timesHaveAUnitAndThreeDigits()
    {
        QFETCH(double, us);
        QFETCH(QString, text);
        QCOMPARE(timeText(us), text);
    }

    void ratiosCarryTheirInterval()
    {
        QCOMPARE(ratioWithInterval({24.61, 24.1, 25.2}), QStringLiteral("24.6× [24.1, 25.2]"));
        QCOMPARE(ratioWithInterval({}), QStringLiteral("–"));
        QCOMPARE(ratioText(0.8713), QStringLiteral("0.871×"));
    }

    void clocks()
    {
        QCOMPARE(clockText(-4), QStringLiteral("0:00"));
        QCOMPARE(clockText(102.9), QStringLiteral("1:42"));
        QCOMPARE(clockText(3727), QStringLiteral("1:02:07"));
    }

    void countedUsesTheRightWord()
    {
        QCOMPARE(counted(1, QStringLiteral("sample"), QStringLiteral("samples")), QStringLiteral("1 sample"));
        QCOMPARE(counted(0, QStringLiteral("sample"), QStringLiteral("samples")),
                 QStringLiteral("0 samples"));
    }

    void estimateNeedsSomeSteps()
    {
        SummaryView summary;
        summary.settings.steps = 60;
        summary.stepsDone = 1;
        QVERIFY(estimatedSeconds(summary, 10) < 0);
        summary.stepsDone = 30;
        QCOMPARE(estimatedSeconds(summary, 60), 120.0);
        QCOMPARE(searchProgress(summary, 60), 0.5);
        summary.settings.seconds = 100;
        QCOMPARE(estimatedSeconds(summary, 60), 100.0);
        QCOMPARE(searchProgress(summary, 60), 0.6);
        summary.settings.steps = 0;
        summary.settings.seconds = 0;
        QVERIFY(searchProgress(summary, 60) < 0);
        QVERIFY(estimatedSeconds(summary, 60) < 0);
    }

    void decimationKeepsExtremesAndSaysItsRatio()
    {
        QList<float> values(100'000, 5.0F);
        values[31'337] = 900.0F;
        values[77'777] = 0.5F;
        const Decimated drawn = decimate(values, 2000);
        QVERIFY(drawn.points.size() <= 2000);
        QCOMPARE(drawn.ratio, 50);
        const auto has = [&](double x, double y) { return drawn.points.contains(QPointF(x, y)); };
        QVERIFY(has(31'338, 900));
        QVERIFY(has(77'778, 0.5));
        QVERIFY(std::is_sorted(drawn.points.begin(), drawn.points.end(),
                               [](const QPointF &a, const QPointF &b) { return a.x() < b.x(); }));
    }

    void fewPointsAreAllDrawn()
    {
        QVERIFY(decimate({}, 100).points.isEmpty());
        const Decimated drawn = decimate({3, 1, 2}, 100);
        QCOMPARE(drawn.points.size(), 3);
        QCOMPARE(drawn.ratio, 1);
        QCOMPARE(drawn.points[1], QPointF(2, 1));
    }

    void quantiles()
    {
        QCOMPARE(quantileOfSorted({}, 0.5), 0.0);
        QCOMPARE(quantileOfSorted({4}, 0.9), 4.0);
        QCOMPARE(quantileOfSorted({1, 2, 3, 4}, 0.5), 2.5);
        QCOMPARE(quantileOfSorted({1, 2, 3, 4}, 7), 4.0);
    }
};

QTEST_APPLESS_MAIN(TestNumbers)
#include "tst_numbers.moc"
