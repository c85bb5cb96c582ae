// SPDX-License-Identifier: GPL-3.0-or-later
// What a person does with memory and keys on the command line, with the real programs, device and keyring.
#include "core/base/Hash.h"
#include "core/journal/Journal.h"
#include "core/memory/AdaptationTasks.h"
#include "core/memory/Evidence.h"
#include "core/worker/WorkerClient.h"
#include "tests/core/ScriptedModel.h"
#include "tests/core/SearchFixtures.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>

using namespace ww;

namespace {

struct Outcome {
    int status = -1;
    QString out;
    QString err;
    [[nodiscard]] QJsonObject json() const { return QJsonDocument::fromJson(out.toUtf8()).object(); }
};

QString programPath(const char *name)
{
    return QCoreApplication::applicationDirPath() + QLatin1Char('/') + QLatin1String(name);
}

Evaluation refused(const std::string &message)
{
    Evaluation evaluation = fixtures::failed(Verdict::CompileError, message);
    evaluation.diagnostics = {{Diagnostic::Severity::Error, 3, 1, message}};
    evaluation.environment = {{"backend", "opencl"}, {"device", "cpu"}};
    return evaluation;
}

} // namespace

class TestMemoryCommands : public QObject {
    Q_OBJECT

    QTemporaryDir m_home;
    int m_tests = 0; ///< each has a memory of its own

    Outcome run(const QString &program, const QStringList &arguments, const QByteArray &input = {})
    {
        QProcess process;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("XDG_DATA_HOME"),
                           m_home.filePath(QStringLiteral("data-%1").arg(m_tests)));
        environment.insert(QStringLiteral("HOME"), m_home.path());
        environment.insert(QStringLiteral("XDG_RUNTIME_DIR"), m_home.filePath(QStringLiteral("run")));
        process.setProcessEnvironment(environment);
        process.start(program, arguments);
        process.write(input);
        process.closeWriteChannel();
        if (!process.waitForFinished(200'000))
            return {-1, QString(), QStringLiteral("did not end in 200 s")};
        return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -2,
                QString::fromUtf8(process.readAllStandardOutput()),
                QString::fromUtf8(process.readAllStandardError())};
    }
    Outcome memory(const QStringList &arguments)
    {
        return run(programPath("warpwright-cli"), QStringList {QStringLiteral("memory")} + arguments);
    }
    QString write(const QString &name, const QByteArray &content)
    {
        QFile target(m_home.filePath(name));
        if (!target.open(QIODevice::WriteOnly) || target.write(content) != content.size())
            qFatal("cannot write a test file");
        return target.fileName();
    }
    QString sessionWith(const QString &name, const std::vector<Evaluation> &evaluations)
    {
        const QString path = m_home.filePath(name);
        auto journal = Journal::create(path.toStdString());
        bool ok = journal && (*journal)->append(fixtures::created()) && (*journal)->append(RunStarted {});
        CandidateId id = 0;
        for (const Evaluation &evaluation : evaluations) {
            ++id;
            ok = ok && (*journal)->append(fixtures::proposed(id, 0, static_cast<int>(id), MoveKind::Large))
                && (*journal)->append(EvaluationFinished {id, false, evaluation, PolicyOutcome {}});
        }
        if (!ok)
            qFatal("cannot make the test's session");
        return path;
    }

private slots:
    void initTestCase()
    {
        const QDir home(m_home.path());
        QVERIFY(home.mkpath(QStringLiteral("run")) && home.mkpath(QStringLiteral(".cache")));
        QVERIFY(QFile::setPermissions(home.filePath(QStringLiteral("run")),
                                      QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
        if (!QFile::exists(programPath("warpwright-cli"))
            || !QFile::exists(programPath("warpwright-worker-opencl")))
            QSKIP("the command line or the OpenCL worker is not part of this build");
    }

    void init() { ++m_tests; }

    void badInputEndsWithTwo_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("says");
        const auto row = [](const char *name, const QStringList &arguments, const char *says) {
            QTest::newRow(name) << arguments << QString::fromUtf8(says);
        };
        row("no action", {}, "subcommand");
        row("no such rule", {QStringLiteral("pin"), QStringLiteral("opencl/none")}, "no rule 'opencl/none'");
        row("no such session", {QStringLiteral("learn"), QStringLiteral("/nonexistent")}, "/nonexistent");
        row("no session at all", {QStringLiteral("learn"), QStringLiteral("/etc/passwd")},
            "not a session file");
        row("no such list",
            {QStringLiteral("import"), QStringLiteral("/nonexistent"), QStringLiteral("--language"),
             QStringLiteral("cuda")},
            "/nonexistent");
        row("an unknown language",
            {QStringLiteral("write"), QStringLiteral("a sentence"), QStringLiteral("--language"),
             QStringLiteral("basic")},
            "basic");
        row("a memory that is none",
            {QStringLiteral("--memory"), QStringLiteral("/etc/passwd"), QStringLiteral("list")},
            "not a memory file");
    }
    void badInputEndsWithTwo()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, says);
        const Outcome outcome = memory(arguments);
        QCOMPARE(outcome.status, 2);
        QVERIFY2(outcome.err.contains(says) || outcome.out.contains(says), qPrintable(outcome.err));
    }

    void rulesAreLearnedDecidedOnAndTested()
    {
        const QString session =
            sessionWith(QStringLiteral("a.wwsession"),
                        {refused("use of undeclared identifier 'threadIdx'"), fixtures::passed(2),
                         refused("use of undeclared identifier 'blockIdx'"),
                         fixtures::failed(Verdict::InfraError, "gone")});
        Outcome outcome = memory({QStringLiteral("learn"), session, QStringLiteral("--json")});
        QCOMPARE(outcome.status, 0);
        QCOMPARE(outcome.json()[QStringLiteral("new_rules")].toArray().size(), 1);
        QCOMPARE(outcome.json()[QStringLiteral("infrastructure_faults_left_out")].toInt(), 1);
        outcome = memory({QStringLiteral("learn"), session, QStringLiteral("--json")});
        QCOMPARE(outcome.json()[QStringLiteral("failures")].toInt(), 0);

        const QString key = QStringLiteral("opencl/cuda-index");
        QVERIFY(memory({QStringLiteral("list")}).out.contains(key));
        QCOMPARE(memory({QStringLiteral("pin"), key}).status, 0);
        QCOMPARE(memory({QStringLiteral("edit"), key, QStringLiteral("Use get_local_id.")}).status, 0);
        outcome = memory({QStringLiteral("show"), key, QStringLiteral("--json")});
        QCOMPARE(outcome.json()[QStringLiteral("sentence")].toString(), QStringLiteral("Use get_local_id."));
        QCOMPARE(outcome.json()[QStringLiteral("state")].toString(), QStringLiteral("pinned"));
        QCOMPARE(outcome.json()[QStringLiteral("sightings")].toArray().size(), 2);

        outcome = memory({QStringLiteral("test-rule"), key, QStringLiteral("--json")});
        QVERIFY2(outcome.status == 0, qPrintable(outcome.err));
        QCOMPARE(outcome.json()[QStringLiteral("check")].toString(), QStringLiteral("holds"));
        QVERIFY(memory({QStringLiteral("show"), key}).out.contains(QStringLiteral("holds on")));

        const QString exported = m_home.filePath(QStringLiteral("rules.json"));
        QCOMPARE(memory({QStringLiteral("export"), QStringLiteral("--out"), exported}).status, 0);
        QCOMPARE(memory({QStringLiteral("delete"), key}).status, 0);
        QCOMPARE(memory({QStringLiteral("learn"), session}).status, 0);
        QCOMPARE(memory({QStringLiteral("show"), key}).status, 2);
        QCOMPARE(memory({QStringLiteral("import"), exported, QStringLiteral("--language"),
                         QStringLiteral("opencl")})
                     .status,
                 0);
        QCOMPARE(memory({QStringLiteral("show"), key}).status, 0);
        QCOMPARE(memory({QStringLiteral("disable"), key}).status, 0);
        QVERIFY(memory({QStringLiteral("list")}).out.contains(QStringLiteral("disabled")));
        QVERIFY(memory({QStringLiteral("effect")}).out.contains(QStringLiteral("unknown")));
        QCOMPARE(memory({QStringLiteral("techniques")}).status, 0);
    }

    void listsOfOtherSystemsAreSifted()
    {
        const QString list = write(QStringLiteral("list.txt"),
                                   "You cannot add float4 values with +.||12\n"
                                   "You cannot connect to http://0.0.0.0:12017||41\n");
        const Outcome outcome = memory({QStringLiteral("import"), list, QStringLiteral("--language"),
                                        QStringLiteral("cuda"), QStringLiteral("--json")});
        QCOMPARE(outcome.status, 0);
        QCOMPARE(outcome.json()[QStringLiteral("added")].toArray().size(), 1);
        QCOMPARE(outcome.json()[QStringLiteral("left_out")].toArray().size(), 1);
    }

    void aWrittenRuleThatNothingCanTestSaysSo()
    {
        const Outcome written = memory({QStringLiteral("write"), QStringLiteral("Be careful."),
                                        QStringLiteral("--language"), QStringLiteral("opencl")});
        QCOMPARE(written.status, 0);
        const Outcome outcome = memory({QStringLiteral("test-rule"), written.out.trimmed()});
        QCOMPARE(outcome.status, 2);
        QVERIFY(outcome.err.contains(QStringLiteral("no source")));
    }

    void smallTasksAreRight_data()
    {
        QTest::addColumn<QString>("language");
        QTest::newRow("opencl") << QStringLiteral("opencl");
        QTest::newRow("cuda") << QStringLiteral("cuda");
    }
    /// Their baselines pass the gate against their references: where nothing runs, both compile.
    void smallTasksAreRight()
    {
        QFETCH(QString, language);
        const bool cuda = language == QStringLiteral("cuda");
        const auto spec = localWorker(cuda ? "cuda:sm_90" : "opencl");
        if (!spec)
            QSKIP(spec.error().message().c_str());
        auto worker = WorkerClient::start(*spec);
        if (!worker)
            QSKIP(worker.error().message().c_str());
        const auto tasks = patternTasks(language.toStdString());
        QVERIFY2(tasks.has_value(), tasks ? "" : tasks.error().message().c_str());
        QVERIFY(tasks->size() >= 5);
        for (const Task &task : *tasks) {
            EvaluateRequest request;
            request.id = randomToken();
            request.nonce = randomToken();
            request.task = task;
            request.candidate = {"baseline", task.baseline.text, {}};
            request.lastStage = cuda ? "compile" : "correctness";
            const auto evaluation = (*worker)->evaluate(request, {});
            QVERIFY2(evaluation.has_value(), evaluation ? "" : evaluation.error().message().c_str());
            QVERIFY2(evaluation->verdict == Verdict::Passed,
                     (task.name + ": " + evaluation->message).c_str());
        }
    }

    /// A scripted model makes one mistake on every task: adaptation makes a rule of it, and the prompt of a
    /// search after that holds the rule, unless its step is held out.
    void adaptationMakesRulesThatReachTheNextPrompt()
    {
        const ScriptedModel model([](const ScriptedModel::Asked &) {
            return ScriptedModel::Answer {"```c\n//@ launch attempt grid(1) block(64) args(y)\n"
                                          "__kernel void attempt(__global float *y)\n"
                                          "{ y[threadIdx.x] = 0; }\n```\n"};
        });
        const QStringList asked {QStringLiteral("--endpoint"), QString::fromStdString(model.url()),
                                 QStringLiteral("--model"), QStringLiteral("scripted")};
        const Outcome outcome = run(
            programPath("warpwright-cli"),
            QStringList {QStringLiteral("adapt"), QStringLiteral("--attempts"), QStringLiteral("1")} + asked);
        QVERIFY2(outcome.status == 0, qPrintable(outcome.out + outcome.err));
        QVERIFY2(outcome.out.contains(QStringLiteral("rule opencl/cuda-index")), qPrintable(outcome.out));
        for (const std::string &request : model.server().requests())
            QVERIFY2(request.find("OpenCL C has no threadIdx") == std::string::npos,
                     "a prompt of the adaptation held memory");

        const auto seedWith = [](bool heldOut) {
            uint64_t seed = 1;
            while (isHeldOut(seed, 1) != heldOut)
                ++seed;
            return seed;
        };
        for (const bool heldOut : {false, true}) {
            const size_t before = model.server().requests().size();
            const Outcome searched =
                run(programPath("warpwright-cli"),
                    QStringList {QStringLiteral("search"), QStringLiteral("--task"),
                                 QStringLiteral(WW_SOURCE_DIR "/tests/adversarial/tasks/affine"),
                                 QStringLiteral("--proposer"), QStringLiteral("llm"),
                                 QStringLiteral("--steps"), QStringLiteral("1"), QStringLiteral("--seed"),
                                 QString::number(seedWith(heldOut)), QStringLiteral("--session"),
                                 m_home.filePath(QStringLiteral("search-%1.wwsession").arg(heldOut ? 1 : 0))}
                        + asked);
            QVERIFY2(searched.err.contains(QStringLiteral("learned")),
                     qPrintable(searched.out + searched.err));
            const std::vector<std::string> requests = model.server().requests();
            QVERIFY(requests.size() > before);
            QCOMPARE(requests[before].find("OpenCL C has no threadIdx") == std::string::npos, heldOut);
        }
        const QJsonObject rule =
            memory({QStringLiteral("show"), QStringLiteral("opencl/cuda-index"), QStringLiteral("--json")})
                .json();
        QCOMPARE(rule[QStringLiteral("shown")].toInt(), 1);
        QCOMPARE(rule[QStringLiteral("failures_shown")].toInt(), 1);
        QCOMPARE(rule[QStringLiteral("held_out")].toInt(), 1);
        const QJsonObject effect = memory({QStringLiteral("effect"), QStringLiteral("--json")}).json();
        QCOMPARE(effect[QStringLiteral("with")].toObject()[QStringLiteral("prompts")].toInt(), 1);
        QCOMPARE(effect[QStringLiteral("held_out")].toObject()[QStringLiteral("prompts")].toInt(), 1);
    }

    /// A task of a model's is text that runs: the real worker examines it, in its sandbox. The first answer's
    /// baseline disagrees with its reference, which is sent back; the second task is a poem, twice.
    void aTaskThatTheModelWritesIsExaminedBeforeItIsAttempted()
    {
        const auto kernel = [](const char *sum) {
            return std::string("```c\n//@ launch k grid(ceil_div(N, 64)) block(64) args(a, y, N)\n"
                               "__kernel void k(__global const float *a, __global float *y, int n)\n"
                               "{ int i = get_global_id(0); if (i < n) y[i] = ")
                + sum + "; }\n```\n";
        };
        const std::string definition = R"(```json
{"name": "neighbours", "description": "y[i] = a[i] + a[(i + 1) % N]",
 "axes": {"N": {"type": "var", "description": "elements"}},
 "inputs": {"a": {"shape": ["N"], "dtype": "float32", "description": "terms"}},
 "outputs": {"y": {"shape": ["N"], "dtype": "float32", "description": "sums"}},
 "constraints": ["N > 0"],
 "workloads": [{"name": "even", "axes": {"N": 4096}}, {"name": "odd", "axes": {"N": 77}, "timed": false}],
 "cost": {"flops": "N", "bytes": "8 * N"}}
```
)";
        const char *right = "(float)((double)a[i] + a[(i + 1) % n])", *wrong = "a[i]";
        std::atomic<int> tasks = 0;
        const ScriptedModel model([&](const ScriptedModel::Asked &asked) {
            if (asked.turns.front().find("Write a task of another kind") == std::string::npos)
                return ScriptedModel::Answer {kernel(right)}; // an attempt
            if (++tasks > 2)
                return ScriptedModel::Answer {"Roses are red."};
            return ScriptedModel::Answer {definition + kernel(right) + kernel(tasks == 1 ? wrong : right)};
        });
        const QString sessions = m_home.filePath(QStringLiteral("adapted"));
        const Outcome outcome =
            run(programPath("warpwright-cli"),
                {QStringLiteral("adapt"), QStringLiteral("--attempts"), QStringLiteral("1"),
                 QStringLiteral("--write"), QStringLiteral("2"), QStringLiteral("--no-patterns"),
                 QStringLiteral("--sessions"), sessions, QStringLiteral("--endpoint"),
                 QString::fromStdString(model.url()), QStringLiteral("--model"), QStringLiteral("scripted")});
        QVERIFY2(outcome.status == 0, qPrintable(outcome.out + outcome.err));
        QVERIFY2(outcome.out.contains(QStringLiteral("task 1 of 2: 'neighbours'")), qPrintable(outcome.out));
        QVERIFY2(outcome.out.contains(QStringLiteral("task 2 of 2: refused; ")), qPrintable(outcome.out));
        QVERIFY2(outcome.out.contains(QStringLiteral("1 attempts passed")), qPrintable(outcome.out));
        const std::vector<std::string> requests = model.server().requests();
        QCOMPARE(requests.size(), size_t(5)); // two for each task, and the attempt
        QVERIFY2(requests[1].find("references agree") != std::string::npos, requests[1].c_str());
        const QString run = QDir(sessions).entryList(QDir::Dirs | QDir::NoDotAndDotDot).value(0);
        QVERIFY(QFile::exists(sessions + QLatin1Char('/') + run + QStringLiteral("/tasks/1/reference.cl")));
        QVERIFY(!QFile::exists(sessions + QLatin1Char('/') + run + QStringLiteral("/tasks/2")));
        QVERIFY(QFile::exists(sessions + QLatin1Char('/') + run + QStringLiteral("/neighbours.wwsession")));
    }

    void aLimitOfMoneyWantsAKnownPriceBeforeATaskIsWritten()
    {
        const ScriptedModel model([](const ScriptedModel::Asked &) { return ScriptedModel::Answer {}; });
        const Outcome outcome =
            run(programPath("warpwright-cli"),
                {QStringLiteral("adapt"), QStringLiteral("--write"), QStringLiteral("1"),
                 QStringLiteral("--money"), QStringLiteral("1"), QStringLiteral("--endpoint"),
                 QString::fromStdString(model.url()), QStringLiteral("--model"), QStringLiteral("mine")});
        QCOMPARE(outcome.status, 2);
        QVERIFY2(outcome.err.contains(QStringLiteral("prices.json")), qPrintable(outcome.err));
        QVERIFY(model.server().requests().empty());
    }

    void keysWithoutAKeyringEndWithTheRemedy()
    {
        const QString cli = programPath("warpwright-cli");
        QProcessEnvironment none;
        QProcess process;
        none.insert(QStringLiteral("PATH"), QStringLiteral("/usr/bin:/bin"));
        none.insert(QStringLiteral("HOME"), m_home.path());
        none.insert(QStringLiteral("DBUS_SESSION_BUS_ADDRESS"), QStringLiteral("unix:path=/nonexistent"));
        process.setProcessEnvironment(none);
        process.start(cli, {QStringLiteral("key"), QStringLiteral("set"), QStringLiteral("work")});
        process.write("sk-very-secret-4711\n");
        process.closeWriteChannel();
        QVERIFY(process.waitForFinished(60'000));
        const QString err = QString::fromUtf8(process.readAllStandardError());
        QCOMPARE(process.exitCode(), 2);
        QVERIFY2(err.contains(QStringLiteral("--key-variable")), qPrintable(err));
        QVERIFY(!err.contains(QStringLiteral("4711")));
    }

    void aKeyGivenAsItsNameIsNotRepeated()
    {
        const Outcome outcome =
            run(programPath("warpwright-cli"),
                {QStringLiteral("key"), QStringLiteral("set"), QStringLiteral("sk/very+secret=4711")}, "x\n");
        QCOMPARE(outcome.status, 2);
        QVERIFY(!outcome.err.contains(QStringLiteral("4711")));
    }

    /// A keyring of this test's own, on a bus of its own.
    void keysAreKeptAndGivenOut()
    {
        for (const char *needed : {"dbus-run-session", "gnome-keyring-daemon"}) {
            if (QStandardPaths::findExecutable(QLatin1String(needed)).isEmpty())
                QSKIP("there is no dbus-run-session or gnome-keyring-daemon here");
        }
        if (!QFile::exists(programPath("warpwright-key")))
            QSKIP("warpwright-key is not part of this build");
        const QString script =
            write(QStringLiteral("keyring.sh"),
                  "printf pass | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1\n"
                  "\"$1\" key check work; echo \"before $?\"\n"
                  "echo sk-very-secret-4711 | \"$1\" key set work; echo \"set $?\"\n"
                  "\"$1\" key check work; echo \"there $?\"\n"
                  "\"$2\" get work | od -c | head -3\n"
                  "\"$1\" key delete work; echo \"delete $?\"\n"
                  "\"$1\" key check work; echo \"after $?\"\n");
        const Outcome outcome = run(QStringLiteral("dbus-run-session"),
                                    {QStringLiteral("--"), QStringLiteral("sh"), script,
                                     programPath("warpwright-cli"), programPath("warpwright-key")});
        QVERIFY2(outcome.out.contains(QStringLiteral("before 2")), qPrintable(outcome.out + outcome.err));
        QVERIFY2(outcome.err.contains(QStringLiteral("holds none named 'work'")), qPrintable(outcome.err));
        QVERIFY2(outcome.out.contains(QStringLiteral("set 0")), qPrintable(outcome.out + outcome.err));
        QVERIFY(outcome.out.contains(QStringLiteral("there 0")));
        QVERIFY(outcome.out.contains(QStringLiteral("s   k   -   v")));
        QVERIFY(outcome.out.contains(QStringLiteral("delete 0")));
        QVERIFY(outcome.out.contains(QStringLiteral("after 2")));
        QVERIFY(!outcome.err.contains(QStringLiteral("4711")));
    }
};

QTEST_GUILESS_MAIN(TestMemoryCommands)
#include "tst_memory_commands.moc"
