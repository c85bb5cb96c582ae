// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/ElementTypes.h"
#include "core/judge/Fill.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <set>

using namespace ww;

namespace {

TensorSpec tensorOf(DType type, Fill fill)
{
    TensorSpec tensor;
    tensor.name = "x";
    tensor.dtype = type;
    tensor.fill = fill;
    return tensor;
}

Fill uniform(double low, double high)
{
    return {Fill::Kind::Uniform, low, high, 0, 1};
}

Fill normal(double mean, double stddev)
{
    return {Fill::Kind::Normal, 0, 0, mean, stddev};
}

Fill whole(double low, double high)
{
    return {Fill::Kind::Integer, low, high, 0, 1};
}

constexpr int64_t kMany = 40000;

std::vector<double> drawn(const TensorSpec &tensor, DataSet set, uint64_t key, int64_t first, int64_t count)
{
    std::vector<std::byte> bytes(static_cast<size_t>(count) * sizeOf(tensor.dtype));
    fillElements(tensor, {kMany / 8, 8}, set, key, first, bytes);
    std::vector<double> values;
    for (int64_t i = 0; i < count; ++i)
        values.push_back(loadElement(tensor.dtype, bytes.data(), i));
    return values;
}

struct Moments {
    double mean = 0, deviation = 0;
};

Moments momentsOf(const std::vector<double> &values)
{
    Moments moments;
    for (const double value : values)
        moments.mean += value;
    moments.mean /= static_cast<double>(values.size());
    for (const double value : values)
        moments.deviation += (value - moments.mean) * (value - moments.mean);
    moments.deviation = std::sqrt(moments.deviation / static_cast<double>(values.size()));
    return moments;
}

} // namespace

class TestFill : public QObject {
    Q_OBJECT

private slots:
    void halfConvertsExactlyBothWays()
    {
        for (uint32_t bits = 0; bits < 0x10000; ++bits) {
            const auto half = static_cast<uint16_t>(bits);
            const float value = halfToFloat(half);
            if (std::isnan(value))
                QVERIFY(std::isnan(halfToFloat(floatToHalf(value))));
            else
                QCOMPARE(floatToHalf(value), half);
        }
    }
    void float8ConvertsExactlyBothWays_data()
    {
        QTest::addColumn<int>("type");
        QTest::addColumn<double>("largest");
        QTest::addColumn<double>("smallest");
        QTest::newRow("e4m3") << static_cast<int>(DType::Float8E4M3) << 448.0 << 0x1p-9;
        QTest::newRow("e5m2") << static_cast<int>(DType::Float8E5M2) << 57344.0 << 0x1p-16;
    }
    void float8ConvertsExactlyBothWays()
    {
        QFETCH(int, type);
        QFETCH(double, largest);
        QFETCH(double, smallest);
        const auto dtype = static_cast<DType>(type);
        double most = 0, least = 1;
        for (int bits = 0; bits < 256; ++bits) {
            const auto code = static_cast<uint8_t>(bits);
            const float value = float8ToFloat(dtype, code);
            if (!std::isfinite(value))
                continue;
            QCOMPARE(floatToFloat8(dtype, value), code);
            most = std::max(most, static_cast<double>(value));
            least = value > 0 ? std::min(least, static_cast<double>(value)) : least;
            // A value nearer to this code than to its neighbour must come back to it.
            if (float8Rank(code) > 0 && value > 0)
                QCOMPARE(floatToFloat8(dtype, value * 1.01f), code);
        }
        QCOMPARE(most, largest);
        QCOMPARE(least, smallest);
        QCOMPARE(static_cast<double>(float8ToFloat(dtype, floatToFloat8(dtype, 1e30f))), largest);
        QCOMPARE(static_cast<double>(float8ToFloat(dtype, floatToFloat8(dtype, -1e30f))), -largest);
        QVERIFY(std::isnan(float8ToFloat(dtype, floatToFloat8(dtype, std::nanf("")))));
    }
    void bfloat16ConvertsExactlyBothWays()
    {
        for (uint32_t bits = 0; bits < 0x10000; ++bits) {
            const auto half = static_cast<uint16_t>(bits);
            const float value = bfloat16ToFloat(half);
            if (std::isnan(value))
                QVERIFY(std::isnan(bfloat16ToFloat(floatToBfloat16(value))));
            else
                QCOMPARE(floatToBfloat16(value), half);
        }
    }
    void narrowTypesRoundToNearestEven_data()
    {
        QTest::addColumn<float>("value");
        QTest::addColumn<int>("half");
        QTest::addColumn<int>("bfloat");
        QTest::newRow("one") << 1.0f << 0x3c00 << 0x3f80;
        QTest::newRow("tie to even, down") << 1.0f + 0x1p-11f << 0x3c00 << 0x3f80;
        QTest::newRow("tie to even, up") << 1.0f + 3 * 0x1p-11f << 0x3c02 << 0x3f80;
        QTest::newRow("largest half") << 65504.0f << 0x7bff << 0x4780;
        QTest::newRow("just below overflow") << 65519.0f << 0x7bff << 0x4780;
        QTest::newRow("overflow") << 65520.0f << 0x7c00 << 0x4780;
        QTest::newRow("smallest subnormal") << 0x1p-24f << 0x0001 << 0x3380;
        QTest::newRow("half of it") << 0x1p-25f << 0x0000 << 0x3300;
        QTest::newRow("just above half of it") << 0x1.8p-25f << 0x0001 << 0x3340;
        QTest::newRow("infinity") << -std::numeric_limits<float>::infinity() << 0xfc00 << 0xff80;
    }
    void narrowTypesRoundToNearestEven()
    {
        QFETCH(float, value);
        QFETCH(int, half);
        QFETCH(int, bfloat);
        QCOMPARE(static_cast<int>(floatToHalf(value)), half);
        QCOMPARE(static_cast<int>(floatToBfloat16(value)), bfloat);
    }
    void integersAreClampedAndNaNIsZero()
    {
        std::byte bytes[8] {};
        storeElement(DType::Int8, bytes, 0, 1000);
        QCOMPARE(loadElement(DType::Int8, bytes, 0), 127.0);
        storeElement(DType::Int8, bytes, 0, -1000);
        QCOMPARE(loadElement(DType::Int8, bytes, 0), -128.0);
        storeElement(DType::Int32, bytes, 0, std::nan(""));
        QCOMPARE(loadElement(DType::Int32, bytes, 0), 0.0);
    }

    void sameKeyGivesSameBitsInAnyPieces()
    {
        const TensorSpec tensor = tensorOf(DType::Float32, normal(0, 1));
        const std::vector<double> all = drawn(tensor, DataSet::Default, 7, 0, 1000);
        for (const int64_t first : {1, 2, 3, 4, 511, 996}) {
            const std::vector<double> part = drawn(tensor, DataSet::Default, 7, first, 1000 - first);
            QVERIFY(std::equal(part.begin(), part.end(), all.begin() + first));
        }
    }
    void everyPartOfTheKeyMatters()
    {
        const uint64_t key = fillKey(1, "small", DataSet::Default, "A");
        QVERIFY(key != fillKey(2, "small", DataSet::Default, "A"));
        QVERIFY(key != fillKey(1, "large", DataSet::Default, "A"));
        QVERIFY(key != fillKey(1, "small", DataSet::Shifted, "A"));
        QVERIFY(key != fillKey(1, "small", DataSet::Default, "B"));
        QVERIFY(fillKey(1, "ab", DataSet::Default, "c") != fillKey(1, "a", DataSet::Default, "bc"));
    }
    /// Fixed bits: recorded sessions name a seed, and it has to mean the same data for ever.
    void recordedSeedsKeepTheirData()
    {
        QCOMPARE(fillKey(1, "small", DataSet::Default, "A"), uint64_t {0x540134a007eb9c00});
        const std::vector<double> values =
            drawn(tensorOf(DType::Float32, uniform(-1, 1)), DataSet::Default, 42, 0, 4);
        const std::vector<double> expected {0x1.ceaf06p-3, -0x1.0156d8p-4, -0x1.b502bep-1, -0x1.45ea62p-2};
        QCOMPARE(values, expected);
    }

    void fillsFollowTheirDistribution_data()
    {
        QTest::addColumn<int>("type");
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("set");
        QTest::addColumn<double>("mean");
        QTest::addColumn<double>("deviation");
        const auto row = [](const char *name, DType type, Fill::Kind kind, DataSet set, double mean,
                            double deviation) {
            QTest::newRow(name) << static_cast<int>(type) << static_cast<int>(kind) << static_cast<int>(set)
                                << mean << deviation;
        };
        using Kind = Fill::Kind;
        const double third = std::sqrt(1.0 / 3);
        row("uniform", DType::Float32, Kind::Uniform, DataSet::Default, 2, 3 * third);
        row("normal", DType::Float32, Kind::Normal, DataSet::Default, 5, 2);
        row("normal in double", DType::Float64, Kind::Normal, DataSet::Default, 5, 2);
        row("whole numbers", DType::Float32, Kind::Integer, DataSet::Default, 2, 2);
        row("uniform integers", DType::Int32, Kind::Uniform, DataSet::Default, 2, 2);
        row("shifted", DType::Float32, Kind::Normal, DataSet::Shifted, 0.55, 0.45 * third);
        row("exact", DType::Float32, Kind::Normal, DataSet::Exact, 0, std::sqrt(2.0));
        row("whole numbers stay what they are", DType::Float32, Kind::Integer, DataSet::Exact, 2, 2);
        row("integers stay what they are", DType::Int32, Kind::Uniform, DataSet::Shifted, 2, 2);
    }
    void fillsFollowTheirDistribution()
    {
        QFETCH(int, type);
        QFETCH(int, kind);
        QFETCH(int, set);
        QFETCH(double, mean);
        QFETCH(double, deviation);
        Fill fill {static_cast<Fill::Kind>(kind), -1, 5, 5, 2};
        const Moments moments = momentsOf(
            drawn(tensorOf(static_cast<DType>(type), fill), static_cast<DataSet>(set), 11, 0, kMany));
        // Four standard errors of the mean, and as much of the deviation.
        const double allowed = 4 * deviation / std::sqrt(static_cast<double>(kMany));
        QVERIFY2(std::abs(moments.mean - mean) < allowed, qPrintable(QString::number(moments.mean)));
        QVERIFY2(std::abs(moments.deviation - deviation) < allowed,
                 qPrintable(QString::number(moments.deviation)));
    }
    void boundsHold()
    {
        for (const double value :
             drawn(tensorOf(DType::Float32, uniform(-1, 5)), DataSet::Default, 3, 0, kMany))
            QVERIFY(value >= -1 && value <= 5);
        for (const double value : drawn(tensorOf(DType::Float32, normal(0, 1)), DataSet::Exact, 3, 0, kMany))
            QVERIFY(value == std::round(value) && std::abs(value) <= 2);
        bool low = false, high = false;
        for (const double value : drawn(tensorOf(DType::Int8, whole(-3, 3)), DataSet::Default, 3, 0, kMany)) {
            QVERIFY(value >= -3 && value <= 3);
            low = low || value == -3;
            high = high || value == 3;
        }
        QVERIFY(low && high);
    }
    void offsetsNeverStepBackAndEndWhereTheyShould_data()
    {
        QTest::addColumn<int>("count");
        QTest::addColumn<double>("last");
        QTest::newRow("one part") << 2 << 7.0;
        QTest::newRow("one offset alone") << 1 << 0.0;
        QTest::newRow("no elements") << 100 << 0.0;
        QTest::newRow("more parts than elements") << 1000 << 37.0;
        QTest::newRow("many elements") << 1000 << 64000.0;
        QTest::newRow("the largest") << 3 << 2147483647.0;
    }
    void offsetsNeverStepBackAndEndWhereTheyShould()
    {
        QFETCH(int, count);
        QFETCH(double, last);
        TensorSpec tensor = tensorOf(DType::Int32, {Fill::Kind::Offsets, 0, last});
        tensor.fill.count = count;
        const std::vector<double> offsets = drawn(tensor, DataSet::Default, 5, 0, count);
        QCOMPARE(offsets.front(), 0.0);
        QCOMPARE(offsets.back(), last);
        QVERIFY(std::is_sorted(offsets.begin(), offsets.end()));
        // Any part can be made anywhere.
        QCOMPARE(drawn(tensor, DataSet::Default, 5, count / 2, 1).front(),
                 offsets[static_cast<size_t>(count / 2)]);
    }
    void partsBetweenOffsetsDiffer()
    {
        TensorSpec tensor = tensorOf(DType::Int32, {Fill::Kind::Offsets, 0, 64000});
        tensor.fill.count = 1001;
        const std::vector<double> offsets = drawn(tensor, DataSet::Default, 5, 0, 1001);
        double shortest = 64000, longest = 0;
        for (size_t i = 1; i < offsets.size(); ++i) {
            shortest = std::min(shortest, offsets[i] - offsets[i - 1]);
            longest = std::max(longest, offsets[i] - offsets[i - 1]);
        }
        QVERIFY2(shortest < 16 && longest > 112 && longest <= 128, qPrintable(QString::number(longest)));
    }
    void hostileBoundsDoNoHarm()
    {
        const double huge = std::numeric_limits<double>::max();
        for (const double value :
             drawn(tensorOf(DType::Int32, whole(-huge, huge)), DataSet::Default, 3, 0, 100))
            QVERIFY(std::isfinite(value));
        for (const double value : drawn(tensorOf(DType::Int32, whole(5, -5)), DataSet::Default, 3, 0, 100))
            QCOMPARE(value, 5.0);
    }

    void impulsesLightAnElementARowOrAColumn()
    {
        std::set<size_t> counts;
        for (uint64_t key = 0; key < 60; ++key) {
            const std::vector<double> values =
                drawn(tensorOf(DType::Float32, normal(0, 1)), DataSet::Impulse, key, 0, kMany);
            const auto lit = static_cast<size_t>(
                std::count_if(values.begin(), values.end(), [](double v) { return v != 0; }));
            counts.insert(lit);
            for (const double value : values)
                QVERIFY(value == 0 || value == 1 || value == 2);
        }
        QCOMPARE(counts, (std::set<size_t> {1, 8, kMany / 8}));
    }
    void oneInputHasTheImpulse()
    {
        Task task;
        for (const char *name : {"a", "b", "c"}) {
            task.inputs.push_back(tensorOf(DType::Float32, normal(0, 1)));
            task.inputs.back().name = name;
        }
        std::set<std::string> lit;
        for (uint64_t seed = 0; seed < 40; ++seed) {
            int count = 0;
            for (const TensorSpec &input : task.inputs) {
                const DataSet set = setOfInput(task, input, DataSet::Impulse, seed, "w");
                QVERIFY(set == DataSet::Impulse || set == DataSet::Default);
                count += set == DataSet::Impulse ? 1 : 0;
                if (set == DataSet::Impulse)
                    lit.insert(input.name);
            }
            QCOMPARE(count, 1);
        }
        QCOMPARE(lit.size(), size_t {3});
        task.policy.linear = true;
        int whole = 0;
        for (const TensorSpec &input : task.inputs)
            whole += setOfInput(task, input, DataSet::Impulse, 1, "w") == DataSet::Exact ? 1 : 0;
        QCOMPARE(whole, 2);
        QVERIFY(setOfInput(task, task.inputs[0], DataSet::Mixed, 1, "w") == DataSet::Mixed);
    }
    void mixedRowsDifferAThousandfold()
    {
        const TensorSpec tensor = tensorOf(DType::Float32, uniform(1, 2));
        const std::vector<double> plain = drawn(tensor, DataSet::Default, 9, 0, kMany);
        const std::vector<double> mixed = drawn(tensor, DataSet::Mixed, 9, 0, kMany);
        std::set<int> scales;
        for (size_t i = 0; i < mixed.size(); ++i) {
            const double scale = mixed[i] / plain[i];
            scales.insert(static_cast<int>(std::lround(std::log10(scale))));
            QVERIFY(i % 8 == 0 || std::abs(scale / (mixed[i - 1] / plain[i - 1]) - 1) < 1e-5);
        }
        QCOMPARE(scales, (std::set<int> {-3, 0, 3}));
        for (const double value : drawn(tensorOf(DType::Float16, normal(0, 1)), DataSet::Mixed, 9, 0, kMany))
            QVERIFY(std::isfinite(value));
    }
    void structureIsLegalData()
    {
        bool constant = false, zero = false, sorted = false, few = false;
        for (uint64_t key = 0; key < 40; ++key) {
            const std::vector<double> values =
                drawn(tensorOf(DType::Float32, uniform(0, 5)), DataSet::Structured, key, 0, kMany);
            const std::set<double> distinct(values.begin(), values.end());
            QVERIFY(*distinct.begin() >= 0 && *distinct.rbegin() <= 5);
            constant = constant || (distinct.size() == 1 && values[0] > 0);
            zero = zero || (distinct.size() == 1 && values[0] == 0);
            few = few || (distinct.size() > 1 && distinct.size() <= 4);
            sorted = sorted || (distinct.size() > 100 && std::is_sorted(values.begin(), values.end()));
        }
        QVERIFY(constant && zero && sorted && few);
        for (uint64_t key = 0; key < 40; ++key) {
            for (const double value :
                 drawn(tensorOf(DType::Float32, uniform(1, 5)), DataSet::Structured, key, 0, 50))
                QVERIFY2(value >= 1, "a task that wants positive data gets them");
        }
    }
    void integersStayLegalOnEverySet()
    {
        for (const std::string &name : dataSetNames()) {
            for (const double value :
                 drawn(tensorOf(DType::Int32, whole(3, 9)), *dataSetFromName(name), 5, 0, 1000))
                QVERIFY2(value >= 3 && value <= 9, name.c_str());
        }
        QVERIFY(!dataSetFromName("no such set"));
    }
    void nudgesAreOneRounding()
    {
        for (const DType type : {DType::Float64, DType::Float32, DType::Float16, DType::BFloat16}) {
            std::vector<std::byte> bytes(1000 * sizeOf(type));
            for (int64_t i = 0; i < 1000; ++i)
                storeElement(type, bytes.data(), i,
                             i == 7       ? 0
                                 : i == 8 ? std::numeric_limits<double>::infinity()
                                          : 1.5);
            nudgeElements(type, 3, bytes);
            QCOMPARE(loadElement(type, bytes.data(), 7), 0.0);
            QVERIFY(std::isinf(loadElement(type, bytes.data(), 8)));
            std::set<double> values;
            for (int64_t i = 9; i < 1000; ++i)
                values.insert(loadElement(type, bytes.data(), i));
            QCOMPARE(values.size(), size_t {2});
            QVERIFY(*values.begin() < 1.5 && *values.rbegin() > 1.5
                    && *values.rbegin() - *values.begin() < 0.04);
        }
    }

    void setsFitTheTask()
    {
        Task task;
        task.inputs.push_back(tensorOf(DType::Float32, normal(0, 1)));
        QCOMPARE(dataSetsOf(task),
                 (std::vector {DataSet::Default, DataSet::Shifted, DataSet::Impulse, DataSet::Mixed,
                               DataSet::Structured}));
        task.policy.linear = true;
        QCOMPARE(dataSetsOf(task),
                 (std::vector {DataSet::Default, DataSet::Exact, DataSet::Shifted, DataSet::Impulse,
                               DataSet::Mixed, DataSet::Structured}));
        task.inputs.front() = tensorOf(DType::Int32, uniform(0, 9));
        QCOMPARE(dataSetsOf(task), (std::vector {DataSet::Default}));
        task.inputs.front() = tensorOf(DType::Float32, whole(0, 9));
        QCOMPARE(dataSetsOf(task), (std::vector {DataSet::Default}));
    }
};

QTEST_APPLESS_MAIN(TestFill)
#include "tst_fill.moc"
