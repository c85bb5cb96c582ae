// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Paths.h"
#include "core/candidate/Candidate.h"
#include "core/candidate/LaunchPlan.h"
#include "tests/core/Mutation.h"
#include "tests/core/TestTask.h"

#include <QDirIterator>
#include <QTest>

using namespace ww;

namespace {

using Severity = Diagnostic::Severity;

const std::string kLaunch = "//@ launch k grid(M) block(64) args(A, C)\nkernel void k() {}\n";

bool has(const std::string &text, const QByteArray &part)
{
    return text.find(part.toStdString()) != std::string::npos;
}

std::string described(const PlanParse &parse)
{
    std::string text;
    for (const Diagnostic &diagnostic : parse.diagnostics)
        text += std::to_string(diagnostic.line) + ":" + std::to_string(diagnostic.column) + " "
            + diagnostic.message + "\n";
    return text;
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

LaunchPlan planOf(const std::string &source)
{
    const PlanParse parse = parsePlan(source);
    if (!parse.ok())
        qFatal("%s", described(parse).c_str());
    return parse.plan;
}

} // namespace

class LaunchPlanTest : public QObject {
    Q_OBJECT

private slots:
    void reportsFaultsWhereTheyStand_data();
    void reportsFaultsWhereTheyStand();
    void checksNamesAgainstTheTask_data();
    void checksNamesAgainstTheTask();
    void enforcesLimits_data();
    void enforcesLimits();
    void refusesBytesNoSourceMayHold_data();
    void refusesBytesNoSourceMayHold();
    void refusesHugeSourcesAtOnce();
    void boundsItsDiagnostics();
    void warnsOfAKernelTheSourceDoesNotMention();
    void errorNamesFileLineAndColumn();
    void readsEveryStatement();
    void readsTheSameFromOtherTextForms_data();
    void readsTheSameFromOtherTextForms();
    void printedPlanReadsBackEqual();
    void readsEveryKernelOfTheRepository();
    void fillsInParameters();
    void refusesParameters_data();
    void refusesParameters();
    void resolvesToNumbers();
    void resolvesWhatIsForCudaAlone();
    void refusesToResolve_data();
    void refusesToResolve();
    void survivesMutatedSources();
    void contentHashTellsCandidatesApart();
    void namesOfMovesAndRolesReadBack();
};

void LaunchPlanTest::reportsFaultsWhereTheyStand_data()
{
    QTest::addColumn<QByteArray>("source");
    QTest::addColumn<int>("line");
    QTest::addColumn<int>("column");
    QTest::addColumn<QByteArray>("message");
    const auto row = [](const char *name, const QByteArray &lines, int line, int column,
                        const char *message) {
        QTest::newRow(name) << lines + "\n" + QByteArray::fromStdString(kLaunch) << line << column
                            << QByteArray(message);
    };
    row("nothing behind the mark", "//@", 1, 4,
        "expected tune, require, scratch, tensor_map or launch, found the end of the line");
    row("only a remark", "//@ // tune X = 1", 1, 5, "found the end of the line");
    row("unknown statement", "\n//@ tunes X = 1", 2, 5, "unknown statement 'tunes' (did you mean 'tune'?)");
    row("far from any statement", "//@ frobnicate X", 1, 5,
        "there are tune, require, scratch, tensor_map and launch");
    row("call in a candidate", "//@ call cublas.sgemm(A, B, C, M, N, K)", 1, 5,
        "for a task's library baseline alone");
    row("symbol for a statement", "//@ = 3", 1, 5, "found '='");

    row("tune without name", "//@ tune = 1", 1, 10, "expected the name of a tunable, found '='");
    row("tune without values", "//@ tune X", 1, 11, "expected '=' and the values, found the end of the line");
    row("tune with nothing behind =", "//@ tune X =", 1, 13, "expected an integer, found the end");
    row("trailing comma", "//@ tune X = 1,", 1, 16, "expected an integer");
    row("values without comma", "//@ tune X = 1 2", 1, 16, "expected the end of the line, found '2'");
    row("words behind the values", "//@ tune X = 1, 2 first is the default", 1, 19,
        "a remark begins with //");
    row("real value", "//@ tune X = 1.5", 1, 14, "plain decimal integers");
    row("hexadecimal value", "//@ tune X = 0x10", 1, 14, "plain decimal integers");
    row("value beyond 64 bits", "//@ tune X = 9223372036854775808", 1, 14, "leaves the range of 64-bit");
    row("name for a value", "//@ tune X = M", 1, 14, "expected an integer, found 'M'");
    row("value twice", "//@ tune X = 4, 8, 4", 1, 20, "the value 4 stands twice");
    row("tunable twice", "//@ tune X = 1\n//@ tune X = 2", 2, 10, "the tunable 'X' is declared twice");
    row("digit first", "//@ tune 2X = 1", 1, 10, "expected the name of a tunable, found '2X'");
    row("two underscores", "//@ tune __X = 1", 1, 10, "begins with two underscores");
    row("C keyword", "//@ tune int = 1", 1, 10, "'int' is a word of the language");
    row("OpenCL keyword", "//@ tune kernel = 1", 1, 10, "'kernel' is a word of the language");
    row("vector type", "//@ tune float4 = 1", 1, 10, "'float4' is a word of the language");
    row("image type", "//@ tune image2d_t = 1", 1, 10, "'image2d_t' is a word of the language");
    row("size_t", "//@ tune size_t = 1", 1, 10, "'size_t' is a word of the language");
    row("function", "//@ tune max = 1", 1, 10, "'max' is a function");

    row("empty require", "//@ require", 1, 12, "expected a number, a name or '(', found the end");
    row("assignment in require", "//@ require M = 3", 1, 15, "equality is written '=='");
    row("half an expression", "//@ require M % (VEC", 1, 21, "expected ')', found the end");
    row("words behind require", "//@ require M > 3 always", 1, 19, "found 'always'");
    row("chained comparison", "//@ require 0 < M < 9", 1, 19, "comparisons do not chain");

    row("scratch without type", "//@ scratch t", 1, 14, "expected ':' and the element type");
    row("unknown type", "//@ scratch t: flaot32[M]", 1, 16,
        "unknown element type 'flaot32' (did you mean 'float32'?)");
    row("scratch without shape", "//@ scratch t: float32", 1, 23, "expected '['");
    row("empty shape", "//@ scratch t: float32[]", 1, 24, "found ']'");
    row("open shape", "//@ scratch t: float32[M, N", 1, 28, "expected an operator, ',' or ']'");
    row("parentheses for brackets", "//@ scratch t: float32(M)", 1, 23, "expected '[', found '('");
    row("not zero", "//@ scratch t: float32[M] zeros", 1, 27,
        "expected 'zero' or the end of the line, found 'zeros'");
    row("scratch twice", "//@ scratch t: int8[M]\n//@ scratch t: int8[N]", 2, 13, "declared twice");
    row("scratch as tunable", "//@ tune t = 1\n//@ scratch t: int8[M]", 2, 13, "'t' is a tunable already");

    row("launch without kernel", "//@ launch", 1, 11, "expected the name of a kernel");
    row("launch without grid", "//@ launch k block(1) args(C)", 1, 30, "the launch of 'k' lacks grid(…)");
    row("launch without block", "//@ launch k grid(1) args(C)", 1, 29, "lacks block(…)");
    row("launch without args", "//@ launch k grid(1) block(1)", 1, 30, "lacks args(…)");
    row("attribute twice", "//@ launch k grid(1) grid(1) block(1) args(C)", 1, 22, "grid(…) stands twice");
    row("unknown attribute", "//@ launch k gird(1)", 1, 14,
        "unknown launch attribute 'gird' (did you mean 'grid'?)");
    row("cluster twice", "//@ launch k cluster(1) cluster(2) grid(1) block(1) args(C)", 1, 25,
        "cluster(…) stands twice");
    row("cooperative with a size", "//@ launch k cooperative(2) grid(1) block(1) args(C)", 1, 25,
        "found '('");
    row("tensor_map in a launch", "//@ launch k tensor_map(A) grid(1) block(1) args(C)", 1, 14,
        "unknown launch attribute 'tensor_map'");
    row("tensor map without tensor", "//@ tensor_map t box(1)", 1, 18, "expected ':'");
    row("tensor map without box", "//@ tensor_map t: A swizzle(32)", 1, 32, "lacks box(…)");
    row("tensor map with an unknown word", "//@ tensor_map t: A boks(1)", 1, 21, "unknown attribute 'boks'");
    row("tensor map with two boxes", "//@ tensor_map t: A box(1) box(1)", 1, 28, "box(…) stands twice");
    row("tensor map twice", "//@ tensor_map t: A box(1)\n//@ tensor_map t: A box(1)", 2, 16,
        "declared twice");
    row("open cluster", "//@ launch k cluster(1, 2", 1, 26, "expected an operator, ',' or ')'");
    row("four dimensions", "//@ launch k grid(1, 2, 3, 4) block(1) args(C)", 1, 28, "at most 3 expressions");
    row("two shared sizes", "//@ launch k grid(1) block(1) shared(1, 2) args(C)", 1, 41,
        "at most 1 expressions");
    row("empty grid", "//@ launch k grid() block(1) args(C)", 1, 19, "found ')'");
    row("open grid", "//@ launch k grid(1", 1, 20, "expected an operator, ',' or ')', found the end");
    row("missing parenthesis", "//@ launch k grid 1", 1, 19, "expected '(', found '1'");
    row("string argument", "//@ launch k grid(1) block(1) args(\"A\")", 1, 36, "found '\"'");
    row("indented mark", "  \t//@ tune X =", 1, 16, "expected an integer");
    row("outside ASCII", "//@ tune X = 1, \xC3\xA4", 1, 17, "found '\xC3\xA4'");
    row("deep expression", "//@ require " + QByteArray(100, '('), 1, 77, "nested deeper than 64 levels");
    row("long expression", "//@ require " + QByteArray("1 + ").repeated(1500) + "1", 1, 4109,
        "at most 4096 characters");
}

void LaunchPlanTest::reportsFaultsWhereTheyStand()
{
    QFETCH(const QByteArray, source);
    QFETCH(const int, line);
    QFETCH(const int, column);
    QFETCH(const QByteArray, message);
    const PlanParse parse = parsePlan(source.toStdString());
    QVERIFY(!parse.ok());
    QCOMPARE(parse.diagnostics.size(), size_t {1});
    const Diagnostic &diagnostic = parse.diagnostics.front();
    QVERIFY2(has(diagnostic.message, message), described(parse).c_str());
    QCOMPARE(diagnostic.severity, Severity::Error);
    QCOMPARE(diagnostic.line, line);
    QCOMPARE(diagnostic.column, column);
}

void LaunchPlanTest::checksNamesAgainstTheTask_data()
{
    QTest::addColumn<QByteArray>("source");
    QTest::addColumn<int>("line");
    QTest::addColumn<int>("column");
    QTest::addColumn<QByteArray>("message");
    const auto row = [](const char *name, const QByteArray &source, int line, int column,
                        const char *message) {
        QTest::newRow(name) << source << line << column << QByteArray(message);
    };
    const QByteArray launch = QByteArray::fromStdString(kLaunch);
    row("argument names nothing", "//@ launch k grid(M) block(1) args(A, Q, C)\nk", 1, 39,
        "the argument 'Q' names nothing");
    row("argument nearly names a tensor", "//@ launch k grid(M) block(1) args(biass, C)\nk", 1, 36,
        "(did you mean 'bias'?)");
    row("argument computed from nothing", "//@ launch k grid(M) block(1) args(C, Q + 1)\nk", 1, 39,
        "unknown name 'Q' in args");
    row("argument computed from a tensor", "//@ launch k grid(M) block(1) args(C, A + 1)\nk", 1, 39,
        "'A' has no value in args");
    row("argument computed from a scalar", "//@ launch k grid(M) block(1) args(C, 2 * alpha)\nk", 1, 43,
        "'alpha' has no value in args");
    row("unknown name in grid", "//@ launch k grid(M, BLOK) block(1) args(C)\n//@ tune BLOCK = 1\nk", 1, 22,
        "unknown name 'BLOK' in grid: neither an axis of the task nor a tunable (did you mean 'BLOCK'?)");
    row("tensor in block", "//@ launch k grid(M) block(A) args(A, C)\nk", 1, 28, "'A' has no value in block");
    row("scratch in shared", "//@ scratch t: int8[M]\n//@ launch k grid(M) block(1) shared(t) args(t, C)\nk",
        2, 38, "'t' has no value in shared");
    row("cluster in OpenCL", "//@ launch k cluster(2) grid(M) block(1) args(A, C)\nk", 1, 14,
        "'cluster' is for CUDA kernels, and this task's are in opencl");
    row("cooperative in OpenCL", "//@ launch k grid(M) block(1) cooperative args(A, C)\nk", 1, 31,
        "'cooperative' is for CUDA kernels");
    row("tensor map in OpenCL", "//@ tensor_map t: A box(1, 4)\n" + launch, 1, 5,
        "'tensor_map' is for CUDA kernels");
    row("unknown name in require", "//@ require Q > 1\n" + launch, 1, 13, "unknown name 'Q' in require");
    row("unknown name in scratch", "//@ scratch t: int8[M, Q]\n" + launch, 1, 24,
        "unknown name 'Q' in scratch");
    row("tunable is an axis", "//@ tune M = 1, 2\n" + launch, 1, 10,
        "'M' is an axis of the task: give the tunable another name");
    row("tunable is a tensor", "//@ tune A = 1, 2\n" + launch, 1, 10, "'A' is a tensor of the task");
    row("tunable is a scalar", "//@ tune alpha = 1, 2\n" + launch, 1, 10, "'alpha' is a scalar of the task");
    row("scratch is an axis", "//@ scratch N: int8[4]\n" + launch, 1, 13,
        "'N' is an axis of the task: give the scratch buffer another name");
    row("output never given", "//@ launch k grid(M) block(64) args(A, M)\nk", 1, 0,
        "no launch is given the output 'C', so nothing can write it: add it to args(…)");
    row("no plan at all", "kernel void k() {}\n", 0, 0,
        "add a line //@ launch KERNEL grid(…) block(…) args(…)");
    row("empty source", "", 0, 0, "the source has no launch");
    row("tunables only", "//@ tune X = 1\n", 0, 0, "the source has no launch");
}

void LaunchPlanTest::checksNamesAgainstTheTask()
{
    QFETCH(const QByteArray, source);
    QFETCH(const int, line);
    QFETCH(const int, column);
    QFETCH(const QByteArray, message);
    const Task task = testTask();
    const PlanParse parse = parsePlan(source.toStdString(), &task);
    QVERIFY(!parse.ok());
    QCOMPARE(parse.diagnostics.size(), size_t {1});
    QVERIFY2(has(parse.diagnostics.front().message, message), described(parse).c_str());
    QCOMPARE(parse.diagnostics.front().line, line);
    QCOMPARE(parse.diagnostics.front().column, column);
}

void LaunchPlanTest::enforcesLimits_data()
{
    QTest::addColumn<QByteArray>("before");
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<int>("most");
    QTest::addColumn<QByteArray>("message");
    QTest::newRow("tunables") << QByteArray() << QByteArray("//@ tune X%1 = 1\n") << 64
                              << QByteArray("at most 64 tunables");
    QTest::newRow("requirements") << QByteArray() << QByteArray("//@ require %1 >= 0\n") << 64
                                  << QByteArray("at most 64 requirements");
    QTest::newRow("scratch") << QByteArray() << QByteArray("//@ scratch t%1: int8[4]\n") << 32
                             << QByteArray("at most 32 scratch buffers");
    QTest::newRow("launches") << QByteArray() << QByteArray("//@ launch k grid(%1 + 1) block(1) args()\n")
                              << 31 << QByteArray("at most 32 launches");
    QTest::newRow("values") << QByteArray("//@ tune X = -1") << QByteArray(", %1") << 63
                            << QByteArray("at most 64 values");
    QTest::newRow("arguments") << QByteArray("//@ launch k grid(1) block(1) args(1") << QByteArray(", %1")
                               << 63 << QByteArray("at most 64 expressions");
    QTest::newRow("dimensions") << QByteArray("//@ scratch t: int8[1") << QByteArray(", %1") << 7
                                << QByteArray("at most 8 expressions");
}

void LaunchPlanTest::enforcesLimits()
{
    QFETCH(const QByteArray, before);
    QFETCH(const QByteArray, line);
    QFETCH(const int, most);
    QFETCH(const QByteArray, message);
    const auto source = [&](int count) {
        QByteArray text = before;
        for (int i = 0; i < count; ++i)
            text += QString::fromUtf8(line).arg(i).toUtf8();
        if (before.contains('('))
            text += ")";
        else if (before.contains('['))
            text += "]";
        return (text + "\n").toStdString() + kLaunch;
    };
    QVERIFY2(parsePlan(source(most)).ok(), described(parsePlan(source(most))).c_str());
    const PlanParse refused = parsePlan(source(most + 1));
    QVERIFY(!refused.ok());
    QVERIFY2(has(refused.diagnostics.front().message, message), described(refused).c_str());
    const PlanParse thousands = parsePlan(source(5000));
    QVERIFY(!thousands.ok());
    QVERIFY(thousands.diagnostics.size() <= 102);
}

void LaunchPlanTest::refusesBytesNoSourceMayHold_data()
{
    QTest::addColumn<QByteArray>("source");
    QTest::addColumn<int>("line");
    QTest::addColumn<int>("column");
    QTest::addColumn<QByteArray>("message");
    const QByteArray launch = QByteArray::fromStdString(kLaunch);
    QTest::newRow("NUL in code") << launch + QByteArray("a\nbc\0d\0", 7) << 4 << 3 << QByteArray("NUL byte");
    QTest::newRow("NUL in a plan line")
        << launch + QByteArray("//@ tune X\0 = 1", 15) << 3 << 11 << QByteArray("NUL byte");
    QTest::newRow("lone continuation byte") << launch + "ab\x80" << 3 << 3 << QByteArray("not valid UTF-8");
    QTest::newRow("cut sequence at the end")
        << launch + "\n \xE2\x82" << 4 << 2 << QByteArray("not valid UTF-8");
    QTest::newRow("UTF-16") << QByteArray("\xFF\xFE/\0/\0", 6) + launch << 1 << 1
                            << QByteArray("not valid UTF-8");
    QTest::newRow("Latin-1 in a plan line")
        << launch + "//@ tune X = 1 // f\xFCnf" << 3 << 20 << QByteArray("not valid UTF-8");
}

void LaunchPlanTest::refusesBytesNoSourceMayHold()
{
    QFETCH(const QByteArray, source);
    QFETCH(const int, line);
    QFETCH(const int, column);
    QFETCH(const QByteArray, message);
    const PlanParse parse = parsePlan(source.toStdString());
    QVERIFY(!parse.ok());
    const bool found =
        std::any_of(parse.diagnostics.begin(), parse.diagnostics.end(), [&](const Diagnostic &d) {
            return d.severity == Severity::Error && d.line == line && d.column == column
                && has(d.message, message);
        });
    QVERIFY2(found, described(parse).c_str());
}

void LaunchPlanTest::refusesHugeSourcesAtOnce()
{
    const std::string fits = kLaunch + std::string((1u << 20) - kLaunch.size(), '\n');
    QVERIFY(parsePlan(fits).ok());
    for (const size_t size : {size_t {1} << 20 | 1, size_t {10'000'000}}) {
        const PlanParse refused = parsePlan(kLaunch + std::string(size - kLaunch.size(), '\n'));
        QVERIFY(!refused.ok());
        QVERIFY(has(refused.diagnostics.front().message, "more than the limit of 1048576"));
    }
}

void LaunchPlanTest::boundsItsDiagnostics()
{
    std::string source;
    while (source.size() < 1'000'000)
        source += "//@ nonsense\n";
    const PlanParse parse = parsePlan(source);
    QVERIFY(!parse.ok());
    QCOMPARE(parse.diagnostics.size(), size_t {101});
    QVERIFY(has(parse.diagnostics.back().message, "the lines from here on were not read"));
    QCOMPARE(parse.diagnostics.back().line, 101);
}

void LaunchPlanTest::warnsOfAKernelTheSourceDoesNotMention()
{
    const Task task = testTask();
    const std::string plan = "//@ launch softmax grid(M) block(1) args(A, C)\n";
    for (const char *code : {"kernel void softmax_rows() {}", "kernel void sum() {}", ""}) {
        const PlanParse parse = parsePlan(plan + code, &task);
        QVERIFY(parse.ok());
        QCOMPARE(parse.diagnostics.size(), size_t {1});
        QCOMPARE(parse.diagnostics.front().severity, Severity::Warning);
        QCOMPARE(parse.diagnostics.front().line, 1);
        QVERIFY(has(parse.diagnostics.front().message, "does not mention a kernel 'softmax'"));
    }
    QVERIFY(parsePlan(plan + "kernel void softmax() {}", &task).diagnostics.empty());
}

void LaunchPlanTest::errorNamesFileLineAndColumn()
{
    const Error one = parsePlan("\n//@ tune X\n" + kLaunch).error("dir/k.cl");
    QCOMPARE(one.where, std::string("dir/k.cl:2:11"));
    QCOMPARE(one.code, ErrorCode::BadInput);
    QVERIFY(one.message().starts_with("dir/k.cl:2:11: the launch plan cannot be used: expected '='"));

    const Error several = parsePlan("//@ a\n//@ b\n//@ c\n").error("k.cl");
    QCOMPARE(several.where, std::string("k.cl:1:5"));
    QVERIFY(several.why.ends_with("(and 2 more)"));
    QCOMPARE(parsePlan("").error("k.cl").where, std::string("k.cl"));
}

void LaunchPlanTest::readsEveryStatement()
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

void LaunchPlanTest::readsTheSameFromOtherTextForms_data()
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

void LaunchPlanTest::readsTheSameFromOtherTextForms()
{
    QFETCH(const QByteArray, source);
    const Task task = testTask();
    const PlanParse parse = parsePlan(source.toStdString(), &task);
    QVERIFY2(parse.ok() && parse.diagnostics.empty(), described(parse).c_str());
    QCOMPARE(content(parse.plan), content(planOf(kTestVariant)));
    QCOMPARE(parse.plan.launches.back().line, 7);
}

void LaunchPlanTest::printedPlanReadsBackEqual()
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

void LaunchPlanTest::readsEveryKernelOfTheRepository()
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

void LaunchPlanTest::fillsInParameters()
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

void LaunchPlanTest::refusesParameters_data()
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

void LaunchPlanTest::refusesParameters()
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

void LaunchPlanTest::resolvesToNumbers()
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

void LaunchPlanTest::resolvesWhatIsForCudaAlone()
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

void LaunchPlanTest::refusesToResolve_data()
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

void LaunchPlanTest::refusesToResolve()
{
    QFETCH(const QByteArray, plan);
    QFETCH(const QByteArray, message);
    const Task task = testTask();
    const auto resolved = resolvePlan(planOf(plan.toStdString()), {}, task, *task.findWorkload("large"));
    QVERIFY(!resolved);
    QCOMPARE(resolved.error().code, ErrorCode::BadInput);
    QVERIFY2(has(resolved.error().message(), message), resolved.error().message().c_str());
}

void LaunchPlanTest::survivesMutatedSources()
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

void LaunchPlanTest::contentHashTellsCandidatesApart()
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

void LaunchPlanTest::namesOfMovesAndRolesReadBack()
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

QTEST_APPLESS_MAIN(LaunchPlanTest)
#include "tst_launch_plan.moc"
