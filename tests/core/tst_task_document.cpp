// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Utf8.h"
#include "core/candidate/TaskAdmission.h"
#include "tests/core/Mutation.h"
#include "tests/core/TaskFolder.h"

#include <QTest>

using namespace ww;

namespace {

bool has(const std::string &text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

/// The test task with one of its values replaced by another from the list.
std::string withOtherValue(RandomStream &random)
{
    static const nlohmann::ordered_json kTask = nlohmann::ordered_json::parse(kTestTaskJson);
    static const nlohmann::ordered_json kFlat = kTask.flatten();
    static const std::vector<nlohmann::ordered_json> kValues {nullptr,
                                                              true,
                                                              -1,
                                                              0,
                                                              7,
                                                              1e300,
                                                              0.25,
                                                              INT64_MAX,
                                                              UINT64_MAX,
                                                              "",
                                                              "M",
                                                              "M - 3",
                                                              "K",
                                                              "normal",
                                                              "const",
                                                              "float16",
                                                              "ceil_div(M, 2)",
                                                              "M / (N - 7)",
                                                              "large",
                                                              nlohmann::ordered_json::array(),
                                                              nlohmann::ordered_json::object(),
                                                              nlohmann::ordered_json::array({"M", "N"})};
    auto leaf = kFlat.begin();
    std::advance(leaf, random.below(static_cast<uint32_t>(kFlat.size())));
    nlohmann::ordered_json changed = kTask;
    changed[nlohmann::ordered_json::json_pointer(leaf.key())] =
        kValues[random.below(static_cast<uint32_t>(kValues.size()))];
    return changed.dump();
}

Result<Task> taskFromText(const std::string &json)
{
    const auto document = parseOrderedJson(json);
    if (!document)
        return tl::make_unexpected(document.error());
    return taskFromFileJson(*document);
}

} // namespace

/// Tasks as values: made in memory, written and read as JSON, hashed, measured.
class TaskDocumentTest : public QObject {
    Q_OBJECT

private slots:
    void refusesTasksMadeInMemory_data();
    void refusesTasksMadeInMemory();
    void documentCarriesEverything();
    void refusesBrokenDocuments_data();
    void refusesBrokenDocuments();
    void hashCoversTheProblemAlone();
    void typesHaveNamesAndSizes();
    void countsElements_data();
    void countsElements();
    void survivesMutatedTaskFiles();
};

void TaskDocumentTest::refusesTasksMadeInMemory_data()
{
    QTest::addColumn<int>("fault");
    QTest::addColumn<QByteArray>("message");
    QTest::newRow("no workloads") << 0 << QByteArray("workloads: there must be at least 1");
    QTest::newRow("two variants of one name")
        << 1 << QByteArray("variants[1].name: the name 'two-pass' stands twice");
    QTest::newRow("name is no identifier") << 2 << QByteArray("inputs: 'A B' is not a name");
    QTest::newRow("unknown language") << 3 << QByteArray("language: 'fortran' is not known");
    QTest::newRow("reference without plan") << 4 << QByteArray("scaled-sum/reference: the launch plan");
    QTest::newRow("variant without path") << 5 << QByteArray("scaled-sum/variants/two-pass:1:5: ");
    QTest::newRow("not a number") << 6 << QByteArray("inputs.A.fill: low (nan)");
    QTest::newRow("tolerance not a number") << 7 << QByteArray("tolerance.atol: must be a number");
    QTest::newRow("scalar not a number") << 8 << QByteArray("workloads[0].scalars.alpha: inf is not a value");
    QTest::newRow("nine dimensions") << 9
                                     << QByteArray("inputs.A.shape: there are 9, and at most 8 are allowed");
    QTest::newRow("thousands of workloads") << 10 << QByteArray("workloads: there are 3000, and at most 256");
    QTest::newRow("empty dimension") << 11 << QByteArray("cannot size the tensor 'A'");
    QTest::newRow("nothing at all") << 12 << QByteArray("name: '' must be");
}

void TaskDocumentTest::refusesTasksMadeInMemory()
{
    QFETCH(const int, fault);
    QFETCH(const QByteArray, message);
    Task task = testTask();
    QVERIFY(admitTask(task));
    switch (fault) {
    case 0: task.workloads.clear(); break;
    case 1: task.variants.push_back(task.variants.front()); break;
    case 2: task.inputs[1].name = "A B"; break;
    case 3: task.language = "fortran"; break;
    case 4: task.reference.text = "kernel void k() {}"; break;
    case 5: task.variants.front().text = "//@ lunch"; break;
    case 6: task.inputs[1].fill.low = std::numeric_limits<double>::quiet_NaN(); break;
    case 7: task.tolerance.atol = std::numeric_limits<double>::quiet_NaN(); break;
    case 8: task.workloads[0].scalars["alpha"] = std::numeric_limits<double>::infinity(); break;
    case 9: task.inputs[1].shape.resize(9, Expression::constant(1)); break;
    case 10: task.workloads.resize(3000, task.workloads.front()); break;
    case 11: task.inputs[1].shape[0] = Expression(); break;
    case 12: task = Task(); break;
    }
    const Status status = admitTask(task);
    QVERIFY(!status);
    QCOMPARE(status.error().code, ErrorCode::BadInput);
    QVERIFY2(has(status.error().message(), message.toStdString()), status.error().message().c_str());
}

void TaskDocumentTest::documentCarriesEverything()
{
    const TaskFolder folder;
    const auto task = loadTask(folder.directory());
    QVERIFY(task);
    const nlohmann::json document = taskToJson(*task);
    for (const char *key :
         {"name", "description", "tags", "axes", "inputs", "outputs", "constraints", "workloads", "tolerance",
          "cost", "policy", "reference", "baseline", "variants", "lesson", "language"})
        QVERIFY2(document.contains(key), key);
    const auto again = taskFromJson(nlohmann::json::parse(document.dump()));
    QVERIFY2(again, again ? "" : again.error().message().c_str());
    QVERIFY(admitTask(*again));
    QVERIFY(taskToJson(*again) == document);
    QCOMPARE(again->hash, task->hash);
    QVERIFY(again->directory.empty());
    QCOMPARE(again->description, task->description);
    QCOMPARE(again->inputs[0].name, std::string("bias"));
    QCOMPARE(again->inputs[1].fill.low, 0.5);
    QCOMPARE(again->inputs[1].description, std::string("rows to add up"));
    QVERIFY(again->inputs[2].isScalar);
    QCOMPARE(again->workloads[0].axes, task->workloads[0].axes);
    QCOMPARE(again->workloads[0].scalars, task->workloads[0].scalars);
    QCOMPARE(again->constraints[1].text(), std::string("M * N <= 1000000"));
    QCOMPARE(again->tolerance.rtol, task->tolerance.rtol);
    QCOMPARE(again->tolerance.atol, task->tolerance.atol);
    QCOMPARE(again->cost.bytes.text(), task->cost.bytes.text());
    QVERIFY(again->policy.weightsMayBePacked);
    QCOMPARE(again->baseline.text, task->baseline.text);
    QCOMPARE(again->baseline.path, task->baseline.path);
    QCOMPARE(again->variants[1].text, kTestVariant);
    QCOMPARE(again->lesson, task->lesson);
    QCOMPARE(again->language, task->language);

    Task bare = *task;
    bare.tolerance = {};
    bare.cost = {};
    bare.variants.clear();
    const auto bareAgain = taskFromJson(taskToJson(bare));
    QVERIFY(bareAgain);
    QVERIFY(!bareAgain->tolerance.rtol && bareAgain->cost.flops.empty() && bareAgain->variants.empty());

    Task strange = *task;
    strange.lesson = "\xFF\xFE";
    strange.reference.text += "\xC3(";
    QVERIFY(!taskToJson(strange).dump().empty());
}

void TaskDocumentTest::refusesBrokenDocuments_data()
{
    QTest::addColumn<QByteArray>("pointer");
    QTest::addColumn<QByteArray>("value");
    QTest::addColumn<QByteArray>("message");
    const auto row = [](const char *pointer, const char *value, const char *message) {
        QTest::newRow(message) << QByteArray(pointer) << QByteArray(value) << QByteArray(message);
    };
    row("/language", "7", "language: must be a string, not '7'");
    row("/reference", "null", "reference: must be an object, not 'null'");
    row("/variants/0/text", "null", "variants[0].text: must be a string, not 'null'");
    row("/variants/0/code", "1", "variants[0]: unknown key 'code'");
    row("/inputs/1/dtype", "\"f32\"", "inputs.A.dtype: unknown dtype 'f32'");
    row("/inputs/1/name", "5", "inputs[1].name: must be a string");
    row("/inputs", "{}", "inputs: must be a list, not an object");
    row("/axes/0/type", "\"v\"", "axes.M.type: must be 'var' or 'const'");
    row("/workloads/1/axes/M", "true", "workloads[1].axes.M: must be an integer of 64 bits, not 'true'");
    row("/extra", "1", "the document: unknown key 'extra'");
}

void TaskDocumentTest::refusesBrokenDocuments()
{
    QFETCH(const QByteArray, pointer);
    QFETCH(const QByteArray, value);
    QFETCH(const QByteArray, message);
    nlohmann::json document = taskToJson(testTask());
    document[nlohmann::json::json_pointer(pointer.toStdString())] =
        nlohmann::json::parse(value.toStdString());
    const auto task = taskFromJson(document);
    QVERIFY(!task);
    QCOMPARE(task.error().what, std::string("cannot read the task"));
    QVERIFY2(has(task.error().message(), message.toStdString()), task.error().message().c_str());
}

void TaskDocumentTest::hashCoversTheProblemAlone()
{
    const Task task = testTask();
    const std::string hash = taskHash(task);
    const auto changed = [&](const auto &change) {
        Task other = task;
        change(other);
        return taskHash(other) != hash;
    };
    QVERIFY(!changed([](Task &t) { t.variants.clear(); }));
    QVERIFY(!changed([](Task &t) { t.lesson = "new"; }));
    QVERIFY(!changed([](Task &t) { t.directory = "/elsewhere"; }));
    QVERIFY(!changed([](Task &t) { t.reference.path = "/elsewhere/reference.cl"; }));
    QVERIFY(changed([](Task &t) { t.name = "other"; }));
    QVERIFY(changed([](Task &t) { t.reference.text += " "; }));
    QVERIFY(changed([](Task &t) { t.baseline.text += " "; }));
    QVERIFY(changed([](Task &t) { t.language = "cuda"; }));
    QVERIFY(changed([](Task &t) { std::swap(t.inputs[0], t.inputs[1]); }));
    QVERIFY(changed([](Task &t) { t.inputs[1].fill.low = 0.25; }));
    QVERIFY(changed([](Task &t) { t.inputs[1].dtype = DType::Float16; }));
    QVERIFY(changed([](Task &t) { t.outputs[0].shape.pop_back(); }));
    QVERIFY(changed([](Task &t) { t.workloads[0].axes["M"] = 255; }));
    QVERIFY(changed([](Task &t) { t.workloads[0].scalars["alpha"] = 1; }));
    QVERIFY(changed([](Task &t) { t.workloads[1].timed = true; }));
    QVERIFY(changed([](Task &t) { t.tolerance.rtol.reset(); }));
    QVERIFY(changed([](Task &t) { t.policy.linear = false; }));
    QVERIFY(changed([](Task &t) { t.constraints.clear(); }));
    QVERIFY(changed([](Task &t) { t.cost.flops = Expression::constant(1); }));
    QVERIFY(changed([](Task &t) { t.axes[2].value = 65; }));
}

void TaskDocumentTest::typesHaveNamesAndSizes()
{
    const std::vector<std::pair<std::string, size_t>> types {{"float64", 8},  {"float32", 4}, {"float16", 2},
                                                             {"bfloat16", 2}, {"int32", 4},   {"int8", 1}};
    for (const auto &[name, bytes] : types) {
        const auto type = dtypeFromName(name);
        QVERIFY(type);
        QCOMPARE(std::string(toString(*type)), name);
        QCOMPARE(sizeOf(*type), bytes);
        QCOMPARE(isFloat(*type), has(name, "float"));
    }
    for (const char *name : {"", "float", "Float32", "float32 ", "int64", "uint8"})
        QVERIFY2(!dtypeFromName(name), name);
}

void TaskDocumentTest::countsElements_data()
{
    QTest::addColumn<QList<QByteArray>>("shape");
    QTest::addColumn<qint64>("count"); // -1: refused
    QTest::newRow("scalar") << QList<QByteArray>() << qint64 {1};
    QTest::newRow("vector") << QList<QByteArray> {"M"} << qint64 {12};
    QTest::newRow("matrix") << QList<QByteArray> {"M", "N + 1"} << qint64 {72};
    QTest::newRow("empty") << QList<QByteArray> {"M", "N - 5"} << qint64 {0};
    QTest::newRow("2^40") << QList<QByteArray> {"1048576", "1048576"} << (qint64 {1} << 40);
    QTest::newRow("above 2^40") << QList<QByteArray> {"1048576", "1048577"} << qint64 {-1};
    QTest::newRow("above 2^64") << QList<QByteArray> {"4294967296", "4294967296"} << qint64 {-1};
    QTest::newRow("negative") << QList<QByteArray> {"M", "N - 6"} << qint64 {-1};
    QTest::newRow("two negative") << QList<QByteArray> {"-2", "-2"} << qint64 {-1};
    QTest::newRow("unknown") << QList<QByteArray> {"Q"} << qint64 {-1};
}

void TaskDocumentTest::countsElements()
{
    QFETCH(const QList<QByteArray>, shape);
    QFETCH(const qint64, count);
    TensorSpec tensor;
    tensor.name = "T";
    for (const QByteArray &dimension : shape)
        tensor.shape.push_back(*Expression::parse(dimension.toStdString()));
    const auto counted = elementCount(tensor, {{"M", 12}, {"N", 5}});
    QCOMPARE(counted ? static_cast<qint64>(*counted) : qint64 {-1}, count);
    if (!counted)
        QVERIFY(has(counted.error().message(), "cannot size the tensor 'T'"));
}

void TaskDocumentTest::survivesMutatedTaskFiles()
{
    const std::vector<std::string> dictionary {"{",
                                               "}",
                                               "[",
                                               "]",
                                               ",",
                                               ":",
                                               "\"",
                                               "null",
                                               "true",
                                               "-1",
                                               "0",
                                               "1e999",
                                               "9223372036854775808",
                                               "\"M\"",
                                               "\"K\"",
                                               "\"\"",
                                               "{\"a\":",
                                               "[[[[",
                                               "\\u0000",
                                               "\\ud800",
                                               "\xFF",
                                               std::string(1, '\0'),
                                               "\"name\"",
                                               "\"shape\": null",
                                               "\"const\"",
                                               "\"normal\"",
                                               "float16",
                                               "M - 3",
                                               "1.5"};
    const Task kernels = testTask();
    RandomStream random(2026, 6);
    int read = 0, admitted = 0;
    for (int i = 0; i < fuzzRounds(); ++i) {
        const std::string text = i % 2 ? mutated(kTestTaskJson, dictionary, random) : withOtherValue(random);
        auto task = taskFromText(text);
        if (!task) {
            QVERIFY2(!task.error().why.empty() && isUtf8(task.error().message()), text.c_str());
            continue;
        }
        ++read;
        task->reference = kernels.reference;
        task->baseline = kernels.baseline;
        task->variants = kernels.variants;
        if (const Status status = admitTask(*task); !status)
            QVERIFY2(!status.error().why.empty() && isUtf8(status.error().message()), text.c_str());
        else
            ++admitted;
        if (i % 10)
            continue;
        const auto again = taskFromJson(taskToJson(*task));
        QVERIFY2(again && taskToJson(*again) == taskToJson(*task), text.c_str());
    }
    QVERIFY(read > fuzzRounds() / 20);
    QVERIFY(admitted > fuzzRounds() / 40);
}

QTEST_APPLESS_MAIN(TaskDocumentTest)
#include "tst_task_document.moc"
