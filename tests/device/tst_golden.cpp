// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Random.h"
#include "core/device/Golden.h"

#include <QTest>

using namespace ww;

namespace {

std::vector<float> noisy(double noise, size_t count)
{
    RandomStream random(7, 0);
    std::vector<float> us;
    for (size_t i = 0; i < count; ++i)
        us.push_back(static_cast<float>(1000 * (1 + noise * (random.uniform() - 0.5))));
    return us;
}

} // namespace

class TestGolden : public QObject {
    Q_OBJECT

private slots:
    void tooFewSamplesTellNothing()
    {
        QCOMPARE(noiseFloorOf({}, 1), 0.0);
        QCOMPARE(noiseFloorOf({1, 2, 3}, 1), 0.0);
    }
    void aSteadyKernelHasNoNoise() { QCOMPARE(noiseFloorOf(std::vector<float>(40, 500.0f), 1), 0.0); }
    void theFloorFollowsTheNoise()
    {
        const double quiet = noiseFloorOf(noisy(0.01, 40), 1), loud = noiseFloorOf(noisy(0.2, 40), 1);
        QVERIFY2(quiet > 0.0005 && quiet < 0.01, qPrintable(QString::number(quiet)));
        QVERIFY2(loud > 10 * quiet && loud < 0.2, qPrintable(QString::number(loud)));
        QVERIFY2(noiseFloorOf(noisy(0.2, 400), 1) < loud, "more samples tell more");
    }
    void driftIsTheLargerChangeEitherWay()
    {
        QCOMPARE(driftBetween({100, 100, false}, {100, 100, false}), 0.0);
        QVERIFY(std::abs(driftBetween({100, 100, false}, {101, 130, false}) - 0.3) < 1e-9);
        QVERIFY(std::abs(driftBetween({100, 100, false}, {80, 101, false}) - 0.2) < 1e-9);
        QCOMPARE(driftBetween({0, 0, false}, {80, 101, false}), 0.0);
    }
};

QTEST_APPLESS_MAIN(TestGolden)
#include "tst_golden.moc"
