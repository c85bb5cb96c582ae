// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/ForeignRules.h"

#include <QTest>

#include <cmath>
#include <cstring>
#include <limits>

using namespace ww;

namespace {

std::vector<std::byte> floats(const std::vector<float> &values)
{
    std::vector<std::byte> bytes(values.size() * sizeof(float));
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

ForeignRule ruleOf(const std::string &profile)
{
    for (const ForeignRule &rule : foreignRules(DType::Float32)) {
        if (rule.profile == profile)
            return rule;
    }
    return {};
}

TensorSpec outputNamed(const char *name)
{
    TensorSpec tensor;
    tensor.name = name;
    return tensor;
}

} // namespace

class TestForeignRules : public QObject {
    Q_OBJECT

private slots:
    void eachProfileHasItsOwnRule_data()
    {
        QTest::addColumn<QString>("profile");
        QTest::addColumn<QList<float>>("actual");
        QTest::addColumn<QList<float>>("expected");
        QTest::addColumn<QString>("refusal"); ///< a part of it; empty: it takes the output
        const float nan = std::numeric_limits<float>::quiet_NaN();
        const auto row = [](const char *name, const char *profile, const QList<float> &actual,
                            const QList<float> &expected, const char *refusal) {
            QTest::newRow(name) << profile << actual << expected << QString::fromUtf8(refusal);
        };
        row("kernelbench refuses 3e-4 at one", "kernelbench", {1.0003f}, {1}, "outside");
        row("kernelbench takes 1.9e-4 at one", "kernelbench", {1.00019f}, {1}, "");
        row("kernelbench refuses NaN for NaN", "kernelbench", {nan}, {nan}, "outside");
        row("robust-kbench refuses 1e-4", "robust-kbench", {1.0001f}, {1}, "outside");
        row("robust-kbench takes its limit", "robust-kbench", {1.00001f}, {1}, "");
        row("flashinfer-bench takes a tiny value that is all wrong", "flashinfer-bench", {0.009f}, {0.001f},
            "");
        row("flashinfer-bench takes 0.9 % of a large value", "flashinfer-bench", {100.9f}, {100}, "");
        row("flashinfer-bench refuses what breaks both limits", "flashinfer-bench", {1.02f}, {1}, "outside");
        row("flashinfer-bench refuses infinity for infinity", "flashinfer-bench", {INFINITY}, {INFINITY},
            "NaN");
        row("sol-execbench takes 1.9 % at one", "sol-execbench", {1.019f}, {1}, "");
        row("sol-execbench refuses zeros", "sol-execbench", {0, 0}, {0.001f, 0}, "zeros");
        row("sol-execbench refuses NaN for NaN", "sol-execbench", {nan}, {nan}, "NaN");
    }
    void eachProfileHasItsOwnRule()
    {
        QFETCH(QString, profile);
        QFETCH(QList<float>, actual);
        QFETCH(QList<float>, expected);
        QFETCH(QString, refusal);
        const auto refused =
            refusalBy(ruleOf(profile.toStdString()), DType::Float32, floats({actual.begin(), actual.end()}),
                      floats({expected.begin(), expected.end()}));
        QCOMPARE(refused.has_value(), !refusal.isEmpty());
        if (refused)
            QVERIFY2(refused->find(refusal.toStdString()) != std::string::npos, refused->c_str());
    }

    void aHundredthMayBeWrongForOne()
    {
        std::vector<float> expected(200, 1.0f), actual = expected;
        actual[7] = actual[8] = 5;
        QVERIFY(!refusalBy(ruleOf("sol-execbench"), DType::Float32, floats(actual), floats(expected)));
        QVERIFY(refusalBy(ruleOf("kernelbench"), DType::Float32, floats(actual), floats(expected)));
        actual[9] = 5;
        QVERIFY(refusalBy(ruleOf("sol-execbench"), DType::Float32, floats(actual), floats(expected)));
    }

    void meansAndMediansDiffer()
    {
        const std::vector<PairedSamples> samples {{"w", {10, 10, 40}, {5, 5, 5}}};
        QCOMPARE(foreignSpeedup(ruleOf("kernelbench"), samples), 4.0);
        QCOMPARE(foreignSpeedup(ruleOf("sol-execbench"), samples), 2.0);
        QCOMPARE(foreignSpeedup(ruleOf("sol-execbench"), {}), 0.0);
    }

    void recordsSayWhereAndHowFast()
    {
        ForeignJudges judges;
        QVERIFY(judges.records({}, {}).empty());
        Comparison found;
        found.maxAbs = 0.004;
        judges.see("small", outputNamed("y"), floats({1.004f}), floats({1}), found);
        TimingRecord timing;
        timing.workload = "small";
        timing.solUs = 2;
        const std::vector<ForeignRecord> records =
            judges.records({{"small", {30, 30, 30}, {2, 2, 2}}}, {timing});
        QCOMPARE(records.size(), size_t {4});
        QCOMPARE(records[0].verdict, std::string("INCORRECT"));
        QVERIFY2(records[0].reason.find("'y' on 'small'") != std::string::npos, records[0].reason.c_str());
        QCOMPARE(records[0].speedup, 0.0);
        QCOMPARE(records[3].verdict, std::string("CORRECT"));
        QCOMPARE(records[3].speedup, 15.0);
        QVERIFY2(records[3].reason.find("1.000") != std::string::npos, records[3].reason.c_str());
    }
};

QTEST_APPLESS_MAIN(TestForeignRules)
#include "tst_foreign_rules.moc"
