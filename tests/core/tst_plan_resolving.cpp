// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/ParsedPlan.h"
#include "tests/core/TestTask.h"

#include <QTest>

using namespace ww;

namespace {

const std::string kLaunch = "//@ launch k grid(M) block(64) args(A, C)\nkernel void k() {}\n";

bool has(const std::string &text, const QByteArray &part)
{
    return text.find(part.toStdString()) != std::string::npos;
}

} // namespace

/// A plan with parameters and axes filled in: numbers, or the reason why there are none.
class PlanResolvingTest : public QObject {
    Q_OBJECT

private slots:
    void fillsInParameters();
    void refusesParameters_data();
    void refusesParameters();
    void resolvesToNumbers();
    void resolvesWhatIsForCudaAlone();
    void refusesToResolve_data();
    void refusesToResolve();
};

void PlanResolvingTest::fillsInParameters()
{
    const LaunchPlan plan = planOf(kTestVariant);
    QCOMPARE(*resolveParameters(plan, {}), (Parameters {{"BLOCK", 64}, {"VEC", 1}}));
    QCOMPARE(*resolveParameters(plan, {{"VEC", 4}}), (Parameters {{"BLOCK", 64}, {"VEC", 4}}));
    // The requirement mentions K: with it the same choice is checked, without it left to resolvePlan().
    QVERIFY(resolveParameters(plan, {{"VEC", 4}, {"BLOCK", 256}}));
    QVERIFY(!resolveParameters(plan, {{"VEC", 4}, {"BLOCK", 256}}, {{"K", 64}}));
    QVERIFY(!resolveParameters(plan, {{"VEC", 4}}, {{"K", 66}}));
    QVERIFY(resolveParameters(plan, {{"VEC", 2}}, {{"K", 66}}));
    QVERIFY(resolveParameters(planOf(kLaunch), {})->empty());
}

void PlanResolvingTest::refusesParameters_data()
{
    QTest::addColumn<QByteArray>("plan");
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<qint64>("value");
    QTest::addColumn<QByteArray>("message");
    QTest::newRow("unknown name") << QByteArray("//@ tune TILE = 8, 16\n") << QByteArray("TILES")
                                  << qint64 {8}
                                  << QByteArray("no tunable 'TILES' (did you mean 'TILE'?). It has TILE");
    QTest::newRow("none at all") << QByteArray() << QByteArray("TILE") << qint64 {8}
                                 << QByteArray("It has none at all");
    QTest::newRow("value not listed")
        << QByteArray("\n//@ tune TILE = 8, 16\n") << QByteArray("TILE") << qint64 {12}
        << QByteArray(
               "line 2: cannot set the parameters: TILE = 12 is not among the values of its tune line. "
               "Choose from 8, 16");
    QTest::newRow("requirement")
        << QByteArray("//@ tune TILE = 8, 16\n//@ require TILE * 2 < 32\n") << QByteArray("TILE")
        << qint64 {16}
        << QByteArray(
               "line 2: the launch plan cannot be used: the requirement 'TILE * 2 < 32' does not hold with "
               "TILE = 16. Choose other parameters");
    QTest::newRow("requirement without value")
        << QByteArray("//@ tune TILE = 8, 0\n//@ require 32 / TILE > 1\n") << QByteArray("TILE") << qint64 {0}
        << QByteArray("division by zero: 'TILE' is 0");
}

void PlanResolvingTest::refusesParameters()
{
    QFETCH(const QByteArray, plan);
    QFETCH(const QByteArray, name);
    QFETCH(const qint64, value);
    QFETCH(const QByteArray, message);
    const auto refused =
        resolveParameters(planOf(plan.toStdString() + kLaunch), {{name.toStdString(), int64_t {value}}});
    QVERIFY(!refused);
    QCOMPARE(refused.error().code, ErrorCode::BadInput);
    QVERIFY2(has(refused.error().message(), message), refused.error().message().c_str());
}

void PlanResolvingTest::resolvesToNumbers()
{
    using Kind = ResolvedLaunch::Arg::Kind;
    const Task task = testTask();
    const auto resolved = resolvePlan(planOf(kTestVariant), {{"VEC", 2}}, task, *task.findWorkload("large"));
    QVERIFY2(resolved, resolved ? "" : resolved.error().message().c_str());
    QCOMPARE(resolved->parameters, (Parameters {{"BLOCK", 64}, {"VEC", 2}}));
    QCOMPARE(resolved->scratch.size(), size_t {1});
    QCOMPARE(resolved->scratch[0].name, std::string("sums"));
    QCOMPARE(resolved->scratch[0].bytes, uint64_t {256 * 1 * 4});
    QVERIFY(resolved->scratch[0].zeroed);
    QCOMPARE(resolved->launches.size(), size_t {2});

    const ResolvedLaunch &first = resolved->launches[0];
    QCOMPARE(first.kernel, std::string("add_rows"));
    QCOMPARE(first.grid, (std::array<uint64_t, 3> {256, 1, 1}));
    QCOMPARE(first.block, (std::array<uint64_t, 3> {64, 1, 1}));
    QCOMPARE(first.sharedBytes, uint64_t {256});
    QCOMPARE(first.line, 6);
    QCOMPARE(first.args.size(), size_t {5});
    QCOMPARE(first.args[0].kind, Kind::Buffer);
    QCOMPARE(first.args[0].name, std::string("A"));
    QCOMPARE(first.args[1].kind, Kind::Buffer);
    QCOMPARE(first.args[1].name, std::string("sums"));
    QCOMPARE(first.args[2].kind, Kind::Integer);
    QCOMPARE(first.args[2].integer, 256);
    QCOMPARE(first.args[3].integer, 64);
    QCOMPARE(first.args[4].integer, 2);

    const ResolvedLaunch &second = resolved->launches[1];
    QCOMPARE(second.grid, (std::array<uint64_t, 3> {8, 256, 1}));
    QCOMPARE(second.sharedBytes, uint64_t {0});
    QCOMPARE(second.args[4].kind, Kind::Scalar);
    QCOMPARE(second.args[4].name, std::string("alpha"));
    QCOMPARE(second.args[5].kind, Kind::Integer);
    QCOMPARE(second.args[5].integer, 1);
}

void PlanResolvingTest::resolvesWhatIsForCudaAlone()
{
    const Task task = testTask();
    const auto resolved =
        resolvePlan(planOf("//@ tune B = 32\n"
                           "//@ tensor_map tile: A box(8, B) swizzle(4 * B)\n"
                           "//@ launch k grid(M, 2) cluster(4, 2) block(1) cooperative args(tile, C)\n"),
                    {}, task, *task.findWorkload("large"));
    QVERIFY2(resolved, resolved ? "" : resolved.error().message().c_str());
    QCOMPARE(resolved->tensorMaps.size(), size_t {1});
    const ResolvedTensorMap &map = resolved->tensorMaps[0];
    QCOMPARE(map.buffer, std::string("A"));
    QCOMPARE(map.dtype, DType::Float32);
    QCOMPARE(map.shape, (std::vector<uint64_t> {256, 64}));
    QCOMPARE(map.box, (std::vector<uint64_t> {8, 32}));
    QCOMPARE(map.swizzleBytes, uint64_t {128});
    const ResolvedLaunch &launch = resolved->launches[0];
    QCOMPARE(launch.cluster, (std::array<uint64_t, 3> {4, 2, 1}));
    QVERIFY(launch.cooperative);
    QCOMPARE(launch.args[0].kind, ResolvedLaunch::Arg::Kind::TensorMap);
    QCOMPARE(launch.args[0].name, std::string("tile"));
}

void PlanResolvingTest::refusesToResolve_data()
{
    QTest::addColumn<QByteArray>("plan");
    QTest::addColumn<QByteArray>("message");
    const auto row = [](const char *name, const char *plan, const char *message) {
        QTest::newRow(name) << QByteArray(plan) << QByteArray(message);
    };
    const auto launch = [&](const char *name, const char *rest, const char *message) {
        row(name, qPrintable(QStringLiteral("//@ launch k ") + QString::fromUtf8(rest)), message);
    };
    launch("division by zero in grid", "grid(M / (K - 64)) block(1) args(C)",
           "line 1: the launch plan cannot be used: on workload 'large' grid has no value: cannot evaluate "
           "'M / (K - 64)': division by zero: 'K - 64' is 0");
    launch("empty grid", "grid(M - 256) block(1) args(C)",
           "grid 'M - 256' is 0 with M = 256, and must be from 1 to 2147483647");
    launch("negative block", "grid(1) block(-4) args(C)", "block '-4' is -4, and must be from 1 to 4096");
    launch("grid beyond 2^31-1", "grid(2147483648) block(1) args(C)", "must be from 1 to 2147483647");
    launch("grid product", "grid(2147483647, 2147483647, 2147483647) block(1) args(C)",
           "multiply to more than");
    launch("block product", "grid(1) block(64, 65) args(C)",
           "the dimensions of block multiply to more than 4096");
    launch("negative shared", "grid(1) block(1) shared(-1) args(C)", "shared '-1' is -1");
    launch("huge shared", "grid(1) block(1) shared(4294967296) args(C)", "must be from 0 to 2147483648");
    launch("argument beyond 32 bits", "grid(1) block(1) args(C, 2147483648)",
           "the argument '2147483648' is 2147483648, and must be from -2147483648 to 2147483647");
    launch("argument without value", "grid(1) block(1) args(C, Q)", "the argument has no value: ");
    launch("cluster that does not divide the grid", "grid(M + 1) cluster(2) block(1) args(C)",
           "a cluster of 2 does not divide a grid of 257");
    launch("cluster beyond every device", "grid(M, M) cluster(8, 4) block(1) args(C)",
           "multiply to more than 16");
    row("tensor map of another rank", "//@ tensor_map t: A box(4)\n//@ launch k grid(1) block(1) args(t, C)",
        "line 1: the launch plan cannot be used: on workload 'large' box has 1 dimensions and 'A' 2");
    row("tensor map of a scalar", "//@ tensor_map t: alpha box(4)\n//@ launch k grid(1) block(1) args(t, C)",
        "has no shape of 1 to 5 dimensions");
    row("box too large", "//@ tensor_map t: A box(1, 512)\n//@ launch k grid(1) block(1) args(t, C)",
        "box '512' is 512, and must be from 1 to 256");
    row("box of odd bytes", "//@ tensor_map t: A box(1, 3)\n//@ launch k grid(1) block(1) args(t, C)",
        "must be a multiple of 16");
    row("box wider than its swizzle",
        "//@ tensor_map t: A box(1, 64) swizzle(128)\n//@ launch k grid(1) block(1) args(t, C)",
        "no longer than the swizzle");
    row("swizzle that does not exist",
        "//@ tensor_map t: A box(1, 8) swizzle(96)\n//@ launch k grid(1) block(1) args(t, C)",
        "swizzle is 96 bytes, and must be 32, 64 or 128");
    launch("overflow", "grid(M * 9223372036854775807) block(1) args(C)",
           "leaves the range of 64-bit integers");
    row("scratch beyond 2 GiB", "//@ scratch t: float32[536870913]\n//@ launch k grid(1) block(1) args(C)",
        "line 1: the launch plan cannot be used: on workload 'large' the scratch buffer 't' exceeds 2 GiB");
    row("scratch product overflows",
        "//@ scratch t: float32[4294967296, 4294967296]\n//@ launch k grid(1) block(1) args(C)",
        "exceeds 2 GiB");
    row("scratch together beyond 2 GiB",
        "//@ scratch t: int8[2147483648]\n//@ scratch u: int8[1]\n//@ launch k grid(1) block(1) args(C)",
        "line 2: the launch plan cannot be used: on workload 'large' the scratch buffers together exceed 2 "
        "GiB");
    row("empty scratch", "//@ scratch t: int8[M - 256]\n//@ launch k grid(1) block(1) args(C)",
        "the scratch dimension 'M - 256' is 0");
    row("requirement on an axis", "//@ require M % 100 == 0\n//@ launch k grid(1) block(1) args(C)",
        "line 1: the launch plan cannot be used: on workload 'large' the requirement 'M % 100 == 0' does not "
        "hold "
        "with M = 256");
    row("requirement on an unknown name", "//@ require Q > 0\n//@ launch k grid(1) block(1) args(C)",
        "unknown name 'Q'");
    row("tunable in place of an axis", "//@ tune M = 1\n//@ launch k grid(M) block(1) args(C)",
        "'M' is an axis of the task");
}

void PlanResolvingTest::refusesToResolve()
{
    QFETCH(const QByteArray, plan);
    QFETCH(const QByteArray, message);
    const Task task = testTask();
    const auto resolved = resolvePlan(planOf(plan.toStdString()), {}, task, *task.findWorkload("large"));
    QVERIFY(!resolved);
    QCOMPARE(resolved.error().code, ErrorCode::BadInput);
    QVERIFY2(has(resolved.error().message(), message), resolved.error().message().c_str());
}

QTEST_APPLESS_MAIN(PlanResolvingTest)
#include "tst_plan_resolving.moc"
