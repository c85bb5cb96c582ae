// SPDX-License-Identifier: GPL-3.0-or-later
// Conversations with workers that misbehave. Each worker is a shell script (named as the stand-in it is):
// a real worker cannot be made to lie; the real one is driven in tests/integration and tests/adversarial.
#include "core/worker/DevicePool.h"
#include "core/worker/MessagesJson.h"
#include "core/worker/WorkerClient.h"

#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <csignal>
#include <fstream>
#include <future>
#include <thread>

using namespace ww;

namespace {

std::string capabilitiesLine()
{
    Capabilities capabilities;
    capabilities.backend = "opencl";
    capabilities.device = "Scripted";
    return toLine(FromWorker {capabilities});
}

std::string resultLine(const std::string &id, const std::string &nonce)
{
    ResultMessage result {id, nonce, {}};
    result.evaluation.verdict = Verdict::Passed;
    return toLine(FromWorker {result});
}

/// A worker that answers hello, then runs `script` (a shell fragment).
WorkerSpec scripted(const std::string &script)
{
    return {{"/bin/sh", "-c", "read hello; printf '%s' '" + capabilitiesLine() + "'; " + script}, "scripted"};
}

EvaluateRequest request()
{
    EvaluateRequest message;
    message.id = "r1";
    message.nonce = "n1";
    return message;
}

std::string say(const std::string &line)
{
    return "printf '%s' '" + line + "'; ";
}

} // namespace

class TestWorkerClient : public QObject {
    Q_OBJECT
private slots:
    void initTestCase() { std::signal(SIGPIPE, SIG_IGN); }

    void failedStartsAreExplained_data()
    {
        QTest::addColumn<QString>("script");
        QTest::addColumn<QString>("expected");
        QTest::newRow("ends at once with words on stderr")
            << QStringLiteral("echo no such device >&2; exit 3") << QStringLiteral("no such device");
        QTest::newRow("refuses politely") << QStringLiteral(
            "read x; printf '%s\\n' '{\"v\":1,\"type\":\"error\",\"code\":\"sandbox\",\"message\":\"no "
            "sandbox here\"}'; sleep 5") << QStringLiteral("no sandbox here");
        QTest::newRow("prints nonsense")
            << QStringLiteral("echo Welcome to node1; sleep 5") << QStringLiteral("scripted");
        QTest::newRow("says nothing") << QStringLiteral("sleep 60") << QStringLiteral("did not answer hello");
    }
    void failedStartsAreExplained()
    {
        QFETCH(QString, script);
        QFETCH(QString, expected);
        const auto client = WorkerClient::start({{"/bin/sh", "-c", script.toStdString()}, "scripted"}, 1.0);
        QVERIFY(!client);
        QCOMPARE(client.error().code, ErrorCode::Infrastructure);
        QVERIFY2(client.error().message().find(expected.toStdString()) != std::string::npos,
                 client.error().message().c_str());
    }

    void resultArrivesWithItsStagesAndSamples()
    {
        const std::string stage = toLine(FromWorker {StageMessage {"r1", {"compile", "ok", 12, ""}}});
        const std::string samples = toLine(FromWorker {SamplesMessage {"r1", "small", {1.5f, 2.5f}, false}});
        auto client = WorkerClient::start(
            scripted("read r; " + say(stage) + say(samples) + say(resultLine("r1", "n1")) + "read end"));
        QVERIFY2(client.has_value(), client ? "" : client.error().message().c_str());
        QCOMPARE((*client)->capabilities().device, std::string("Scripted"));
        std::vector<std::string> stages;
        size_t count = 0;
        const auto evaluation =
            (*client)->evaluate(request(),
                                {[&](const StageRecord &record) { stages.push_back(record.name); },
                                 [&](const SamplesMessage &message) { count += message.us.size(); }});
        QVERIFY2(evaluation.has_value(), evaluation ? "" : evaluation.error().message().c_str());
        QCOMPARE(evaluation->verdict, Verdict::Passed);
        QCOMPARE(stages, std::vector<std::string> {"compile"});
        QCOMPARE(count, size_t {2});
    }

    void brokenConversationsAreInfrastructure_data()
    {
        QTest::addColumn<QString>("script");
        QTest::addColumn<QString>("expected");
        QTest::newRow("dies") << QStringLiteral("read r; echo core dumped >&2; exit 9")
                              << QStringLiteral("core dumped");
        QTest::newRow("another request's nonce")
            << QString::fromStdString("read r; " + say(resultLine("r1", "stale"))) << QStringLiteral("nonce");
        QTest::newRow("bad JSON") << QStringLiteral("read r; echo '{\"v\":1,'; sleep 5")
                                  << QStringLiteral("scripted");
        QTest::newRow("bad UTF-8") << QStringLiteral("read r; printf '\\377\\n'; sleep 5")
                                   << QStringLiteral("UTF-8");
    }
    void brokenConversationsAreInfrastructure()
    {
        QFETCH(QString, script);
        QFETCH(QString, expected);
        auto client = WorkerClient::start(scripted(script.toStdString()));
        QVERIFY(client);
        const auto evaluation = (*client)->evaluate(request(), {});
        QVERIFY(!evaluation);
        QCOMPARE(evaluation.error().code, ErrorCode::Infrastructure);
        QVERIFY2(evaluation.error().message().find(expected.toStdString()) != std::string::npos,
                 evaluation.error().message().c_str());
        QVERIFY(!(*client)->alive());
    }

    void answersToOtherRequestsAreIgnored()
    {
        auto client = WorkerClient::start(
            scripted("read r; " + say(resultLine("old", "old")) + say(resultLine("r1", "n1")) + "read end"));
        QVERIFY(client);
        QVERIFY((*client)->evaluate(request(), {}));
    }

    void cancelEndsAnEvaluationSoon()
    {
        const std::string acknowledge = toLine(FromWorker {ErrorMessage {"r1", "cancelled", "cancelled"}});
        auto client = WorkerClient::start(scripted("read r; read cancel; " + say(acknowledge) + "read end"));
        QVERIFY(client);
        std::stop_source stop;
        std::jthread canceller([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            stop.request_stop();
        });
        const auto evaluation = (*client)->evaluate(request(), {}, stop.get_token());
        QVERIFY(!evaluation);
        QCOMPARE(evaluation.error().code, ErrorCode::Cancelled);
        QVERIFY((*client)->alive());
    }

    void aWorkerThatReadsNothingCanBeCancelled()
    {
        auto client = WorkerClient::start(scripted("exec sleep 60"));
        QVERIFY(client);
        EvaluateRequest large = request();
        large.candidate.source.assign(size_t {4} << 20, ' '); // more than any pipe holds
        std::stop_source stop;
        std::jthread canceller([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            stop.request_stop();
        });
        const auto evaluation = (*client)->evaluate(large, {}, stop.get_token());
        QVERIFY(!evaluation);
        QCOMPARE(evaluation.error().code, ErrorCode::Cancelled);
        QVERIFY(!(*client)->alive()); // half a request is with it
    }

    void aWorkerThatNeverFallsSilentCanBeCancelled()
    {
        StageMessage stage;
        stage.id = "another";
        const std::string line = toLine(FromWorker {stage});
        auto client =
            WorkerClient::start(scripted("read r; exec yes '" + line.substr(0, line.find('\n')) + "'"));
        QVERIFY(client);
        std::stop_source stop;
        std::jthread canceller([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
            stop.request_stop();
        });
        const auto evaluation = (*client)->evaluate(request(), {}, stop.get_token());
        QVERIFY(!evaluation);
        QCOMPARE(evaluation.error().code, ErrorCode::Cancelled);
        QVERIFY(!(*client)->alive()); // it did not acknowledge
    }

    void aFloodThatNobodyReadsEndsTheConversation()
    {
        StageMessage stage;
        stage.id = "another";
        stage.stage.detail = std::string(size_t {4} << 20, 'x');
        const std::string line = toLine(FromWorker {stage});
        QTemporaryDir folder;
        const std::string file = folder.filePath(QStringLiteral("line")).toStdString();
        std::ofstream(file) << line;
        const QString sent = folder.filePath(QStringLiteral("sent"));
        auto client = WorkerClient::start(scripted("i=0; while [ $i -lt 36 ]; do cat " + file
                                                   + "; i=$((i + 1)); done; touch " + sent.toStdString()
                                                   + "; read end"));
        QVERIFY(client);
        QTRY_VERIFY_WITH_TIMEOUT(QFileInfo::exists(sent), 240'000); // a sanitizer reads slowly
        const auto evaluation = (*client)->evaluate(request(), {});
        QVERIFY(!evaluation);
        QCOMPARE(evaluation.error().code, ErrorCode::Infrastructure);
        QVERIFY2(evaluation.error().message().find("128 MiB") != std::string::npos,
                 evaluation.error().message().c_str());
    }

    void aStartThatHangsCanBeCancelled()
    {
        const WorkerSpec hanging {{"/bin/sh", "-c", "exec sleep 600"}, "hanging"};
        std::stop_source stop;
        std::jthread canceller([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            stop.request_stop();
        });
        const auto client = WorkerClient::start(hanging, 600, stop.get_token());
        QVERIFY(!client);
        QCOMPARE(client.error().code, ErrorCode::Cancelled);
        const auto pool = DevicePool::start({hanging, scripted("read end")}, stop.get_token());
        QVERIFY(!pool);
        QCOMPARE(pool.error().code, ErrorCode::Cancelled);
    }

    void poolStartsADeadWorkerAgainAndTriesOnce()
    {
        QTemporaryDir folder;
        // Dies during the first evaluation, answers after its restart.
        const std::string mark = folder.filePath(QStringLiteral("died")).toStdString();
        const auto pool =
            DevicePool::start({scripted("read r; if [ -e " + mark + " ]; then " + say(resultLine("r1", "n1"))
                                        + "read end; else touch " + mark + "; exit 1; fi")});
        QVERIFY(pool);
        QCOMPARE((*pool)->capacity(), 1);
        std::promise<Result<Evaluation>> done;
        (*pool)->submit(
            {request(), {}, {}, [&](Result<Evaluation> result) { done.set_value(std::move(result)); }});
        const auto result = done.get_future().get();
        QVERIFY2(result.has_value(), result ? "" : result.error().message().c_str());
    }

    void poolEndsAJobThatKillsEveryWorker()
    {
        const auto pool = DevicePool::start({scripted("read r; exit 1")});
        QVERIFY(pool);
        for (int i = 0; i < 2; ++i) {
            std::promise<Result<Evaluation>> done;
            (*pool)->submit(
                {request(), {}, {}, [&](Result<Evaluation> result) { done.set_value(std::move(result)); }});
            const auto result = done.get_future().get();
            QVERIFY(!result);
            QCOMPARE(result.error().code, ErrorCode::Infrastructure);
        }
    }

    void poolCancelsWhatRunsAndWhatWaits()
    {
        const auto pool = DevicePool::start({scripted("read r; read cancel; sleep 60")});
        QVERIFY(pool);
        std::atomic<int> cancelled = 0;
        for (int i = 0; i < 3; ++i) {
            (*pool)->submit({request(), {}, {}, [&](const Result<Evaluation> &result) {
                                 cancelled += !result && result.error().code == ErrorCode::Cancelled;
                             }});
        }
        (*pool)->cancelAll();
        QTRY_COMPARE_WITH_TIMEOUT(cancelled.load(), 3, 8000);
    }

    void poolWithoutAnyWorkerSaysWhy()
    {
        const auto pool = DevicePool::start({{{"/nonexistent/worker"}, "missing"}});
        QVERIFY(!pool);
        QVERIFY(pool.error().message().find("/nonexistent/worker") != std::string::npos);
    }

    void workerCommandsAreSplitAsAShellWould()
    {
        const auto spec = workerFromCommand("ssh 'my host' \"a b\" c\\ d");
        QVERIFY(spec);
        QCOMPARE(spec->command, (std::vector<std::string> {"ssh", "my host", "a b", "c d"}));
        QVERIFY(!workerFromCommand("ssh 'open"));
        QVERIFY(!workerFromCommand("  "));
    }

    void unknownDevicesAreRefusedWithARemedy()
    {
        QVERIFY(localWorker("metal:0").error().message().find("opencl:0") != std::string::npos);
        QVERIFY(localWorker("opencl:sm_90").error().message().find("not a device number")
                != std::string::npos);
        QVERIFY(localWorker("cuda:sm_").error().message().find("cuda:sm_90") != std::string::npos);
        QVERIFY(localWorker("opencl:x").error().message().find("not a device number") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestWorkerClient)
#include "tst_worker_client.moc"
