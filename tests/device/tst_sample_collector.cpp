// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Random.h"
#include "core/device/SampleCollector.h"

#include <QTest>

#include <cmath>

using namespace ww;

namespace {

/// A machine that runs both sides at given speeds, with a fixed cost a sample (the cache flush).
struct Machine {
    double candidateUs = 1000, baselineUs = 1000;
    double noise = 0.005;
    double overheadSeconds = 0.002;
    uint64_t seed = 1;

    /// Feeds the collector until it has enough; gives the wall time that it took.
    double feed(SampleCollector &collector) const
    {
        RandomStream random(seed, 0);
        for (int batch = 0; batch < 10000; ++batch) {
            const std::vector<Seat> order = collector.nextBatch();
            if (order.empty())
                return collector.spentSeconds();
            std::vector<float> us;
            double wall = 0;
            for (const Seat seat : order) {
                const double base = seat == Seat::Candidate ? candidateUs : baselineUs;
                const double tail = -std::log(1 - random.uniform());
                us.push_back(static_cast<float>(base * (1 + noise * tail)));
                wall += us.back() * 1e-6 + overheadSeconds;
            }
            collector.add(order, us, wall);
        }
        return -1;
    }
};

} // namespace

class TestSampleCollector : public QObject {
    Q_OBJECT

private slots:
    void blocksAreBalanced()
    {
        SampleCollector collector("w", 1, 10);
        const std::vector<Seat> first = collector.nextBatch();
        QCOMPARE(first, (std::vector {Seat::Candidate, Seat::Baseline, Seat::Baseline, Seat::Candidate}));
        collector.add(first, {100, 100, 100, 100}, 0.004);
        const std::vector<Seat> next = collector.nextBatch();
        QVERIFY(next.size() > 4 && next.size() % 4 == 0);
        for (size_t i = 0; i < next.size(); ++i)
            QCOMPARE(next[i], first[i % 4]);
    }

    void enoughIsEnough_data()
    {
        QTest::addColumn<double>("candidateUs");
        QTest::addColumn<double>("baselineUs");
        QTest::addColumn<double>("noise");
        QTest::addColumn<bool>("settled");
        QTest::addColumn<double>("mostSeconds");
        QTest::newRow("quick and different") << 500.0 << 1000.0 << 0.005 << true << 0.2;
        QTest::newRow("tiny kernels") << 1.0 << 2.0 << 0.01 << true << 0.3;
        QTest::newRow("equal") << 1000.0 << 1000.0 << 0.01 << true << 0.6;
        QTest::newRow("a slow baseline") << 5000.0 << 150000.0 << 0.005 << true << 1.5;
        QTest::newRow("a hopeless candidate") << 150000.0 << 5000.0 << 0.005 << true << 1.5;
        QTest::newRow("a noisy machine") << 1000.0 << 1100.0 << 0.8 << false << 0.8;
        QTest::newRow("no time at all") << 0.0 << 0.0 << 0.0 << true << 0.6;
    }
    void enoughIsEnough()
    {
        QFETCH(double, candidateUs);
        QFETCH(double, baselineUs);
        QFETCH(double, noise);
        QFETCH(bool, settled);
        QFETCH(double, mostSeconds);
        SampleCollector collector("w", 1, 15);
        const double seconds = Machine {candidateUs, baselineUs, noise}.feed(collector);
        QVERIFY2(seconds >= 0 && seconds <= mostSeconds, qPrintable(QString::number(seconds)));
        QCOMPARE(collector.settled(), settled);
        QVERIFY(collector.samples().candidateUs.size() >= 5);
        QVERIFY(collector.samples().baselineUs.size() >= 5);
    }
    void fastSidesGetMoreSamplesThanSlowOnes()
    {
        SampleCollector collector("w", 1, 15);
        [[maybe_unused]] const double seconds = Machine {5000, 150000}.feed(collector);
        QVERIFY(collector.samples().candidateUs.size() >= 20);
        QVERIFY(collector.samples().baselineUs.size() <= 12);
        QVERIFY(!collector.hopeless());
    }
    void hopelessCandidatesAreCutShort()
    {
        SampleCollector collector("w", 1, 15);
        [[maybe_unused]] const double seconds = Machine {4000, 1000}.feed(collector);
        QVERIFY(collector.hopeless());
        QVERIFY(collector.samples().candidateUs.size() < 20);
    }
    void candidatesFarBehindTheBestAreCutShort()
    {
        SampleCollector alone("w", 1, 15), racing("w", 1, 15, 10);
        [[maybe_unused]] const double first = Machine {500, 1000, 0.05}.feed(alone);
        [[maybe_unused]] const double second = Machine {500, 1000, 0.05}.feed(racing);
        QVERIFY(!alone.hopeless());
        QVERIFY(racing.hopeless());
        QVERIFY(racing.samples().candidateUs.size() < alone.samples().candidateUs.size());
    }
    void candidatesNearTheBestGetMoreSamples()
    {
        SampleCollector alone("w", 1, 15), racing("w", 1, 15, 2);
        [[maybe_unused]] const double first = Machine {500, 1000, 0.3}.feed(alone);
        const double seconds = Machine {500, 1000, 0.3}.feed(racing);
        QVERIFY(5 * racing.samples().candidateUs.size() > 6 * alone.samples().candidateUs.size());
        QVERIFY2(seconds < 1.3, qPrintable(QString::number(seconds)));
    }
    void throttledSamplesAreDiscarded()
    {
        SampleCollector collector("w", 1, 15);
        const std::vector<Seat> order(8, Seat::Candidate);
        collector.add(order, std::vector<float>(8, 100.0f), 0.01, std::vector<float>(8, 1980.0f));
        QCOMPARE(collector.restSeconds(), 0.0);
        collector.add({Seat::Candidate, Seat::Baseline}, {150, 110}, 0.01, {1400, 1950});
        QCOMPARE(collector.discarded(), 1);
        QCOMPARE(collector.samples().candidateUs.size(), size_t {8});
        QCOMPARE(collector.samples().baselineUs.size(), size_t {1});
        QVERIFY(collector.restSeconds() >= 0.05);
        const double first = collector.restSeconds();
        collector.add({Seat::Candidate}, {150}, 0.01, {1400});
        QVERIFY(collector.restSeconds() > first && collector.restSeconds() <= 0.5);
        collector.add({Seat::Candidate}, {100}, 0.01, {1980});
        QCOMPARE(collector.restSeconds(), 0.0);
        QCOMPARE(collector.clockMhz(), 1980.0);
    }
    void aDeviceThatStaysSlowIsMeasuredAsItIs()
    {
        SampleCollector collector("w", 1, 15);
        collector.add(std::vector<Seat>(8, Seat::Candidate), std::vector<float>(8, 100.0f), 0.01,
                      std::vector<float>(8, 1980.0f));
        for (int i = 0; i < 50; ++i)
            collector.add({Seat::Candidate}, {150}, 0.01, {1000});
        QVERIFY2(collector.discarded() < 10, "a fifth at most");
        QVERIFY(collector.samples().candidateUs.size() > 45);
    }
    void withoutAClockNothingIsDiscarded()
    {
        SampleCollector collector("w", 1, 15);
        [[maybe_unused]] const double seconds = Machine {500, 1000, 0.5}.feed(collector);
        QCOMPARE(collector.discarded(), 0);
        QCOMPARE(collector.clockMhz(), 0.0);
    }
    void theBudgetHoldsAgainstEverything()
    {
        SampleCollector collector("w", 1, 0.5);
        const double seconds = Machine {400000, 400000}.feed(collector);
        // One block beyond it at most.
        QVERIFY2(seconds >= 0.5 && seconds < 0.5 + 4 * 0.41, qPrintable(QString::number(seconds)));
    }
};

QTEST_APPLESS_MAIN(TestSampleCollector)
#include "tst_sample_collector.moc"
