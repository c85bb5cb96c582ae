// SPDX-License-Identifier: GPL-3.0-or-later
#include "TestTask.h"
#include "core/candidate/TaskAdmission.h"

#include <QTest>

using namespace ww;

namespace {

/// The test task with a part of its text replaced, as loaded and admitted.
Result<Task> changedTask(const std::string &from, const std::string &to)
{
    std::string text = kTestTaskJson;
    const size_t at = text.find(from);
    if (at == std::string::npos)
        qFatal("the test task does not hold %s", from.c_str());
    text.replace(at, from.size(), to);
    WW_TRY(const auto document, parseOrderedJson(text));
    WW_TRY(Task task, taskFromFileJson(document));
    const Task whole = testTask();
    task.reference = whole.reference;
    task.baseline = whole.baseline;
    WW_CHECK(admitTask(task));
    return task;
}

const char *const kBiasFill = R"({"kind": "integer", "low": -4, "high": 4})";

} // namespace

/// What a workload decides about a task's data, and which devices it is for.
class WorkloadFitTest : public QObject {
    Q_OBJECT

private slots:
    void refusesFillsThatCannotBeDrawn_data()
    {
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        QTest::addColumn<QByteArray>("message");
        const auto row = [](const char *name, const char *from, const char *to, const char *message) {
            QTest::newRow(name) << QByteArray(from) << QByteArray(to) << QByteArray(message);
        };
        row("bound of an unknown axis", "\"high\": 4}", "\"high\": \"n - 1\"}",
            "inputs.bias.fill: 'n - 1' uses 'n', which is not an axis (did you mean 'N'?)");
        row("bound below low", "\"high\": 4}", "\"high\": \"2 - N\"}",
            "workloads[0] ('large'): cannot fill the tensor 'bias': its highest value, '2 - N', is -510");
        row("bound beyond 32 bits", "\"high\": 4}", "\"high\": \"N * 4000000000\"}",
            "must be from -4 to 2147483647");
        row("bound that is no expression", "\"high\": 4}", "\"high\": []}",
            "inputs.bias.fill.high: must be a number or an expression over the axes");
        row("low of a fraction", R"("low": -4, "high": 4)", R"("low": -0.5, "high": "N")",
            "inputs.bias.fill: low must be a whole number of 32 bits");
        row("offsets without an end", R"("kind": "integer", "low": -4, "high": 4)", R"("kind": "offsets")",
            "inputs.bias.fill: the key 'last' is missing");
        row("offsets with a negative end", kBiasFill, R"({"kind": "offsets", "last": "M - N"})",
            "its highest value, 'M - N', is -256");
        row("offsets as reals", R"("kind": "uniform", "low": 0.5, "high": 2)",
            R"("kind": "offsets", "last": "M")",
            "inputs.A.fill: 'offsets' is for int32 tensors of one dimension, with a 'last' element");
    }
    void refusesFillsThatCannotBeDrawn()
    {
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, to);
        QFETCH(QByteArray, message);
        const auto task = changedTask(from.toStdString(), to.toStdString());
        QVERIFY(!task);
        QVERIFY2(task.error().message().find(message.toStdString()) != std::string::npos,
                 task.error().message().c_str());
    }
    void refusesWorkloadsForNoDevice_data()
    {
        QTest::addColumn<QByteArray>("device");
        QTest::addColumn<QByteArray>("message");
        QTest::newRow("unknown kind")
            << QByteArray("tpu") << QByteArray("workloads[0].device: must be 'cpu' or 'gpu', not 'tpu'");
        QTest::newRow("only one kind is timed")
            << QByteArray("cpu") << QByteArray("workloads: none of them is timed on a gpu");
    }
    void refusesWorkloadsForNoDevice()
    {
        QFETCH(QByteArray, device);
        QFETCH(QByteArray, message);
        const auto task =
            changedTask("\"timed\": true", "\"timed\": true, \"device\": \"" + device.toStdString() + "\"");
        QVERIFY(!task);
        QVERIFY2(task.error().message().find(message.toStdString()) != std::string::npos,
                 task.error().message().c_str());
    }

    void bindsFillsToAWorkload_data()
    {
        QTest::addColumn<QByteArray>("fill");
        QTest::addColumn<double>("low");
        QTest::addColumn<double>("high");
        QTest::newRow("number") << QByteArray(kBiasFill) << -4.0 << 4.0;
        QTest::newRow("index") << QByteArray(R"({"kind": "integer", "low": 0, "high": "N - 1"})") << 0.0
                               << 511.0;
        QTest::newRow("offsets") << QByteArray(R"({"kind": "offsets", "last": "M * K"})") << 0.0
                                 << 256.0 * 64;
    }
    void bindsFillsToAWorkload()
    {
        QFETCH(QByteArray, fill);
        QFETCH(double, low);
        QFETCH(double, high);
        auto task = changedTask(kBiasFill, fill.toStdString());
        QVERIFY2(task, task ? "" : task.error().message().c_str());
        // What travels over a wire must say the same.
        const nlohmann::json document = taskToJson(*task);
        const auto received = taskFromJson(document);
        QVERIFY2(received, received ? "" : received.error().message().c_str());
        QCOMPARE(received->hash, taskHash(*task));
        const auto bound = withBoundFill(received->inputs[0], received->workloads[0].axes);
        QVERIFY2(bound, bound ? "" : bound.error().message().c_str());
        QCOMPARE(bound->fill.kind, task->inputs[0].fill.kind);
        QCOMPARE(bound->fill.low, low);
        QCOMPARE(bound->fill.high, high);
        QCOMPARE(bound->fill.count, int64_t {512});
    }

    void workloadsSuitKindsOfDevices_data()
    {
        QTest::addColumn<QByteArray>("device");
        QTest::addColumn<bool>("cpu");
        QTest::addColumn<bool>("gpu");
        QTest::newRow("both") << QByteArray() << true << true;
        QTest::newRow("cpu") << QByteArray("cpu") << true << false;
        QTest::newRow("gpu") << QByteArray("gpu") << false << true;
    }
    void workloadsSuitKindsOfDevices()
    {
        QFETCH(QByteArray, device);
        QFETCH(bool, cpu);
        QFETCH(bool, gpu);
        Workload workload;
        workload.device = device.toStdString();
        QCOMPARE(suits(workload, "cpu"), cpu);
        QCOMPARE(suits(workload, "gpu"), gpu);
        QCOMPARE(suits(workload, "accelerator"), gpu);
    }
};

QTEST_APPLESS_MAIN(WorkloadFitTest)
#include "tst_workload_fit.moc"
