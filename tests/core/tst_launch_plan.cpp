// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/ParsedPlan.h"
#include "tests/core/TestTask.h"

#include <QTest>

using namespace ww;

namespace {

using Severity = Diagnostic::Severity;

const std::string kLaunch = "//@ launch k grid(M) block(64) args(A, C)\nkernel void k() {}\n";

bool has(const std::string &text, const QByteArray &part)
{
    return text.find(part.toStdString()) != std::string::npos;
}

} // namespace

/// What is wrong with a plan is told where it stands.
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

QTEST_APPLESS_MAIN(LaunchPlanTest)
#include "tst_launch_plan.moc"
