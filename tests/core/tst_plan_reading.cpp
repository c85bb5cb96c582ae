// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Paths.h"
#include "core/candidate/Candidate.h"
#include "tests/core/Mutation.h"
#include "tests/core/ParsedPlan.h"
#include "tests/core/TestTask.h"

#include <QDirIterator>
#include <QTest>

using namespace ww;

namespace {

bool has(const std::string &text, const QByteArray &part)
{
    return text.find(part.toStdString()) != std::string::npos;
}

/// Everything of a plan but the line numbers, to compare plans that stand elsewhere.
std::string content(const LaunchPlan &plan)
{
    std::string text;
    const auto all = [](const std::vector<Expression> &expressions) {
        std::string joined;
        for (const Expression &expression : expressions)
            joined += "<" + expression.text() + ">";
        return joined;
    };
    for (const Tunable &tunable : plan.tunables) {
        text += "tune " + tunable.name;
        for (const int64_t value : tunable.values)
            text += " " + std::to_string(value);
    }
    for (const Requirement &requirement : plan.requirements)
        text += "\nrequire " + requirement.condition.text();
    for (const Scratch &scratch : plan.scratch)
        text += "\nscratch " + scratch.name + toString(scratch.dtype) + all(scratch.shape)
            + (scratch.zeroed ? "zero" : "");
    for (const Launch &launch : plan.launches)
        text += "\nlaunch " + launch.kernel + " g" + all(launch.grid) + " b" + all(launch.block) + " s"
            + launch.shared.text() + " c" + all(launch.cluster) + (launch.cooperative ? "!" : "") + " a"
            + all(launch.args);
    for (const TensorMap &map : plan.tensorMaps)
        text += "\nmap " + map.name + " " + map.tensor + all(map.box) + map.swizzle.text();
    return text;
}

} // namespace

/// What a plan says is read as it was meant, printed, and told apart.
class PlanReadingTest : public QObject {
    Q_OBJECT

private slots:
    void readsEveryStatement();
    void readsTheSameFromOtherTextForms_data();
    void readsTheSameFromOtherTextForms();
    void printedPlanReadsBackEqual();
    void readsEveryKernelOfTheRepository();
    void survivesMutatedSources();
    void contentHashTellsCandidatesApart();
    void namesOfMovesAndRolesReadBack();
};

void PlanReadingTest::readsEveryStatement()
{
    const Task task = testTask();
    const PlanParse parse = parsePlan(kTestVariant, &task);
    QVERIFY2(parse.ok() && parse.diagnostics.empty(), described(parse).c_str());
    const LaunchPlan &plan = parse.plan;
    QCOMPARE(plan.tunables.size(), size_t {2});
    QCOMPARE(plan.tunables[0].name, std::string("BLOCK"));
    QCOMPARE(plan.tunables[0].values, (std::vector<int64_t> {64, 128, 256}));
    QCOMPARE(plan.tunables[0].line, 2);
    QCOMPARE(plan.requirements.size(), size_t {1});
    QCOMPARE(plan.requirements[0].condition.text(), std::string("K % VEC == 0 && BLOCK * VEC <= 512"));
    QCOMPARE(plan.requirements[0].line, 4);
    QCOMPARE(plan.scratch.size(), size_t {1});
    QCOMPARE(plan.scratch[0].name, std::string("sums"));
    QCOMPARE(plan.scratch[0].dtype, DType::Float32);
    QCOMPARE(plan.scratch[0].shape.size(), size_t {2});
    QVERIFY(plan.scratch[0].zeroed);
    QCOMPARE(plan.scratch[0].line, 5);
    QCOMPARE(plan.launches.size(), size_t {2});
    QCOMPARE(plan.launches[0].kernel, std::string("add_rows"));
    QCOMPARE(plan.launches[0].shared.text(), std::string("4 * BLOCK"));
    QCOMPARE(plan.launches[0].args.size(), size_t {5});
    QVERIFY(plan.launches[1].shared.empty());
    QCOMPARE(plan.launches[1].grid.size(), size_t {2});
    QCOMPARE(plan.launches[1].args.back().text(), std::string("ceil_div(K, BLOCK)"));
    QCOMPARE(plan.launches[1].line, 7);
}

void PlanReadingTest::readsTheSameFromOtherTextForms_data()
{
    QTest::addColumn<QByteArray>("source");
    const QByteArray source = QByteArray::fromStdString(kTestVariant);
    QTest::newRow("CRLF") << QByteArray(source).replace("\n", "\r\n");
    QTest::newRow("byte order mark") << "\xEF\xBB\xBF" + source;
    QTest::newRow("tabs") << QByteArray(source).replace(" ", "\t");
    QTest::newRow("indented") << QByteArray(source).replace("//@", "   //@");
    QTest::newRow("no blank behind the mark") << QByteArray(source).replace("//@ ", "//@");
    QTest::newRow("remarks") << QByteArray(source).replace(" zero\n", " zero // first zero, = then (sums\n");
    QTest::newRow("trailing blanks") << QByteArray(source).replace("\n", " \t \n");
    QTest::newRow("no last newline") << source.chopped(1);
    QTest::newRow("attributes in another order") << QByteArray(source).replace(
        "grid(M) block(BLOCK) shared(4 * BLOCK)", "shared(4 * BLOCK) block(BLOCK) grid(M)");
}

void PlanReadingTest::readsTheSameFromOtherTextForms()
{
    QFETCH(const QByteArray, source);
    const Task task = testTask();
    const PlanParse parse = parsePlan(source.toStdString(), &task);
    QVERIFY2(parse.ok() && parse.diagnostics.empty(), described(parse).c_str());
    QCOMPARE(content(parse.plan), content(planOf(kTestVariant)));
    QCOMPARE(parse.plan.launches.back().line, 7);
}

void PlanReadingTest::printedPlanReadsBackEqual()
{
    const LaunchPlan plan = planOf(kTestVariant);
    const std::string printed = printPlan(plan);
    QCOMPARE(
        printed,
        std::string("//@ tune BLOCK = 64, 128, 256\n"
                    "//@ tune VEC = 1, 2, 4\n"
                    "//@ require K % VEC == 0 && BLOCK * VEC <= 512\n"
                    "//@ scratch sums: float32[M, ceil_div(K, BLOCK)] zero\n"
                    "//@ launch add_rows grid(M) block(BLOCK) shared(4 * BLOCK) args(A, sums, M, K, VEC)\n"
                    "//@ launch finish grid(ceil_div(N, BLOCK), M) block(BLOCK) "
                    "args(sums, bias, C, N, alpha, ceil_div(K, BLOCK))\n"));
    QCOMPARE(content(planOf(printed)), content(plan));
    QCOMPARE(printPlan({}), std::string());
}

void PlanReadingTest::readsEveryKernelOfTheRepository()
{
    int kernels = 0;
    QDirIterator files(QStringLiteral(WW_SOURCE_DIR "/kernels"), {QStringLiteral("*.cl")}, QDir::Files,
                       QDirIterator::Subdirectories);
    while (files.hasNext()) {
        const std::string path = files.next().toStdString();
        const auto source = readTextFile(path);
        QVERIFY(source);
        const PlanParse parse = parsePlan(*source);
        QVERIFY2(parse.ok(), (path + "\n" + described(parse)).c_str());
        QCOMPARE(content(planOf(printPlan(parse.plan))), content(parse.plan));
        ++kernels;
    }
    QVERIFY(kernels > 0);
}

void PlanReadingTest::survivesMutatedSources()
{
    const Task task = testTask();
    const std::vector<std::string> dictionary {"//@",
                                               "//@ tune ",
                                               "//@ require ",
                                               "//@ scratch ",
                                               "//@ launch ",
                                               "\n",
                                               "\r\n",
                                               "grid(",
                                               "block(",
                                               "args(",
                                               "shared(",
                                               "cluster(2)",
                                               "cooperative",
                                               "//@ tensor_map ",
                                               "swizzle(",
                                               ")",
                                               "(",
                                               ",",
                                               " = ",
                                               "float32[",
                                               "]",
                                               "zero",
                                               "M",
                                               "BLOCK",
                                               "0",
                                               "-1",
                                               "9223372036854775807",
                                               "ceil_div(",
                                               std::string(1, '\0'),
                                               "\xFF",
                                               "\xE2\x80\xA6",
                                               "__x",
                                               "int",
                                               " // "};
    RandomStream random(2026, 5);
    int good = 0, resolvedCount = 0;
    for (int i = 0; i < fuzzRounds(); ++i) {
        const std::string source = mutated(i % 2 ? kTestVariant : kTestReference, dictionary, random);
        const Task *known = i % 3 ? &task : nullptr;
        const PlanParse parse = parsePlan(source, known);
        if (!parse.ok()) {
            QVERIFY(!parse.diagnostics.empty());
            for (const Diagnostic &diagnostic : parse.diagnostics)
                QVERIFY2(!diagnostic.message.empty() && diagnostic.line >= 0 && diagnostic.column >= 0,
                         source.c_str());
            continue;
        }
        ++good;
        QVERIFY2(content(planOf(printPlan(parse.plan))) == content(parse.plan), source.c_str());
        const auto resolved = resolvePlan(parse.plan, {}, task, task.workloads[static_cast<size_t>(i) % 2]);
        if (resolved)
            ++resolvedCount;
        else
            QVERIFY2(!resolved.error().why.empty(), source.c_str());
    }
    QVERIFY(good > fuzzRounds() / 20);
    QVERIFY(resolvedCount > fuzzRounds() / 20);
}

void PlanReadingTest::contentHashTellsCandidatesApart()
{
    Candidate candidate;
    candidate.source = kTestVariant;
    candidate.parameters = {{"A", 1}, {"B", 2}};
    const std::string hash = candidate.contentHash();
    QCOMPARE(hash.size(), size_t {64});
    // Recorded sessions hold these hashes, so the encoding may not change.
    Candidate small;
    small.source = "x";
    small.parameters = {{"T", 8}};
    QCOMPARE(small.contentHash(),
             std::string("7e1a8fff651214483a1386114244ddc418bb2a547745e3663fe7925828d12cc5"));

    Candidate other = candidate;
    other.id = 7;
    other.title = "another";
    other.step = 3;
    QCOMPARE(other.contentHash(), hash);
    other.parameters["B"] = 3;
    QVERIFY(other.contentHash() != hash);
    other = candidate;
    other.source += " ";
    QVERIFY(other.contentHash() != hash);
    // A parameter that has been written into the source instead.
    other = candidate;
    other.source += "\nparameter 1 A 1\n";
    other.parameters.erase("A");
    QVERIFY(other.contentHash() != hash);
}

void PlanReadingTest::namesOfMovesAndRolesReadBack()
{
    for (const MoveKind kind : {MoveKind::Root, MoveKind::Large, MoveKind::Small, MoveKind::Tune,
                                MoveKind::Edit, MoveKind::Crossover})
        QCOMPARE(*moveKindFromName(toString(kind)), kind);
    for (const LineageRole role :
         {LineageRole::Parent, LineageRole::Context, LineageRole::Inspiration, LineageRole::Base})
        QCOMPARE(*lineageRoleFromName(toString(role)), role);
    const auto refused = moveKindFromName("enormous");
    QVERIFY(!refused);
    QVERIFY(has(refused.error().message(), "root, large, small, tune, edit, crossover"));
    QVERIFY(!lineageRoleFromName(""));
}

QTEST_APPLESS_MAIN(PlanReadingTest)
#include "tst_plan_reading.moc"
