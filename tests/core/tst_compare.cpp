// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/Compare.h"
#include "core/judge/ElementTypes.h"
#include "core/judge/RedZone.h"

#include <QTest>

#include <cmath>
#include <limits>

using namespace ww;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<std::byte> packed(DType type, const std::vector<double> &values)
{
    std::vector<std::byte> bytes(values.size() * sizeOf(type));
    for (size_t i = 0; i < values.size(); ++i)
        storeElement(type, bytes.data(), static_cast<int64_t>(i), values[i]);
    return bytes;
}

Comparison compared(DType type, const std::vector<double> &actual, const std::vector<double> &expected,
                    const Limits &limits)
{
    const std::vector<std::byte> want = packed(type, expected);
    return compare(type, packed(type, actual), want, factsOf(type, want), limits);
}

const std::vector<DType> kTypes {DType::Float64, DType::Float32,  DType::Float16,
                                 DType::Int32,   DType::BFloat16, DType::Int8};

} // namespace

class TestCompare : public QObject {
    Q_OBJECT

private slots:
    void float8MayLieOneCodeOff_data()
    {
        QTest::addColumn<int>("type");
        for (const DType type : {DType::Float8E4M3, DType::Float8E5M2})
            QTest::newRow(toString(type)) << static_cast<int>(type);
    }
    void float8MayLieOneCodeOff()
    {
        QFETCH(int, type);
        const auto dtype = static_cast<DType>(type);
        const Limits limits = limitsOf(Task {}, dtype, DataSet::Default, false);
        std::vector<std::byte> want, near, far;
        for (int code = 1; code < 100; ++code) {
            want.push_back(static_cast<std::byte>(code));
            near.push_back(static_cast<std::byte>(code + (code % 2 == 0 ? 1 : -1)));
            far.push_back(static_cast<std::byte>(code + 2));
        }
        const ExpectedFacts facts = factsOf(dtype, want);
        QVERIFY(compare(dtype, near, want, facts, limits).ok);
        const Comparison wrong = compare(dtype, far, want, facts, limits);
        QVERIFY(!wrong.ok);
        QCOMPARE(wrong.wrong, int64_t {99});
        // The smallest numbers of either sign are neighbours of zero, not of each other.
        QVERIFY(!compare(dtype, std::vector<std::byte>(1, std::byte {0x81}),
                         std::vector<std::byte>(1, std::byte {1}),
                         factsOf(dtype, std::vector<std::byte>(1, std::byte {1})), limits)
                     .ok);
    }
    void someFloat8MayLieTwoCodesOffWhereTheTaskSaysSo()
    {
        Limits limits = limitsOf(Task {}, DType::Float8E4M3, DataSet::Default, false);
        const std::vector<std::byte> want(3000, std::byte {0x38});
        const ExpectedFacts facts = factsOf(DType::Float8E4M3, want);
        const auto moved = [&](int codes, size_t step) {
            std::vector<std::byte> bytes = want;
            for (size_t i = 0; i < bytes.size(); i += step)
                bytes[i] = static_cast<std::byte>(0x38 + codes);
            return compare(DType::Float8E4M3, bytes, want, facts, limits);
        };
        QVERIFY(!moved(2, 100).ok);
        limits.matchedRatio = 0.95;
        QVERIFY(moved(2, 100).ok);
        QCOMPARE(moved(2, 100).wrong, int64_t {30});
        QVERIFY(!moved(2, 10).ok);
        QVERIFY(!moved(3, 100).ok && moved(3, 100).farOff);
        std::vector<std::byte> tile = want;
        std::fill_n(tile.begin() + 64, 32, std::byte {0x3a});
        const Comparison skipped = compare(DType::Float8E4M3, tile, want, facts, limits);
        QVERIFY(!skipped.ok && skipped.clustered);
        std::vector<std::byte> strange = want;
        strange[7] = std::byte {0x7f};
        QVERIFY(!compare(DType::Float8E4M3, strange, want, facts, limits).ok);
    }
    void oneWrongElementIsFound_data()
    {
        QTest::addColumn<int>("type");
        QTest::addColumn<int>("at");
        for (const DType type : kTypes) {
            // Around the ends of the blocks in which the comparison works.
            for (const int at : {0, 1, 2047, 2048, 4095, 4999})
                QTest::addRow("%s at %d", toString(type), at) << static_cast<int>(type) << at;
        }
    }
    void oneWrongElementIsFound()
    {
        QFETCH(int, type);
        QFETCH(int, at);
        const auto dtype = static_cast<DType>(type);
        std::vector<double> expected(5000);
        for (size_t i = 0; i < expected.size(); ++i)
            expected[i] = static_cast<double>(i % 7) - 3;
        std::vector<double> actual = expected;
        QVERIFY(compared(dtype, actual, expected, {1e-4, 1e-4, 1}).ok);
        actual[static_cast<size_t>(at)] += 2;
        const Comparison found = compared(dtype, actual, expected, {1e-4, 1e-4, 1});
        QVERIFY(!found.ok);
        QCOMPARE(found.worstIndex, int64_t {at});
        QCOMPARE(found.expected, expected[static_cast<size_t>(at)]);
        QCOMPARE(found.actual, actual[static_cast<size_t>(at)]);
        QCOMPARE(found.maxAbs, 2.0);
        QCOMPARE(found.wrong, int64_t {1});
        QCOMPARE(found.matched, 1 - 1.0 / 5000);
    }
    void worstOfManyIsReported()
    {
        const std::vector<double> expected(3000, 1.0);
        std::vector<double> actual = expected;
        actual[10] = 2;
        actual[2500] = 5;
        actual[2900] = 3;
        const Comparison found = compared(DType::Float32, actual, expected, {1e-4, 1e-4, 1});
        QCOMPARE(found.worstIndex, int64_t {2500});
        QCOMPARE(found.wrong, int64_t {3});
        QCOMPARE(found.maxRel, 4.0);
    }

    void numbersThatAreNoneMustMatch_data()
    {
        QTest::addColumn<double>("actual");
        QTest::addColumn<double>("expected");
        QTest::addColumn<bool>("ok");
        QTest::newRow("NaN for a number") << kNaN << 1.0 << false;
        QTest::newRow("a number for NaN") << 1.0 << kNaN << false;
        QTest::newRow("NaN for NaN") << kNaN << kNaN << true;
        QTest::newRow("infinity for a number") << kInfinity << 1.0 << false;
        QTest::newRow("a number for infinity") << 1.0 << kInfinity << false;
        QTest::newRow("infinity for infinity") << kInfinity << kInfinity << true;
        QTest::newRow("infinity of the other sign") << -kInfinity << kInfinity << false;
        QTest::newRow("NaN for infinity") << kNaN << kInfinity << false;
    }
    void numbersThatAreNoneMustMatch()
    {
        QFETCH(double, actual);
        QFETCH(double, expected);
        QFETCH(bool, ok);
        for (const DType type : {DType::Float64, DType::Float32, DType::Float16, DType::BFloat16}) {
            const Comparison found = compared(type, {1, actual, 1}, {1, expected, 1}, {1e-2, 1e-2, 0.5});
            QCOMPARE(found.ok, ok);
            QCOMPARE(found.notFinite, !ok);
        }
    }

    void smallReferencesAreNotFree()
    {
        // An absolute tolerance that ignored the scale would pass anything here.
        const std::vector<double> expected(100, 1e-6);
        QVERIFY(!compared(DType::Float32, std::vector<double>(100, 2e-6), expected, {1e-4, 1e-4, 1}).ok);
        QVERIFY(compared(DType::Float32, std::vector<double>(100, 1.0001e-6), expected, {1e-4, 1e-4, 1}).ok);
    }
    void smallElementsAmongLargeOnesMayRound()
    {
        std::vector<double> expected(100, 1.0);
        expected[5] = 1e-9;
        std::vector<double> actual = expected;
        actual[5] = 5e-5;
        QVERIFY(compared(DType::Float32, actual, expected, {1e-4, 1e-4, 1}).ok);
    }
    void allZeroIsNamed()
    {
        const Comparison zeros = compared(DType::Float32, {0, 0, 0}, {0, 1e-30, 0}, {1, 1, 0.1});
        QVERIFY(zeros.allZero && !zeros.ok);
        QVERIFY(compared(DType::Float32, {0, 0}, {0, 0}, {}).ok);
    }
    void strayElementsMayBeAllowed()
    {
        std::vector<double> expected(100, 1.0), actual = expected;
        actual[3] = 1.1;
        QVERIFY(!compared(DType::Float16, actual, expected, {1e-2, 1e-2, 0.995}).ok);
        QVERIFY(compared(DType::Float16, actual, expected, {1e-2, 1e-2, 0.95}).ok);
        actual[3] = 1.5;
        const Comparison far = compared(DType::Float16, actual, expected, {1e-2, 1e-2, 0.95});
        QVERIFY2(!far.ok && far.farOff, "a stray is no licence for nonsense");
    }
    void strayElementsMayNotStandTogether()
    {
        std::vector<double> expected(6400, 1.0), apart = expected, together = expected;
        for (size_t i = 0; i < 64; ++i) {
            apart[i * 100] = 1.1;
            together[640 + i] = 1.1;
        }
        const Limits limits {1e-2, 1e-2, 0.95};
        QVERIFY(compared(DType::Float16, apart, expected, limits).ok);
        const Comparison found = compared(DType::Float16, together, expected, limits);
        QVERIFY(!found.ok && found.clustered);
    }
    void slackIsAllowedOnTop()
    {
        Limits limits {0, 1e-4, 1};
        QVERIFY(!compared(DType::Float32, {1.5, 2}, {1, 2}, limits).ok);
        limits.slack = 0.5;
        QVERIFY(compared(DType::Float32, {1.5, 2}, {1, 2}, limits).ok);
    }
    void differentSizesNeverMatch()
    {
        QVERIFY(!compared(DType::Float32, {1, 2}, {1, 2, 3}, {1, 1, 1}).ok);
        QVERIFY(compared(DType::Float32, {}, {}, {}).ok);
    }

    void limitsComeFromTypeAndTask()
    {
        Task task;
        QCOMPARE(limitsOf(task, DType::Float64, DataSet::Default, false).rtol, 1e-9);
        QCOMPARE(limitsOf(task, DType::Float32, DataSet::Default, false).rtol, 1e-4);
        QCOMPARE(limitsOf(task, DType::Float16, DataSet::Shifted, false).atol, 1e-2);
        QCOMPARE(limitsOf(task, DType::BFloat16, DataSet::Default, false).rtol, 2e-2);
        QCOMPARE(limitsOf(task, DType::Int32, DataSet::Default, false).rtol, 0.0);
        QCOMPARE(limitsOf(task, DType::Float32, DataSet::Exact, true).rtol, 0.0);
        QCOMPARE(limitsOf(task, DType::Float32, DataSet::Exact, false).rtol, 1e-4);
        QCOMPARE(limitsOf(task, DType::Float32, DataSet::Impulse, true).rtol, 1e-4);
        task.policy.linear = true;
        QCOMPARE(limitsOf(task, DType::Float32, DataSet::Impulse, true).rtol, 0.0);
        task.policy.tf32Allowed = true;
        QCOMPARE(limitsOf(task, DType::Float32, DataSet::Default, false).rtol, 2e-3);
        task.tolerance.rtol = 1e-5;
        QCOMPARE(limitsOf(task, DType::Float32, DataSet::Default, false).rtol, 1e-5);
        QCOMPARE(limitsOf(task, DType::Float32, DataSet::Default, false).atol, 1e-5);
        task.tolerance.atol = 1e-3;
        QCOMPARE(limitsOf(task, DType::Float32, DataSet::Default, false).atol, 1e-3);
    }
    void exactnessIsSeen()
    {
        QVERIFY(factsOf(DType::Float32, packed(DType::Float32, {1, -3, 0x1p24})).exact);
        QVERIFY(!factsOf(DType::Float32, packed(DType::Float32, {1, 0.5})).exact);
        QVERIFY(!factsOf(DType::Float32, packed(DType::Float32, {1, 0x1p25})).exact);
        QVERIFY(!factsOf(DType::Float32, packed(DType::Float32, {1, kNaN})).exact);
        QCOMPARE(factsOf(DType::Float32, packed(DType::Float32, {3, -4, 0, 0})).rms, 2.5);
        QCOMPARE(factsOf(DType::Float32, packed(DType::Float32, {3, kInfinity})).notFinite, int64_t {1});
    }

    void coordinatesAreRowMajor()
    {
        QCOMPARE(coordinates(0, {4, 5}), std::string("[0, 0]"));
        QCOMPARE(coordinates(13, {4, 5}), std::string("[2, 3]"));
        QCOMPARE(coordinates(119, {2, 3, 4, 5}), std::string("[1, 2, 3, 4]"));
        QCOMPARE(coordinates(7, {}), std::string("[7]"));
        QCOMPARE(coordinates(7, {0, 3}), std::string("[0, 1]"));
    }

    void redZonesShowEveryByte()
    {
        std::vector<std::byte> zone(1003);
        fillRedZone(zone, 5);
        QVERIFY(!damagedAt(zone, 5));
        QVERIFY(damagedAt(zone, 6).has_value());
        for (size_t i = 0; i < zone.size(); ++i) {
            const std::byte was = zone[i];
            zone[i] ^= std::byte {1};
            QCOMPARE(damagedAt(zone, 5), std::optional<size_t>(i));
            zone[i] = was;
        }
        // No constant fits the pattern, not even over one vector's width.
        for (int value = 0; value < 256; ++value) {
            std::vector<std::byte> copy = zone;
            std::fill_n(copy.begin() + 500, 8, static_cast<std::byte>(value));
            QVERIFY(damagedAt(copy, 5).has_value());
        }
    }
};

QTEST_APPLESS_MAIN(TestCompare)
#include "tst_compare.moc"
