// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Random.h"
#include "core/judge/Statistics.h"

#include <QTest>

#include <cmath>

using namespace ww;

namespace {

/// Times as a machine gives them: a floor with a tail of rare delays.
std::vector<float> timesLike(double medianUs, double noise, size_t count, uint64_t seed)
{
    RandomStream random(seed, 99);
    std::vector<float> us;
    for (size_t i = 0; i < count; ++i) {
        const double tail = -std::log(1 - random.uniform());
        us.push_back(static_cast<float>(medianUs * (1 + noise * (tail - std::log(2.0)))));
    }
    return us;
}

PairedSamples pairOf(const char *workload, double baselineUs, double candidateUs, double noise, uint64_t seed)
{
    return {workload, timesLike(baselineUs, noise, 40, seed), timesLike(candidateUs, noise, 40, seed + 1000)};
}

} // namespace

class TestStatistics : public QObject {
    Q_OBJECT

private slots:
    void nothingGivesNothing()
    {
        QCOMPARE(quantile({}, 0.5), 0.0);
        QVERIFY(bootstrapMedians({}, 1).empty());
        QCOMPARE(medianOf({}, 1).value, 0.0);
        QCOMPARE(timingOf("w", {}, 1).n, 0);
        const SpeedupRecord none = speedupOf("base", {}, 1);
        QCOMPARE(none.verdict, std::string("AMBIGUOUS"));
        QCOMPARE(none.ratio, 0.0);
        QVERIFY(speedupOf("base", {{"w", {}, {1.0f}}}, 1).workloads.empty());
    }
    void quantilesInterpolate()
    {
        const std::vector<float> us {4, 1, 3, 2};
        QCOMPARE(quantile(us, 0), 1.0);
        QCOMPARE(quantile(us, 0.5), 2.5);
        QCOMPARE(quantile(us, 1), 4.0);
        QCOMPARE(quantile(us, 0.1), 1.3);
    }
    void oneSampleHasNoWidth()
    {
        const Estimate one = medianOf(std::vector<float> {7}, 3);
        QCOMPARE(one.value, 7.0);
        QCOMPARE(one.low, 7.0);
        QCOMPARE(one.high, 7.0);
    }
    void sameSeedSameInterval()
    {
        const std::vector<float> us = timesLike(100, 0.05, 30, 1);
        QCOMPARE(bootstrapMedians(us, 5), bootstrapMedians(us, 5));
        QVERIFY(bootstrapMedians(us, 5) != bootstrapMedians(us, 6));
    }

    /// In at least 92 of 100 repeats the 95 % interval holds the true median, and it is no wider than needed.
    void intervalsCoverTheTruth_data()
    {
        QTest::addColumn<int>("samples");
        for (const int samples : {20, 60})
            QTest::addRow("%d samples", samples) << samples;
    }
    void intervalsCoverTheTruth()
    {
        QFETCH(int, samples);
        constexpr int kRepeats = 150;
        int covered = 0;
        double width = 0;
        for (uint64_t repeat = 0; repeat < kRepeats; ++repeat) {
            const std::vector<float> us = timesLike(100, 0.1, static_cast<size_t>(samples), repeat);
            const Estimate estimate = medianOf(us, repeat);
            QVERIFY(estimate.low <= estimate.value && estimate.value <= estimate.high);
            covered += estimate.low <= 100 && 100 <= estimate.high ? 1 : 0;
            width += estimate.relativeHalfWidth();
        }
        QVERIFY2(covered >= kRepeats * 92 / 100, qPrintable(QString::number(covered)));
        QVERIFY2(covered <= kRepeats * 99 / 100, qPrintable(QString::number(covered)));
        // The median of an exponential tail of scale s has standard error s / √n.
        const double expected = 1.96 * 0.1 / std::sqrt(samples);
        QVERIFY2(width / kRepeats < 1.3 * expected, qPrintable(QString::number(width / kRepeats / expected)));
    }

    void timingRecordsDescribeTheSamples()
    {
        std::vector<float> us;
        for (int i = 100; i >= 0; --i)
            us.push_back(static_cast<float>(i));
        const TimingRecord record = timingOf("w", us, 1);
        QCOMPARE(record.workload, std::string("w"));
        QCOMPARE(record.n, 101);
        QCOMPARE(record.medianUs, 50.0);
        QCOMPARE(record.p10Us, 10.0);
        QCOMPARE(record.p90Us, 90.0);
        QCOMPARE(record.minUs, 0.0);
        QVERIFY(record.ci95LowUs < 50 && record.ci95HighUs > 50);
        QCOMPARE(record.samplesUs, us);
    }

    void speedupsAreNamed_data()
    {
        QTest::addColumn<double>("candidateUs");
        QTest::addColumn<double>("noise");
        QTest::addColumn<QString>("verdict");
        QTest::newRow("twice as fast") << 50.0 << 0.02 << "FASTER";
        QTest::newRow("five percent, quiet") << 95.0 << 0.01 << "FASTER";
        QTest::newRow("half as fast") << 200.0 << 0.02 << "SLOWER";
        QTest::newRow("equal and quiet") << 100.0 << 0.005 << "SAME";
        QTest::newRow("two percent in ten of noise") << 98.0 << 0.1 << "AMBIGUOUS";
    }
    void speedupsAreNamed()
    {
        QFETCH(double, candidateUs);
        QFETCH(double, noise);
        QFETCH(QString, verdict);
        const SpeedupRecord record = speedupOf("base", {pairOf("w", 100, candidateUs, noise, 7)}, 1);
        QCOMPARE(QString::fromStdString(record.verdict), verdict);
        QVERIFY(!record.reason.empty());
        QVERIFY(std::abs(record.ratio * candidateUs / 100 - 1) < 3 * noise);
        QVERIFY(record.ci95Low <= record.ratio && record.ratio <= record.ci95High);
    }
    /// Equal kernels are hardly ever called different: δ and the interval both stand against it.
    void equalKernelsAreSeldomToldApart()
    {
        int different = 0;
        for (uint64_t seed = 0; seed < 60; ++seed) {
            const std::string verdict = speedupOf("base", {pairOf("w", 100, 100, 0.05, seed)}, seed).verdict;
            different += verdict == "FASTER" || verdict == "SLOWER" ? 1 : 0;
        }
        QVERIFY2(different <= 2, qPrintable(QString::number(different)));
    }
    void workloadsMakeAGeometricMean()
    {
        const SpeedupRecord record =
            speedupOf("base", {pairOf("a", 400, 100, 0, 1), pairOf("b", 100, 100, 0, 2)}, 1);
        QCOMPARE(record.workloads.size(), size_t {2});
        QVERIFY(std::abs(record.workloads[0].ratio - 4) < 1e-5);
        QVERIFY(std::abs(record.ratio - 2) < 1e-5);
        QCOMPARE(record.baseline, std::string("base"));
        QVERIFY(std::abs(record.workloads[0].baselineMedianUs - 400) < 1e-3);
    }
    void aClockThatStandsStillGivesNoInfinity()
    {
        const SpeedupRecord record = speedupOf("base", {{"w", {10, 10, 10}, {0, 0, 0}}}, 1);
        QVERIFY(std::isfinite(record.ratio) && std::isfinite(record.ci95High));
    }
};

QTEST_APPLESS_MAIN(TestStatistics)
#include "tst_statistics.moc"
