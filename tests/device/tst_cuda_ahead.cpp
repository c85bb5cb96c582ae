// SPDX-License-Identifier: GPL-3.0-or-later
// Candidates that the worker is told of beforehand, with the real compile-only CUDA worker; no GPU is needed.
#include "core/base/Subprocess.h"
#include "core/worker/DevicePool.h"
#include "core/worker/MessagesJson.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QTest>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <set>
#include <sstream>

using namespace ww;

namespace {

namespace fs = std::filesystem;

constexpr int kPatienceMs = 60000;

std::string kernel(const std::string &body, const std::string &before = {})
{
    return "//@ launch k grid(ceil_div(N, 64)) block(64) args(x, y, N)\n" + before
        + "extern \"C\" __global__ void k(const float *x, float *y, int n)\n"
          "{ const int i = blockIdx.x * blockDim.x + threadIdx.x; if (i < n) y[i] = "
        + body + "; }\n";
}

/// The headers of this one take a compiler far longer than anything else here.
const std::string kSlow = kernel("x[i] + 1.0f", "#include <cooperative_groups.h>\n");

Task copyTask()
{
    Task task;
    task.name = "copy";
    task.language = "cuda";
    task.axes = {{"N", "", std::nullopt}};
    TensorSpec x;
    x.name = "x";
    x.shape = {*Expression::parse("N")};
    task.inputs = {x};
    x.name = "y";
    task.outputs = {x};
    task.workloads = {{"w", {{"N", 100}}, {}, true, {}}};
    task.reference = {"reference", "", kernel("x[i]")};
    task.baseline = task.reference;
    return task;
}

EvaluateRequest requestFor(const std::string &id, const std::string &source)
{
    EvaluateRequest request;
    request.id = id;
    request.nonce = "nonce of " + id;
    request.task = copyTask();
    request.candidate = {"candidate", source, {}};
    return request;
}

WorkerSpec compileOnly()
{
    return {
        {(QCoreApplication::applicationDirPath() + QStringLiteral("/warpwright-worker-cuda")).toStdString(),
         "--device", "cuda:sm_90"},
        "cuda:sm_90"};
}

StageRecord compileStage(const Evaluation &evaluation)
{
    for (const StageRecord &stage : evaluation.stages) {
        if (stage.name == "compile")
            return stage;
    }
    return {};
}

bool wasAhead(const Evaluation &evaluation)
{
    return evaluation.costsMs.contains("compiler: ahead");
}

/// Processes that compile for this worker: those it started, and what these started.
std::set<pid_t> compilersOf(pid_t worker)
{
    std::map<pid_t, pid_t> parents;
    std::map<pid_t, std::string> commands;
    std::error_code code;
    for (const auto &entry : fs::directory_iterator("/proc", code)) {
        const pid_t pid = std::atoi(entry.path().filename().c_str());
        if (pid <= 0)
            continue;
        std::ifstream stat(entry.path() / "stat");
        std::stringstream text;
        text << stat.rdbuf();
        const std::string line = text.str();
        const size_t name = line.rfind(')');
        if (name == std::string::npos)
            continue;
        char state = 0;
        pid_t parent = 0;
        std::istringstream(line.substr(name + 1)) >> state >> parent;
        parents[pid] = parent;
        std::stringstream command;
        command << std::ifstream(entry.path() / "cmdline").rdbuf();
        commands[pid] = command.str();
    }
    std::set<pid_t> found;
    for (const auto &[pid, command] : commands) {
        pid_t ancestor = pid;
        while (ancestor > 1 && ancestor != worker)
            ancestor = parents.contains(ancestor) ? parents[ancestor] : 0;
        if (ancestor == worker && pid != worker && command.find("compiler") != std::string::npos)
            found.insert(pid);
    }
    return found;
}

} // namespace

class TestCudaAhead : public QObject {
    Q_OBJECT

    std::unique_ptr<WorkerClient> m_client;

    Evaluation evaluated(const EvaluateRequest &request)
    {
        Result<Evaluation> evaluation = m_client->evaluate(request, {});
        if (!evaluation)
            qFatal("%s", evaluation.error().message().c_str());
        return std::move(*evaluation);
    }

private slots:
    void initTestCase()
    {
        std::signal(SIGPIPE, SIG_IGN);
        if (!fs::exists(compileOnly().command.front()))
            QSKIP("the CUDA worker is not part of this build");
    }
    void init()
    {
        auto client = WorkerClient::start(compileOnly());
        if (!client)
            QSKIP(client.error().message().c_str());
        m_client = std::move(*client);
    }

    void thereIsMoreThanOneCompiler() { QVERIFY(m_client->capabilities().compilers > 1); }

    void whatWasToldIsThereWhenItIsAskedFor()
    {
        const EvaluateRequest told = requestFor("told", kernel("2.0f * x[i]"));
        m_client->prepare(told);
        const Evaluation other = evaluated(requestFor("other", kSlow));
        QVERIFY(!wasAhead(other));
        const Evaluation ahead = evaluated(told);
        QVERIFY2(wasAhead(ahead), compileStage(ahead).detail.c_str());
        QVERIFY(compileStage(ahead).detail.find("built ahead") != std::string::npos);
        QVERIFY(compileStage(ahead).ms < ahead.costsMs.at("compiler: ahead"));
        // It is fetched once; what is compiled on the spot is the same.
        const Evaluation again = evaluated(told);
        QVERIFY(!wasAhead(again));
        QCOMPARE(static_cast<int>(ahead.verdict), static_cast<int>(Verdict::Passed));
        QCOMPARE(ahead.hashes.at("binary"), again.hashes.at("binary"));
        QCOMPARE(ahead.resources, again.resources);
    }

    void whatDoesNotCompileIsRejectedInTheSameWords()
    {
        const EvaluateRequest told = requestFor("told", kernel("unknown[i]"));
        m_client->prepare(told);
        (void)evaluated(requestFor("other", kSlow));
        const Evaluation ahead = evaluated(told);
        const Evaluation again = evaluated(told);
        QVERIFY(wasAhead(ahead) && !wasAhead(again));
        QCOMPARE(static_cast<int>(ahead.verdict), static_cast<int>(Verdict::CompileError));
        QCOMPARE(ahead.message, again.message);
        QCOMPARE(ahead.diagnostics.size(), again.diagnostics.size());
        QCOMPARE(ahead.buildLog, again.buildLog);
    }

    void whatIntakeRejectsIsRejectedByTheEvaluation()
    {
        const EvaluateRequest told = requestFor("told", "no plan at all");
        m_client->prepare(told);
        (void)evaluated(requestFor("other", kSlow));
        const Evaluation evaluation = evaluated(told);
        QCOMPARE(static_cast<int>(evaluation.verdict), static_cast<int>(Verdict::Rejected));
        QVERIFY(!wasAhead(evaluation));
    }

    void anotherSourceUnderTheSameIdIsNotTaken_data()
    {
        QTest::addColumn<QString>("change");
        for (const char *change : {"source", "parameters", "block"})
            QTest::newRow(change) << change;
    }
    void anotherSourceUnderTheSameIdIsNotTaken()
    {
        QFETCH(QString, change);
        const std::string tuned =
            "//@ tune SIZE = 64, 32\n//@ launch k grid(ceil_div(N, SIZE)) block(SIZE) "
            "args(x, y, N)\nextern \"C\" __global__ void k(const float *x, float *y, int n)\n"
            "{ const int i = blockIdx.x * SIZE + threadIdx.x; if (i < n) y[i] = x[i]; }\n";
        EvaluateRequest told = requestFor("told", tuned);
        m_client->prepare(told);
        (void)evaluated(requestFor("other", kSlow));
        if (change == QStringLiteral("source"))
            told.candidate.source = kernel("3.0f * x[i]");
        else if (change == QStringLiteral("parameters"))
            told.candidate.parameters = {{"SIZE", 32}};
        else
            told.candidate.source.replace(told.candidate.source.find("block(SIZE)"), 11, "block(16)");
        const Evaluation changed = evaluated(told);
        QVERIFY(!wasAhead(changed));
        QCOMPARE(changed.hashes.at("binary"), evaluated(told).hashes.at("binary"));
    }

    void whatTakesTooLongIsStoppedOnce()
    {
        EvaluateRequest told = requestFor("told", kSlow);
        told.budgets.compileSeconds = 0.02;
        m_client->prepare(told);
        (void)evaluated(requestFor("other", kSlow));
        const Evaluation late = evaluated(told);
        QCOMPARE(static_cast<int>(late.verdict), static_cast<int>(Verdict::Timeout));
        QVERIFY2(wasAhead(late), late.message.c_str());
        // Its compiler is gone, and the next candidate finds another.
        const EvaluateRequest next = requestFor("next", kernel("4.0f * x[i]"));
        m_client->prepare(next);
        (void)evaluated(requestFor("one more", kSlow));
        QVERIFY(wasAhead(evaluated(next)));
    }

    void manyAreTakenInTurnAndTheOldestForgotten()
    {
        std::vector<EvaluateRequest> told;
        for (int i = 0; i < 40; ++i)
            told.push_back(requestFor(std::to_string(i), kernel(std::to_string(i) + ".0f * x[i]")));
        for (const EvaluateRequest &request : told)
            m_client->prepare(request);
        (void)evaluated(requestFor("other", kSlow));
        QVERIFY(!wasAhead(evaluated(told.front())));
        for (size_t i = told.size() - 4; i < told.size(); ++i)
            QCOMPARE(static_cast<int>(evaluated(told[i]).verdict), static_cast<int>(Verdict::Passed));
    }

    void cancellingEndsWhatWasTold()
    {
        SpawnOptions options;
        options.command = compileOnly().command;
        Result<Subprocess> worker = Subprocess::spawn(options);
        QVERIFY(worker);
        const auto say = [&](const ToWorker &message) {
            return writeAll(worker->stdinFd(), toLine(message)).has_value();
        };
        LineBuffer lines(kMaxLineBytes);
        const auto next = [&](const std::string &id) -> std::optional<Evaluation> {
            QElapsedTimer timer;
            timer.start();
            char buffer[65536];
            while (timer.elapsed() < kPatienceMs) {
                while (const auto line = lines.next()) {
                    const Result<FromWorker> message = parseFromWorker(*line);
                    if (const auto *error = message ? std::get_if<ErrorMessage>(&*message) : nullptr)
                        qWarning("%s: %s", error->id.c_str(), error->message.c_str());
                    if (const auto *result = message ? std::get_if<ResultMessage>(&*message) : nullptr;
                        result && result->id == id)
                        return result->evaluation;
                }
                const ssize_t count = ::read(worker->stdoutFd(), buffer, sizeof buffer);
                if (count <= 0 || !lines.add({buffer, static_cast<size_t>(count)}))
                    return std::nullopt;
            }
            return std::nullopt;
        };
        QVERIFY(say(HelloRequest {}) && say(requestFor("first", kernel("x[i]"))));
        QVERIFY(next("first"));
        const std::set<pid_t> before = compilersOf(worker->pid());
        const EvaluateRequest told = requestFor("told", kSlow);
        QVERIFY(say(PrepareRequest {told}));
        QTRY_VERIFY_WITH_TIMEOUT(compilersOf(worker->pid()) != before, 10000);
        QVERIFY(say(CancelRequest {"told"}) && say(told));
        const auto cancelled = next("told");
        QVERIFY(cancelled && cancelled->verdict == Verdict::Passed && !wasAhead(*cancelled));

        // A compiler that dies takes nothing with it but what it had begun.
        std::set<pid_t> fresh = compilersOf(worker->pid());
        const EvaluateRequest crashed = requestFor("crashed", kSlow);
        QVERIFY(say(PrepareRequest {crashed}));
        QTRY_VERIFY_WITH_TIMEOUT(compilersOf(worker->pid()).size() > before.size(), 10000);
        for (const pid_t pid : compilersOf(worker->pid())) {
            if (!before.contains(pid))
                ::kill(pid, SIGKILL);
        }
        QVERIFY(say(crashed));
        const auto survived = next("crashed");
        QVERIFY(survived && survived->verdict == Verdict::Passed && !wasAhead(*survived));
    }

    void aPoolTellsItsWorkers()
    {
        auto pool = DevicePool::start({compileOnly()});
        QVERIFY(pool);
        const auto submit = [&](const EvaluateRequest &request) {
            auto promise = std::make_shared<std::promise<Result<Evaluation>>>();
            (*pool)->submit({request, {}, {}, [promise](Result<Evaluation> result) {
                                 promise->set_value(std::move(result));
                             }});
            return promise->get_future();
        };
        auto first = submit(requestFor("1", kSlow));
        const EvaluateRequest told = requestFor("2", kernel("5.0f * x[i]"));
        (*pool)->prepare(told);
        QVERIFY(first.get());
        auto second = submit(told).get();
        QVERIFY(second && wasAhead(*second));
    }
};

QTEST_GUILESS_MAIN(TestCudaAhead)
#include "tst_cuda_ahead.moc"
