// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Random.h"
#include "core/judge/Statistics.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
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

/// tests/data/timings.json: pairs of candidate and baseline as a worker took them
/// (tests/perf/record_pairs.py).
std::vector<PairedSamples> recordedTimings()
{
    QFile file(QStringLiteral(WW_SOURCE_DIR "/tests/data/timings.json"));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    std::vector<PairedSamples> recordings;
    for (const QJsonValue &entry : QJsonDocument::fromJson(file.readAll()).array()) {
        PairedSamples &recording = recordings.emplace_back();
        recording.workload = entry[QStringLiteral("name")].toString().toStdString();
        for (const QJsonValue &pair : entry[QStringLiteral("pairs")].toArray()) {
            recording.candidateUs.push_back(static_cast<float>(pair[0].toDouble()));
            recording.baselineUs.push_back(static_cast<float>(pair[1].toDouble()));
        }
    }
    return recordings;
}

/// `count` pairs in runs of four consecutive ones, each run from anywhere in the recording.
PairedSamples drawnFrom(const PairedSamples &recording, int count, uint64_t seed)
{
    constexpr uint32_t kRun = 4;
    RandomStream random(seed, 77);
    PairedSamples drawn {recording.workload, {}, {}};
    const auto size = static_cast<uint32_t>(recording.candidateUs.size());
    while (drawn.candidateUs.size() < static_cast<size_t>(count)) {
        const uint32_t start = random.below(size);
        for (uint32_t i = 0; i < kRun; ++i) {
            drawn.candidateUs.push_back(recording.candidateUs[(start + i) % size]);
            drawn.baselineUs.push_back(recording.baselineUs[(start + i) % size]);
        }
    }
    return drawn;
}

} // namespace

class TestStatistics : public QObject {
    Q_OBJECT

private slots:
    void nothingGivesNothing()
    {
        QCOMPARE(quantile({}, 0.5), 0.0);
        QCOMPARE(medianOf({}).value, 0.0);
        QCOMPARE(timingOf("w", {}).n, 0);
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
        const Estimate one = medianOf(std::vector<float> {7});
        QCOMPARE(one.value, 7.0);
        QCOMPARE(one.low, 7.0);
        QCOMPARE(one.high, 7.0);
    }
    void sameSeedSameInterval()
    {
        const std::vector<PairedSamples> pairs {pairOf("w", 100, 90, 0.05, 1)};
        QCOMPARE(speedupOf("b", pairs, 5).ci95Low, speedupOf("b", pairs, 5).ci95Low);
        QVERIFY(speedupOf("b", pairs, 5).ci95Low != speedupOf("b", pairs, 6).ci95Low);
    }
    void samplesThatFollowEachOtherCountForLess()
    {
        std::vector<float> mixed, sorted;
        for (int i = 0; i < 60; ++i)
            mixed.push_back(static_cast<float>(100 + i * 37 % 60));
        sorted = mixed;
        std::sort(sorted.begin(), sorted.end());
        QVERIFY(medianOf(sorted).relativeHalfWidth() > 1.5 * medianOf(mixed).relativeHalfWidth());
    }
    /// What slows both sides down at once says nothing about either.
    void sharedSlownessCancelsOut()
    {
        PairedSamples pair {"w", {}, {}};
        for (int i = 0; i < 60; ++i) {
            const float slowness = i < 30 ? 1.0f : 1.6f;
            const float noise = 1 + 0.002f * static_cast<float>(i * 7 % 5);
            pair.baselineUs.push_back(100 * slowness * noise);
            pair.candidateUs.push_back(80 * slowness / noise);
        }
        const SpeedupRecord record = speedupOf("base", {pair}, 1);
        QCOMPARE(record.workloads.front().ratio, record.ratio);
        QVERIFY2(record.ci95High - record.ci95Low < 0.1, record.reason.c_str());
    }
    void sidesMayDifferInNumber()
    {
        const PairedSamples pair {"w", {200, 202, 198, 201}, {100, 101, 99, 100, 102, 98, 100, 101, 99, 100}};
        const SpeedupRecord record = speedupOf("base", {pair}, 1);
        QCOMPARE(record.verdict, std::string("FASTER"));
        QVERIFY(record.ci95Low > 1.9 && record.ci95High < 2.1);
    }

    /// Recorded timings of a kernel against itself, drawn anew in runs of consecutive pairs, as alike as they
    /// came: the share of 95 % intervals that hold the whole recording's value.
    void intervalsCoverRecordedTimings_data()
    {
        QTest::addColumn<int>("samples");
        for (const int samples : {20, 40})
            QTest::addRow("%d samples", samples) << samples;
    }
    void intervalsCoverRecordedTimings()
    {
        QFETCH(int, samples);
        const std::vector<PairedSamples> recordings = recordedTimings();
        QCOMPARE(recordings.size(), size_t {3});
        constexpr int kRepeats = 120;
        double ratios = 0, medians = 0;
        for (const PairedSamples &recording : recordings) {
            const double median = quantile(recording.candidateUs, 0.5);
            const double ratio = quantile(recording.baselineUs, 0.5) / median;
            int ratiosHeld = 0, mediansHeld = 0;
            for (uint64_t repeat = 0; repeat < 10 * kRepeats; ++repeat) {
                const PairedSamples drawn = drawnFrom(recording, samples, repeat);
                const Estimate estimate = medianOf(drawn.candidateUs);
                mediansHeld += estimate.low <= median && median <= estimate.high ? 1 : 0;
                if (repeat >= kRepeats)
                    continue;
                const SpeedupRecord record = speedupOf("itself", {drawn}, repeat);
                ratiosHeld += record.ci95Low <= ratio && ratio <= record.ci95High ? 1 : 0;
            }
            ratios += ratiosHeld / (3.0 * kRepeats);
            medians += mediansHeld / (30.0 * kRepeats);
            qInfo("%s: medians %.3f, ratios %.3f", recording.workload.c_str(),
                  mediansHeld / (10.0 * kRepeats), ratiosHeld / static_cast<double>(kRepeats));
        }
        QVERIFY2(ratios >= 0.93 && ratios <= 0.97, qPrintable(QString::number(ratios)));
        QVERIFY2(medians >= 0.93 && medians <= 0.97, qPrintable(QString::number(medians)));
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
            const Estimate estimate = medianOf(us);
            QVERIFY(estimate.low <= estimate.value && estimate.value <= estimate.high);
            covered += estimate.low <= 100 && 100 <= estimate.high ? 1 : 0;
            width += estimate.relativeHalfWidth();
        }
        QVERIFY2(covered >= kRepeats * 92 / 100, qPrintable(QString::number(covered)));
        QVERIFY2(covered <= kRepeats * 99 / 100, qPrintable(QString::number(covered)));
        // The median of an exponential tail of scale s has standard error s / √n; that neighbours may be
        // alike has to be allowed for, which costs some width where they are not.
        const double expected = 1.96 * 0.1 / std::sqrt(samples);
        QVERIFY2(width / kRepeats < 1.5 * expected, qPrintable(QString::number(width / kRepeats / expected)));
    }

    void timingRecordsDescribeTheSamples()
    {
        std::vector<float> us;
        for (int i = 100; i >= 0; --i)
            us.push_back(static_cast<float>(i));
        const TimingRecord record = timingOf("w", us);
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
