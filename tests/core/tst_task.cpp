// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Utf8.h"
#include "core/candidate/TaskAdmission.h"
#include "tests/core/TaskFolder.h"

#include <QRegularExpression>
#include <QTest>

#include <sys/stat.h>

using namespace ww;

namespace {

bool has(const std::string &text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

std::string replacedOnce(std::string text, const std::string &from, const std::string &to)
{
    const size_t at = text.find(from);
    if (at == std::string::npos)
        qFatal("the test task does not hold %s", from.c_str());
    return text.replace(at, from.size(), to);
}

} // namespace

/// Tasks as they lie in folders.
class TaskTest : public QObject {
    Q_OBJECT

private slots:
    void refusesBrokenTaskFiles_data();
    void refusesBrokenTaskFiles();
    void refusesBrokenKernels_data();
    void refusesBrokenKernels();
    void refusesMissingOrUnfitFiles_data();
    void refusesMissingOrUnfitFiles();
    void refusesUnknownLanguages();
    void loadsAWholeTask();
    void followsLinksToRegularFiles();
    void loadsCudaKernelsWhenAsked();
    void everyTaskOfTheRepositoryIsAdmitted_data();
    void everyTaskOfTheRepositoryIsAdmitted();
    void listsTasksAndProblems();
};

void TaskTest::refusesBrokenTaskFiles_data()
{
    QTest::addColumn<QByteArray>("from");
    QTest::addColumn<QByteArray>("to");
    QTest::addColumn<QByteArray>("place"); // behind the path of task.json
    QTest::addColumn<QByteArray>("message");
    const auto row = [](const char *name, const char *from, const char *to, const char *message,
                        const char *place = ":") {
        QTest::newRow(name) << QByteArray(from) << QByteArray(to) << QByteArray(place) << QByteArray(message);
    };
    row("comma missing", "\"name\": \"scaled-sum\",", "\"name\": \"scaled-sum\"", "syntax error", ":3:");
    row("comma too many", "\"tags\": [\"reduction\", \"test\"]", "\"tags\": [\"reduction\",]", "syntax error",
        ":4:");
    row("cut off", "\"linear\": true}\n}", "\"linear\": true}\n", "unexpected end of input", ":27:1");
    row("remark", "\"tags\"", "// what it is\n  \"tags\"", "syntax error", ":4:");
    row("ill-formed UTF-8", "C[m, n]", "C\xFF", "ill-formed UTF-8", ":3:20");
    QTest::newRow("NUL behind the end") << QByteArray("true}\n}") << QByteArray("true}\n}\0x", 10)
                                        << QByteArray(":27:2") << QByteArray("a NUL byte");
    row("NaN", "\"low\": 0.5", "\"low\": NaN", "syntax error", ":13:46");
    row("number too large", "\"low\": 0.5", "\"low\": 1e999", "number overflow parsing '1e999'", ":13:50");
    row("key twice", "\"tags\"", "\"name\": \"x\", \"tags\"", "the key 'name' stands twice in one object",
        ":4:8: ");
    row("axis twice", "\"N\": {\"type\"", "\"M\": {\"type\"", "the key 'M' stands twice", ":7:7: ");
    row("tensor twice", "\"alpha\": {", "\"A\": {", "the key 'A' stands twice", ":14:7: ");
    row("not an object", kTestTaskJson.c_str(), "[]", "the document: must be an object, not a list");
    row("not even JSON", kTestTaskJson.c_str(), "name: x", "syntax error", ":1:");
    row("empty file", kTestTaskJson.c_str(), "", "unexpected end of input", ":1:1");

    row("unknown key", "\"tags\"", "\"tagz\"", "the document: unknown key 'tagz' (did you mean 'tags'?)");
    row("no name", "\"name\": \"scaled-sum\",", "", "the key 'name' is missing");
    row("no inputs", "\"inputs\": {", "\"policy2\": {", "the key 'inputs' is missing");
    row("no workloads", "\"workloads\"", "\"workload\"", "the key 'workloads' is missing");
    row("name of a wrong type", "\"name\": \"scaled-sum\"", "\"name\": 3", "name: must be a string, not '3'");
    row("tag of a wrong type", "\"reduction\", \"test\"", "\"reduction\", 4",
        "tags[1]: must be a string, not '4'", ":4: ");
    row("axes as a list", R"("M": {"type": "var", "description": "rows"},)", R"("M": ["var"],)",
        "axes.M: must be an object");
    row("axis type", R"("M": {"type": "var")", R"("M": {"type": "variable")",
        "axes.M.type: must be 'var' or 'const', not 'variable'");
    row("axis without type", R"("M": {"type": "var", "description")", R"("M": {"description")",
        "axes.M: the key 'type' is missing");
    row("const without value", R"("type": "const", "value": 64)", R"("type": "const")",
        "axes.K: the key 'value' is missing", ":8: ");
    row("value of a var axis", R"("M": {"type": "var",)", R"("M": {"type": "var", "value": 4,)",
        "axes.M: unknown key 'value'");
    row("name inside an axis", R"("M": {"type")", R"("M": {"name": "Q", "type")",
        "axes.M: unknown key 'name'");
    row("const of zero", "\"value\": 64", "\"value\": 0", "axes.K.value: must be at least 1, not 0");
    row("real const", "\"value\": 64", "\"value\": 64.5",
        "axes.K.value: must be an integer of 64 bits, not '64.5'");
    row("axis is no identifier", R"("M": {"type")", R"("M-1": {"type")", "axes: 'M-1' is not a name");
    row("axis is a function", R"("N": {"type")", R"("max": {"type")", "'max' is a function of expressions");
    row("tensor named as an axis", "\"bias\": {", "\"M\": {", "inputs: the name 'M' is taken");
    row("output named as an input", "\"C\": {\"shape\"", "\"A\": {\"shape\"",
        "outputs: the name 'A' is taken", ":16: ");

    row("unknown dtype", R"("dtype": "int32")", R"("dtype": "int31")",
        "inputs.bias.dtype: unknown dtype 'int31' (did you mean 'int32'?); there are float64, float32");
    row("dtype of a wrong type", R"("dtype": "int32")", R"("dtype": 32)",
        "inputs.bias.dtype: unknown dtype ''");
    row("no dtype", R"("C": {"shape": ["M", "N"], "dtype": "float32"})", R"("C": {"shape": ["M", "N"]})",
        "outputs.C: the key 'dtype' is missing");
    row("no shape", R"("bias": {"shape": ["N"], )", R"("bias": {)",
        "inputs.bias: the key 'shape' is missing");
    row("shape of a wrong type", R"("shape": ["N"])", R"("shape": "N")",
        "inputs.bias.shape: must be a list, not '\"N\"'", ":11: ");
    row("shape does not parse", R"("shape": ["N"])", R"("shape": ["N +"])",
        "inputs.bias.shape[0]: line 1, column 4: expected a number");
    row("shape of a real", R"("shape": ["N"])", R"("shape": [1.5])",
        "inputs.bias.shape[0]: must be an expression");
    row("shape of nothing", R"("shape": ["N"])", R"("shape": [])",
        "inputs.bias.shape: there must be at least 1");
    row("shape of an unknown axis", R"("shape": ["M", "N"])", R"("shape": ["M", "Q"])",
        "outputs.C.shape[1]: 'Q' uses 'Q', which is not an axis. Declare it under axes or correct the name");
    row("shape of a tensor", R"("shape": ["M", "N"])", R"("shape": ["M", "alpha"])",
        "'alpha' uses 'alpha', which is not an axis");
    row("shape divides by zero", R"("shape": ["M", "N"])", R"j("shape": ["M", "N / (M - 3)"])j",
        "workloads[1] ('odd'): cannot size the tensor 'C': dimension 2 of it: cannot evaluate 'N / (M - 3)': "
        "division by zero");
    row("negative shape", R"("shape": ["M", "N"])", R"("shape": ["M", "N - 8"])", "'N - 8', is -1");
    row("empty shape", R"("shape": ["M", "N"])", R"("shape": ["M", "N - 7"])",
        "workloads[1] ('odd'): the tensor 'C' has no elements");
    row("huge shape", R"("shape": ["M", "N"])", R"("shape": ["M", "N", 1073741824])",
        "more than 2^40 elements");
    row("scalar output", R"("C": {"shape": ["M", "N"])", R"("C": {"shape": null)",
        "outputs.C.shape: an output cannot be a scalar. Give it the shape [1]");
    row("no outputs", R"("C": {"shape": ["M", "N"], "dtype": "float32"})", "",
        "outputs: there must be at least 1");

    row("fill of an output", R"("C": {"shape": ["M", "N"],)",
        R"("C": {"fill": {"kind": "normal"}, "shape": ["M", "N"],)", "outputs.C: unknown key 'fill'");
    row("fill of a scalar", R"("alpha": {)", R"("alpha": {"fill": {"kind": "normal"}, )",
        "inputs.alpha: unknown key 'fill'");
    row("unknown fill", R"("kind": "uniform")", R"("kind": "gauss")",
        "inputs.A.fill.kind: must be 'uniform', 'normal' or 'integer', not 'gauss'");
    row("fill without kind", R"("kind": "uniform", )", "", "inputs.A.fill: the key 'kind' is missing");
    row("key of another fill", R"("kind": "uniform",)", R"("kind": "uniform", "mean": 0,)",
        "inputs.A.fill: unknown key 'mean'");
    row("normal integers", R"({"kind": "integer", "low": -4, "high": 4})", R"({"kind": "normal"})",
        "inputs.bias.fill: 'normal' is for floating-point tensors. Use 'integer' with low and high");
    row("low above high", "\"low\": 0.5, \"high\": 2", "\"low\": 3, \"high\": 2",
        "inputs.A.fill: low (3) must not be above high (2)");
    row("integers of a fraction", "\"low\": -4", "\"low\": -4.5", "must be whole numbers from");
    row("integers beyond the type", "\"high\": 4}", "\"high\": 4000000000}", "must be whole numbers from");
    row("negative spread", R"("kind": "uniform", "low": 0.5, "high": 2)", R"("kind": "normal", "stddev": -1)",
        "stddev not negative");

    row("constraint does not parse", "\"M > 0\"", "\"M >\"",
        "constraints[0]: line 1, column 4: expected a number");
    row("constraint on an unknown axis", "\"M > 0\"", "\"m > 0\"",
        "constraints[0]: 'm > 0' uses 'm', which is not an axis (did you mean 'M'?)");
    row("workload breaks a constraint", "\"M > 0\"", "\"M % 2 == 0\"",
        "workloads[1] ('odd'): breaks constraints[0], 'M % 2 == 0'. Change the workload or the constraint");
    row("constraint without value", "\"M > 0\"", "\"M / (M - 256)\"",
        "workloads[0] ('large'): constraints[0]: cannot evaluate 'M / (M - 256)': division by zero");

    row("workload without name", R"({"name": "odd", )", "{", "workloads[1]: the key 'name' is missing");
    row("workload twice", "\"name\": \"odd\"", "\"name\": \"large\"",
        "workloads[1].name: the name 'large' stands twice");
    row("workload as a path", "\"name\": \"odd\"", "\"name\": \"../odd\"",
        "workloads[1].name: '../odd' must be");
    row("workload lacks an axis", "\"M\": 3, \"N\": 7", "\"M\": 3",
        "workloads[1].axes: the axis 'N' is missing. Give every var axis a value in every workload");
    row("workload with an unknown axis", "\"M\": 3, \"N\": 7", "\"M\": 3, \"n\": 7",
        "workloads[1].axes.n: there is no such axis (did you mean 'N'?)");
    row("workload with another const", "\"K\": 64}", "\"K\": 65}",
        "workloads[1].axes.K: the axis is const with value 64, not 65");
    row("empty axis", "\"M\": 3, \"N\": 7", "\"M\": 0, \"N\": 7",
        "workloads[1].axes.M: must be at least 1, not 0");
    row("negative axis", "\"M\": 3, \"N\": 7", "\"M\": -3, \"N\": 7",
        "workloads[1].axes.M: must be at least 1, not -3");
    row("axis of a wrong type", "\"M\": 3, \"N\": 7", "\"M\": \"3\", \"N\": 7",
        "workloads[1].axes.M: must be an integer of 64 bits, not '\"3\"'");
    row("axis beyond 64 bits", "\"M\": 3, \"N\": 7", "\"M\": 9223372036854775808, \"N\": 7",
        "workloads[1].axes.M: must be an integer of 64 bits");
    row("scalar missing", "\"scalars\": {\"alpha\": 2}", "\"scalars\": {}",
        "workloads[1].scalars: the scalar 'alpha' is missing");
    row("unknown scalar", "\"scalars\": {\"alpha\": 2}", "\"scalars\": {\"alpha\": 2, \"alhpa\": 2}",
        "workloads[1].scalars.alhpa: there is no such scalar input (did you mean 'alpha'?)");
    row("tensor as a scalar", "\"scalars\": {\"alpha\": 2}", "\"scalars\": {\"alpha\": 2, \"bias\": 2}",
        "workloads[1].scalars.bias: there is no such scalar input");
    row("real for an integer scalar", R"("alpha": {"shape": null, "dtype": "float32"})",
        R"("alpha": {"shape": null, "dtype": "int32"})",
        "workloads[0].scalars.alpha: 0.5 is not a value of int32");
    row("nothing timed", "\"timed\": true", "\"timed\": false",
        "workloads: none of them is timed. Give one of them \"timed\": true");
    row("unknown key of a workload", "\"timed\": true", "\"time\": true",
        "workloads[0]: unknown key 'time' (did you mean 'timed'?)");
    row("timed of a wrong type", "\"timed\": true", "\"timed\": 1",
        "workloads[0].timed: must be true or false, not '1'");

    row("negative tolerance", "\"rtol\": 1e-4", "\"rtol\": -1e-4",
        "tolerance.rtol: must be a number, not negative");
    row("ratio of nothing", "\"matched_ratio\": 1", "\"matched_ratio\": 0",
        "must be above 0 and at most 1, not 0");
    row("ratio above one", "\"matched_ratio\": 1", "\"matched_ratio\": 1.5", "must be above 0 and at most 1");
    row("unknown tolerance", "\"rtol\"", "\"rtoll\"",
        "tolerance: unknown key 'rtoll' (did you mean 'rtol'?)");
    row("cost does not parse", "\"M * (K + 2 * N)\"", "\"M * (K + 2 * N\"",
        "cost.flops: line 1, column 15: expected ')'");
    row("cost of an unknown axis", "\"M * (K + 2 * N)\"", "\"M * Q\"", "cost.flops: 'M * Q' uses 'Q'");
    row("cost without value", "\"M * (K + 2 * N)\"", "\"M / (N - 7)\"",
        "cost.flops: on workloads[1] ('odd'): cannot evaluate 'M / (N - 7)': division by zero");
    row("negative cost", "\"M * (K + 2 * N)\"", "\"M - 100\"",
        "cost.flops: is -97 on workloads[1] ('odd'), and must not be negative", ":25: ");
    row("unknown policy", "\"linear\"", "\"liner\"", "policy: unknown key 'liner' (did you mean 'linear'?)");
    row("task name as a path", "\"scaled-sum\"", "\"../../x\"", "name: '../../x' must be");
    row("empty task name", "\"scaled-sum\"", "\"\"", "name: '' must be");
}

void TaskTest::refusesBrokenTaskFiles()
{
    QFETCH(const QByteArray, from);
    QFETCH(const QByteArray, to);
    QFETCH(const QByteArray, place);
    QFETCH(const QByteArray, message);
    const TaskFolder folder;
    write(folder.path("task.json"), replacedOnce(kTestTaskJson, from.toStdString(), to.toStdString()));
    const auto loaded = loadTask(folder.directory());
    QVERIFY(!loaded);
    const std::string text = loaded.error().message();
    QCOMPARE(loaded.error().code, ErrorCode::BadInput);
    QVERIFY2(text.starts_with(folder.path("task.json").toStdString() + place.toStdString()), text.c_str());
    const QString behind = QString::fromStdString(text).mid(folder.path("task.json").size());
    QVERIFY2(place == ": " || QRegularExpression(QStringLiteral("^:[1-9][0-9]*:")).match(behind).hasMatch(),
             text.c_str());
    QVERIFY2(has(text, message.toStdString()), text.c_str());
    QVERIFY2(isUtf8(text), text.c_str());
}

void TaskTest::refusesBrokenKernels_data()
{
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<QByteArray>("source");
    QTest::addColumn<QByteArray>("message"); // behind the path of the file
    const auto row = [](const char *name, const char *file, const QByteArray &source, const char *message) {
        QTest::newRow(name) << QByteArray(file) << source << QByteArray(message);
    };
    const QByteArray code = "\nkernel void k() {}\n";
    row("no plan", "reference.cl", code,
        ": the launch plan cannot be used: the source has no launch: add a line //@");
    row("plan does not parse", "baseline.cl", "\n//@ launch k grid(M" + code,
        ":2:20: the launch plan cannot be used");
    row("tensor missing from the task", "variants/two-pass.cl",
        "//@ launch k grid(M) block(1) args(A, D, C)" + code,
        ":1:39: the launch plan cannot be used: the argument 'D' names nothing");
    row("output missing from the plan", "baseline.cl", "//@ launch k grid(M) block(1) args(A)" + code,
        ":1: the launch plan cannot be used: no launch is given the output 'C'");
    row("requirement fails by default", "variants/two-pass.cl",
        "//@ tune T = 4, 1\n//@ require M % T == 0\n//@ launch k grid(M) block(T) args(A, C)" + code,
        ":2: variants/two-pass cannot run with its default parameters: on workload 'odd' the requirement "
        "'M % T == 0' does not hold with M = 3, T = 4. Let the first value of each tunable suit every "
        "workload");
    row("block too large", "reference.cl", "//@ launch k grid(1) block(N * 100) args(A, C)" + code,
        ":1: reference cannot run with its default parameters: on workload 'large' block 'N * 100' is 51200");
    row("grid of nothing on one workload", "baseline.cl",
        "//@ launch k grid(M / 4) block(1) args(A, C)" + code,
        ":1: baseline cannot run with its default parameters: on workload 'odd' grid 'M / 4' is 0 with M = "
        "3");
    row("tunable is an axis", "variants/direct.cl",
        "//@ tune K = 64\n//@ launch k grid(M) block(1) args(A, C)" + code,
        ":1:10: the launch plan cannot be used: 'K' is an axis of the task");
    row("NUL", "reference.cl", QByteArray::fromStdString(kTestReference) + QByteArray("\0", 1), "NUL byte");
    row("not UTF-8", "variants/direct.cl", QByteArray::fromStdString(kTestReference) + "\xE9",
        "not valid UTF-8");
    row("over 1 MiB", "variants/direct.cl",
        QByteArray::fromStdString(kTestReference) + QByteArray(1 << 20, ' '),
        "more than the limit of 1048576");
    row("empty", "variants/direct.cl", "", "the source has no launch");
}

void TaskTest::refusesBrokenKernels()
{
    QFETCH(const QByteArray, file);
    QFETCH(const QByteArray, source);
    QFETCH(const QByteArray, message);
    const TaskFolder folder;
    write(folder.path(file.constData()), source.toStdString());
    const auto loaded = loadTask(folder.directory());
    QVERIFY(!loaded);
    const std::string text = loaded.error().message();
    const std::string path = folder.path(file.constData()).toStdString();
    QVERIFY2(has(text, path), text.c_str());
    QVERIFY2(has(text, message.toStdString()), text.c_str());
}

void TaskTest::refusesMissingOrUnfitFiles_data()
{
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<QByteArray>("instead"); // "", "folder", "pipe", "dangling", "device", "large"
    QTest::addColumn<QByteArray>("message");
    QTest::newRow("no task.json") << QByteArray("task.json") << QByteArray()
                                  << QByteArray("Name a folder that holds a task.json");
    QTest::newRow("task.json is a folder")
        << QByteArray("task.json") << QByteArray("folder") << QByteArray("not a regular file");
    QTest::newRow("task.json is a pipe")
        << QByteArray("task.json") << QByteArray("pipe") << QByteArray("not a regular file");
    QTest::newRow("task.json is a device")
        << QByteArray("task.json") << QByteArray("device") << QByteArray("not a regular file");
    QTest::newRow("task.json over 4 MiB")
        << QByteArray("task.json") << QByteArray("large") << QByteArray("more than the limit of 4194304");
    QTest::newRow("no reference") << QByteArray("reference.cl") << QByteArray()
                                  << QByteArray("needs reference.cl and baseline.cl beside its task.json");
    QTest::newRow("no baseline") << QByteArray("baseline.cl") << QByteArray()
                                 << QByteArray("needs reference.cl and baseline.cl beside its task.json");
    QTest::newRow("baseline links to nothing")
        << QByteArray("baseline.cl") << QByteArray("dangling") << QByteArray("No such file");
    QTest::newRow("reference is a device")
        << QByteArray("reference.cl") << QByteArray("device") << QByteArray("not a regular file");
    QTest::newRow("variant is a folder")
        << QByteArray("variants/direct.cl") << QByteArray("folder") << QByteArray("not a regular file");
    QTest::newRow("variant is a pipe")
        << QByteArray("variants/direct.cl") << QByteArray("pipe") << QByteArray("not a regular file");
    QTest::newRow("variant with a strange name")
        << QByteArray("variants/a b\n.cl") << QByteArray("folder") << QByteArray("not a regular file");
    QTest::newRow("lesson is a pipe")
        << QByteArray("README.md") << QByteArray("pipe") << QByteArray("not a regular file");
}

void TaskTest::refusesMissingOrUnfitFiles()
{
    QFETCH(const QByteArray, file);
    QFETCH(const QByteArray, instead);
    QFETCH(const QByteArray, message);
    const TaskFolder folder;
    const QString path = folder.path(file.constData());
    QFile::remove(path);
    if (instead == "folder")
        QVERIFY(QDir().mkpath(path));
    else if (instead == "pipe")
        QCOMPARE(::mkfifo(qPrintable(path), 0600), 0);
    else if (instead == "dangling")
        QVERIFY(QFile::link(QStringLiteral("/nonexistent/file"), path));
    else if (instead == "device")
        QVERIFY(QFile::link(QStringLiteral("/dev/zero"), path));
    else if (instead == "large")
        write(path, std::string((4u << 20) + 1, ' '));
    const auto loaded = loadTask(folder.directory());
    QVERIFY(!loaded);
    const std::string text = loaded.error().message();
    QVERIFY2(has(text, path.toStdString()), text.c_str());
    QVERIFY2(has(text, message.toStdString()), text.c_str());
}

void TaskTest::refusesUnknownLanguages()
{
    const TaskFolder folder;
    const auto loaded = loadTask(folder.directory(), "fortran");
    QVERIFY(!loaded);
    QCOMPARE(loaded.error().code, ErrorCode::Unsupported);
    QVERIFY(has(loaded.error().message(), "'fortran'. Use opencl or cuda"));
    const auto missing = loadTask(folder.directory(), "cuda");
    QVERIFY(!missing);
    QVERIFY(has(missing.error().message(), "reference.cu"));
}

void TaskTest::loadsAWholeTask()
{
    const TaskFolder folder;
    const auto task = loadTask(folder.directory());
    QVERIFY2(task, task ? "" : task.error().message().c_str());
    QCOMPARE(task->name, std::string("scaled-sum"));
    QCOMPARE(task->tags, (std::vector<std::string> {"reduction", "test"}));
    QCOMPARE(task->axes.size(), size_t {3});
    QCOMPARE(task->axes[0].name, std::string("M"));
    QCOMPARE(task->axes[0].description, std::string("rows"));
    QVERIFY(!task->axes[0].value);
    QCOMPARE(*task->axes[2].value, 64);
    // The order of the file, not of the alphabet.
    QCOMPARE(task->inputs.size(), size_t {3});
    QCOMPARE(task->inputs[0].name, std::string("bias"));
    QCOMPARE(task->inputs[1].name, std::string("A"));
    QCOMPARE(task->inputs[2].name, std::string("alpha"));
    QCOMPARE(task->inputs[0].dtype, DType::Int32);
    QCOMPARE(task->inputs[0].fill.kind, Fill::Kind::Integer);
    QCOMPARE(task->inputs[0].fill.low, -4.0);
    QCOMPARE(task->inputs[1].fill.kind, Fill::Kind::Uniform);
    QCOMPARE(task->inputs[1].fill.high, 2.0);
    QCOMPARE(task->inputs[1].shape[1].text(), std::string("K"));
    QVERIFY(task->inputs[2].isScalar && task->inputs[2].shape.empty());
    QCOMPARE(task->outputs.size(), size_t {1});
    QCOMPARE(task->constraints.size(), size_t {2});
    QCOMPARE(task->workloads.size(), size_t {2});
    QCOMPARE(task->workloads[0].axes, (Bindings {{"K", 64}, {"M", 256}, {"N", 512}}));
    QCOMPARE(task->workloads[0].scalars.at("alpha"), 0.5);
    QVERIFY(task->workloads[0].timed && !task->workloads[1].timed);
    QCOMPARE(*task->tolerance.rtol, 1e-4);
    QCOMPARE(*task->tolerance.atol, 1e-5);
    QCOMPARE(*task->cost.flops.evaluateReal(task->workloads[1].axes), 3.0 * (64 + 14));
    QVERIFY(task->policy.weightsMayBePacked && task->policy.linear && !task->policy.tf32Allowed);
    QCOMPARE(task->reference.text, kTestReference);
    QCOMPARE(task->reference.path, folder.path("reference.cl").toStdString());
    QCOMPARE(task->variants.size(), size_t {2});
    QCOMPARE(task->variants[0].name, std::string("direct"));
    QCOMPARE(task->variants[1].name, std::string("two-pass"));
    QCOMPARE(task->variants[1].text, kTestVariant);
    QCOMPARE(task->lesson, std::string("# Lesson\n"));
    QCOMPARE(task->language, std::string("opencl"));
    QCOMPARE(task->directory, folder.directory());
    QCOMPARE(task->hash.size(), size_t {64});
    QCOMPARE(task->hash, taskHash(*task));
    QCOMPARE(task->findWorkload("odd"), &task->workloads[1]);
    QVERIFY(!task->findWorkload("even"));
    QCOMPARE(task->findTensor("C"), &task->outputs[0]);
    QCOMPARE(task->findTensor("alpha"), &task->inputs[2]);
    QVERIFY(!task->findTensor("M"));
}

void TaskTest::followsLinksToRegularFiles()
{
    const TaskFolder folder;
    const QString elsewhere = folder.root.filePath(QStringLiteral("elsewhere.cl"));
    write(elsewhere, kTestVariant);
    QFile::remove(folder.path("baseline.cl"));
    QVERIFY(QFile::link(elsewhere, folder.path("baseline.cl")));
    QFile::remove(folder.path("README.md"));
    // What an editor and a person leave in a folder is no variant.
    write(folder.path("variants/.#direct.cl"), "lock");
    write(folder.path("variants/notes.txt"), "notes");
    const auto task = loadTask(folder.directory() + "/");
    QVERIFY2(task, task ? "" : task.error().message().c_str());
    QCOMPARE(task->baseline.text, kTestVariant);
    QCOMPARE(task->variants.size(), size_t {2});
    QVERIFY(task->lesson.empty());
    QVERIFY(QDir(folder.path("variants")).removeRecursively());
    QVERIFY(loadTask(folder.directory())->variants.empty());
}

void TaskTest::loadsCudaKernelsWhenAsked()
{
    const TaskFolder folder;
    write(folder.path("reference.cu"), kTestReference);
    write(folder.path("baseline.cu"), kTestReference);
    const auto task = loadTask(folder.directory(), "cuda");
    QVERIFY(task);
    QCOMPARE(task->language, std::string("cuda"));
    QVERIFY(task->variants.empty());
    QVERIFY(task->reference.path.ends_with("reference.cu"));
    QVERIFY(task->hash != loadTask(folder.directory())->hash);
}

void TaskTest::everyTaskOfTheRepositoryIsAdmitted_data()
{
    QTest::addColumn<QByteArray>("language");
    for (const char *language : {"opencl", "cuda"})
        QTest::newRow(language) << QByteArray(language);
}

void TaskTest::everyTaskOfTheRepositoryIsAdmitted()
{
    QFETCH(QByteArray, language);
    const auto listing = listTasks(WW_SOURCE_DIR "/kernels", language.toStdString());
    QVERIFY(listing);
    for (const Error &problem : listing->problems)
        qWarning("%s", problem.message().c_str());
    QVERIFY(listing->problems.empty());
    QVERIFY(!listing->tasks.empty());
    for (const Task &task : listing->tasks)
        QVERIFY2(task.variants.size() >= 4, task.name.c_str());
}

void TaskTest::listsTasksAndProblems()
{
    const TaskFolder folder;
    const QString root = folder.root.path();
    for (const char *name : {"b-broken", "a-good", "empty"})
        QVERIFY(QDir(root).mkpath(QString::fromUtf8(name)));
    write(root + QStringLiteral("/b-broken/task.json"), "{");
    write(root + QStringLiteral("/a-good/task.json"), replacedOnce(kTestTaskJson, "scaled-sum", "another"));
    write(root + QStringLiteral("/a-good/reference.cl"), kTestReference);
    write(root + QStringLiteral("/a-good/baseline.cl"), kTestReference);
    write(root + QStringLiteral("/README.md"), "not a task");
    const auto listing = listTasks(root.toStdString());
    QVERIFY(listing);
    QCOMPARE(listing->tasks.size(), size_t {2});
    QCOMPARE(listing->tasks[0].name, std::string("another"));
    QCOMPARE(listing->tasks[1].name, std::string("scaled-sum"));
    QCOMPARE(listing->problems.size(), size_t {1});
    QVERIFY(has(listing->problems[0].message(), "b-broken/task.json:1:"));

    const auto missing = listTasks("/nonexistent/kernels");
    QVERIFY(!missing);
    QCOMPARE(missing.error().code, ErrorCode::NotFound);
    QVERIFY(has(missing.error().message(), "Name a folder"));
    QVERIFY(!listTasks(folder.path("task.json").toStdString()));
}

QTEST_APPLESS_MAIN(TaskTest)
#include "tst_task.moc"
