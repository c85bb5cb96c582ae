// SPDX-License-Identifier: GPL-3.0-or-later
// The worker as a stranger on the other end of its pipes meets it.
#include "core/base/Subprocess.h"
#include "core/device/ProcessFamily.h"
#include "core/worker/MessagesJson.h"

#include <QCoreApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QTest>

#include <csignal>
#include <optional>

#include <poll.h>
#include <unistd.h>

using namespace ww;

Q_DECLARE_METATYPE(std::string)

namespace {

const std::string kKernel = "//@ launch k grid(ceil_div(N, 64)) block(64) args(x, y, N)\n"
                            "__kernel void k(__global const float *x, __global float *y, int n)\n"
                            "{ const int i = get_global_id(0); if (i < n) y[i] = x[i]; }\n";
const std::string kEndless = "//@ launch k grid(1) block(64) args(x, y, N)\n"
                             "__kernel void k(__global const float *x, __global float *y, int n)\n"
                             "{ volatile int go = 1; while (go) { } }\n";

Task copyTask()
{
    Task task;
    task.name = "copy";
    task.axes = {{"N", "", std::nullopt}};
    TensorSpec x;
    x.name = "x";
    x.shape = {*Expression::parse("N")};
    task.inputs = {x};
    x.name = "y";
    task.outputs = {x};
    task.workloads = {{"w", {{"N", 100}}, {}, true, {}}};
    task.reference = {"reference", "", kKernel};
    task.baseline = {"baseline", "", kKernel};
    return task;
}

EvaluateRequest requestFor(const std::string &id, const std::string &source)
{
    EvaluateRequest request;
    request.id = id;
    request.nonce = "nonce of " + id;
    request.task = copyTask();
    request.candidate = {"candidate", source, {}};
    request.lastStage = "correctness";
    return request;
}

/// A worker process and its bare lines.
class Worker {
public:
    explicit Worker(const std::vector<std::string> &arguments = {})
    {
        SpawnOptions options;
        options.command = {
            (QCoreApplication::applicationDirPath() + QStringLiteral("/warpwright-worker-opencl"))
                .toStdString()};
        options.command.insert(options.command.end(), arguments.begin(), arguments.end());
        auto child = Subprocess::spawn(options);
        if (child)
            m_process.emplace(std::move(*child));
    }
    [[nodiscard]] bool runs() const { return m_process.has_value(); }
    [[nodiscard]] Subprocess &process() { return *m_process; }

    bool send(const std::string &bytes) { return writeAll(m_process->stdinFd(), bytes).has_value(); }
    bool send(const ToWorker &message) { return send(toLine(message)); }

    /// The next message of type T; others are counted and passed over.
    template <class T> std::optional<T> next(double seconds)
    {
        QElapsedTimer timer;
        timer.start();
        for (;;) {
            while (const auto line = m_lines.next()) {
                const Result<FromWorker> message = parseFromWorker(*line);
                if (!message)
                    return std::nullopt;
                if (std::holds_alternative<HeartbeatMessage>(*message))
                    ++heartbeats;
                if (const T *wanted = std::get_if<T>(&*message))
                    return *wanted;
            }
            const double left = seconds - static_cast<double>(timer.elapsed()) * 1e-3;
            pollfd entry {m_process->stdoutFd(), POLLIN, 0};
            if (left <= 0 || ::poll(&entry, 1, static_cast<int>(left * 1000)) <= 0)
                return std::nullopt;
            char buffer[65536];
            const ssize_t count = ::read(m_process->stdoutFd(), buffer, sizeof buffer);
            if (count <= 0 || !m_lines.add({buffer, static_cast<size_t>(count)}))
                return std::nullopt;
        }
    }
    int heartbeats = 0;

private:
    std::optional<Subprocess> m_process;
    LineBuffer m_lines {kMaxLineBytes};
};

constexpr double kPatience = 60;

} // namespace

class TestWorkerProtocol : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        std::signal(SIGPIPE, SIG_IGN);
        Worker worker;
        if (!worker.runs())
            QSKIP("the OpenCL worker is not part of this build");
        QVERIFY(worker.send(HelloRequest {}));
        if (!worker.next<Capabilities>(kPatience))
            QSKIP("the worker finds no device or no sandbox here");
    }

    void badLinesEndTheConnection_data()
    {
        QTest::addColumn<std::string>("line");
        QTest::newRow("no JSON") << std::string("hello\n");
        QTest::newRow("not UTF-8") << std::string("{\"v\":1,\"type\":\"hel\xfflo\"}\n");
        QTest::newRow("another version") << std::string("{\"v\":7,\"type\":\"hello\"}\n");
        QTest::newRow("no type") << std::string("{\"v\":1}\n");
        QTest::newRow("nested without end") << std::string(100000, '[') + "\n";
        QTest::newRow("longer than allowed") << std::string(kMaxLineBytes + 2, ' ');
    }
    void badLinesEndTheConnection()
    {
        QFETCH(std::string, line);
        Worker worker;
        [[maybe_unused]] const bool sent = worker.send(line);
        const auto error = worker.next<ErrorMessage>(kPatience);
        QVERIFY(error && !error->message.empty());
        QCOMPARE(worker.process().wait(kPatience), std::optional<int>(1));
    }

    void unknownTypesAreAnsweredAndSurvived()
    {
        Worker worker;
        QVERIFY(worker.send(std::string("{\"v\":1,\"type\":\"dance\",\"extra\":[1,2]}\n")));
        const auto error = worker.next<ErrorMessage>(kPatience);
        QVERIFY(error && error->message.find("dance") != std::string::npos);
        QVERIFY(worker.send(HelloRequest {}));
        QVERIFY(worker.next<Capabilities>(kPatience).has_value());
    }

    void resultsCarryIdAndNonce()
    {
        Worker worker;
        QVERIFY(worker.send(requestFor("one", kKernel)));
        const auto result = worker.next<ResultMessage>(kPatience);
        QVERIFY(result.has_value());
        QCOMPARE(result->id, std::string("one"));
        QCOMPARE(result->nonce, std::string("nonce of one"));
        QVERIFY2(result->evaluation.verdict == Verdict::Passed, result->evaluation.message.c_str());
        for (const char *stage : {"intake", "compile", "smoke", "correctness"}) {
            const auto &stages = result->evaluation.stages;
            QVERIFY(std::any_of(stages.begin(), stages.end(), [&](const StageRecord &record) {
                return record.name == stage && record.status == "ok" && !record.detail.empty();
            }));
        }
        QVERIFY(result->evaluation.timing.empty());
        for (const char *hash : {"source", "task", "parameters", "binary"})
            QVERIFY2(result->evaluation.hashes.contains(hash), hash);
    }

    void withOneCompilerNothingIsPrepared()
    {
        Worker worker;
        QVERIFY(worker.send(HelloRequest {}));
        const auto device = worker.next<Capabilities>(kPatience);
        if (!device || device->deviceKind != "cpu")
            QSKIP("the device here is not the host's own processor");
        QCOMPARE(device->compilers, 1);
        // Neither answered nor held against anybody, whatever is in it.
        QVERIFY(worker.send(PrepareRequest {requestFor("told", kKernel)}));
        QVERIFY(worker.send(PrepareRequest {requestFor("other", "no plan at all")}));
        QVERIFY(worker.send(requestFor("told", kKernel)));
        const auto result = worker.next<ResultMessage>(kPatience);
        QVERIFY2(result && result->evaluation.verdict == Verdict::Passed,
                 result ? result->evaluation.message.c_str() : "no result");
        QVERIFY(!result->evaluation.costsMs.contains("compiler: ahead"));
        QVERIFY(worker.send(CancelRequest {"other"}));
        const auto error = worker.next<ErrorMessage>(kPatience);
        QVERIFY(error && error->id == "other" && error->code == "not_found");
    }

    void badTasksAreRefusedWithWords()
    {
        Worker worker;
        EvaluateRequest request = requestFor("one", kKernel);
        request.task.workloads.front().axes.clear();
        QVERIFY(worker.send(request));
        const auto result = worker.next<ResultMessage>(kPatience);
        const auto error = result ? std::nullopt : worker.next<ErrorMessage>(1);
        QVERIFY(result || error);
        if (result)
            QVERIFY(result->evaluation.verdict != Verdict::Passed && !result->evaluation.message.empty());
    }

    void cancellingEndsAnEvaluationAndTheNextOneRuns()
    {
        Worker worker;
        EvaluateRequest request = requestFor("endless", kEndless);
        request.budgets.smokeSeconds = 50;
        QVERIFY(worker.send(request));
        std::optional<StageMessage> stage;
        do {
            stage = worker.next<StageMessage>(kPatience);
            QVERIFY(stage.has_value());
        } while (stage->stage.name != "smoke");
        QTest::qWait(300);
        QVERIFY(worker.send(CancelRequest {"endless"}));
        const auto error = worker.next<ErrorMessage>(kPatience);
        QVERIFY(error && error->id == "endless" && error->code == "cancelled");
        QVERIFY(worker.send(requestFor("next", kKernel)));
        const auto result = worker.next<ResultMessage>(kPatience);
        QVERIFY(result && result->id == "next" && result->evaluation.verdict == Verdict::Passed);
    }
    void cancellingWhatWaitsOrIsUnknownIsAnswered()
    {
        Worker worker;
        EvaluateRequest first = requestFor("first", kEndless);
        first.budgets.smokeSeconds = 2;
        QVERIFY(worker.send(first));
        QVERIFY(worker.send(requestFor("second", kKernel)));
        QVERIFY(worker.send(CancelRequest {"second"}));
        const auto withdrawn = worker.next<ErrorMessage>(kPatience);
        QVERIFY(withdrawn && withdrawn->id == "second" && withdrawn->code == "cancelled");
        QVERIFY(worker.send(CancelRequest {"nobody"}));
        const auto unknown = worker.next<ErrorMessage>(kPatience);
        QVERIFY(unknown && unknown->id == "nobody");
        const auto result = worker.next<ResultMessage>(kPatience);
        QVERIFY(result && result->id == "first" && result->evaluation.verdict == Verdict::Timeout);
    }

    void theHeartGoesOnWhileAKernelHangs()
    {
        Worker worker;
        EvaluateRequest request = requestFor("endless", kEndless);
        request.budgets.smokeSeconds = 3 * kHeartbeatSeconds;
        QVERIFY(worker.send(request));
        const auto result = worker.next<ResultMessage>(kPatience);
        QVERIFY2(result && result->evaluation.verdict == Verdict::Timeout,
                 result ? result->evaluation.message.c_str() : "");
        QVERIFY(worker.heartbeats >= 3);
    }

    void theEndOfInputEndsEverything()
    {
        Worker worker;
        EvaluateRequest request = requestFor("endless", kEndless);
        request.budgets.smokeSeconds = 50;
        QVERIFY(worker.send(request));
        std::optional<StageMessage> stage;
        do {
            stage = worker.next<StageMessage>(kPatience);
            QVERIFY(stage.has_value());
        } while (stage->stage.name != "smoke");
        const pid_t pid = worker.process().pid();
        QVERIFY(familyOf(pid).processes > 1);
        worker.process().closeStdin();
        QCOMPARE(worker.process().wait(5), std::optional<int>(0));
        QTRY_COMPARE(familyOf(pid).processes, 0);
    }
    void aKilledWorkerLeavesNoChildren()
    {
        Worker worker;
        QVERIFY(worker.send(requestFor("one", kKernel)));
        QVERIFY(worker.next<ResultMessage>(kPatience).has_value());
        const uint64_t before = tasksOfUser(65533);
        worker.process().kill(false);
        QVERIFY(worker.process().wait(5).has_value());
        if (::geteuid() == 0)
            QTRY_VERIFY(tasksOfUser(65533) < before);
    }
    void aWorkerThatEndsLeavesNoFolders()
    {
        Worker worker({"--no-sandbox"}); // without a private /tmp its children have folders in the real one
        QVERIFY(worker.send(requestFor("one", kKernel)));
        QVERIFY(worker.next<ResultMessage>(kPatience).has_value());
        const QStringList mine {QStringLiteral("warpwright-%1-*").arg(worker.process().pid())};
        const QDir temporary(QDir::tempPath());
        QVERIFY(!temporary.entryList(mine).isEmpty());
        worker.process().closeStdin();
        QCOMPARE(worker.process().wait(10), std::optional<int>(0));
        QCOMPARE(temporary.entryList(mine), QStringList());
    }
    void shutdownEndsCleanly()
    {
        Worker worker;
        QVERIFY(worker.send(HelloRequest {}));
        QVERIFY(worker.next<Capabilities>(kPatience).has_value());
        QVERIFY(worker.send(ShutdownRequest {}));
        QCOMPARE(worker.process().wait(10), std::optional<int>(0));
    }
};

QTEST_GUILESS_MAIN(TestWorkerProtocol)
#include "tst_worker_protocol.moc"
