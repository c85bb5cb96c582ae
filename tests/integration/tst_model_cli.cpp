// SPDX-License-Identifier: GPL-3.0-or-later
// Searches by a scripted model over real HTTP, on the real programs and a real OpenCL device.
#include "tests/core/ScriptedModel.h"

#include <QCoreApplication>
#include <QDir>
#include <QDirIterator>
#include <QElapsedTimer>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <csignal>
#include <memory>

namespace {

const QString kKernels = QStringLiteral(WW_SOURCE_DIR "/kernels");
const QByteArray kKey = "sk-scripted-0123456789-secret";

struct Outcome {
    int status = -1;
    QByteArray out, err;
    [[nodiscard]] QJsonObject json() const { return QJsonDocument::fromJson(out).object(); }
};

std::string variant(const QString &task, const QString &name)
{
    QFile file(kKernels + QLatin1Char('/') + task + QLatin1String("/variants/") + name
               + QLatin1String(".cl"));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("no variant %s", qPrintable(name));
    return file.readAll().toStdString();
}

std::string baseline(const QString &task)
{
    QFile file(kKernels + QLatin1Char('/') + task + QLatin1String("/baseline.cl"));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("no baseline");
    return file.readAll().toStdString();
}

std::string answerWith(const std::string &title, const std::string &source)
{
    return "Title: " + title + "\n\nThis should be fast.\n\n```c\n" + source + "```\n";
}

/// An edit of whatever kernel the question shows: a remark above its launch line.
std::string remarkEdit(const std::string &question, int number)
{
    const size_t kernel = question.find("# The kernel to change");
    const size_t begin = question.find("//@ launch ", kernel);
    const std::string line = question.substr(begin, question.find('\n', begin) - begin);
    return "Title: a remark\n<<<<<<< OLD\n" + line + "\n=======\n// remark " + std::to_string(number) + "\n"
        + line + "\n>>>>>>> NEW\n";
}

/// The baseline with its last column or term left out.
std::string wrongKernel(const QString &task)
{
    std::string source = baseline(task);
    const std::string end = task == QLatin1String("matmul") ? "k < K;" : "for (int c = 1;";
    const std::string instead =
        task == QLatin1String("matmul") ? "k < K - 1;" : "if (cols > 7) --cols; for (int c = 1;";
    return source.replace(source.find(end), end.size(), instead);
}

/// To large steps it sends, one after another, what does not compile, what is wrong, what has no plan, the
/// baseline, and then good kernels; to small ones an edit.
ScriptedModel::Script scriptFor(const QString &task, const QStringList &good)
{
    const auto large = std::make_shared<std::atomic<int>>(0);
    return [task, good, large](const ScriptedModel::Asked &asked) -> ScriptedModel::Answer {
        if (asked.small && !asked.repair)
            return {remarkEdit(asked.turns.front(), asked.number)};
        const int number = asked.repair ? 4 + asked.number : (*large)++;
        switch (number) {
        case 0: return {answerWith("does not compile", baseline(task) + "this is no C\n")};
        case 1: return {answerWith("leaves out a part", wrongKernel(task))};
        case 2: return {"```c\n__kernel void k(__global float *x) {}\n```\n"}; // without a plan: sent back
        case 3: return {answerWith("baseline", baseline(task))};
        default: break;
        }
        const QString name = good[number % good.size()];
        return {answerWith(name.toStdString(),
                           variant(task, name) + "// draft " + std::to_string(asked.number) + "\n")};
    };
}

} // namespace

class TestModelCli : public QObject {
    Q_OBJECT

    QTemporaryDir m_home;

    void prepare(QProcess &process) const
    {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("XDG_DATA_HOME"), m_home.path() + QStringLiteral("/data"));
        environment.insert(QStringLiteral("XDG_CONFIG_HOME"), m_home.path() + QStringLiteral("/config"));
        environment.insert(QStringLiteral("WARPWRIGHT_KERNELS"), kKernels);
        environment.insert(QStringLiteral("WW_SCRIPTED_KEY"), QString::fromLatin1(kKey));
        process.setProcessEnvironment(environment);
        process.setProgram(QCoreApplication::applicationDirPath() + QStringLiteral("/warpwright-cli"));
    }
    Outcome run(const QStringList &arguments, const QByteArray &input = {}) const
    {
        QProcess process;
        prepare(process);
        process.setArguments(arguments);
        process.start();
        process.write(input);
        process.closeWriteChannel();
        if (!process.waitForFinished(240'000)) {
            process.kill();
            process.waitForFinished();
            return {-1, process.readAllStandardOutput(), "did not end"};
        }
        return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -2,
                process.readAllStandardOutput(), process.readAllStandardError()};
    }
    QString file(const QString &name) const { return m_home.filePath(name); }
    static QStringList searchFor(const QString &task, const ScriptedModel &model, const QString &session,
                                 int steps, int parallel)
    {
        return {QStringLiteral("search"),
                QStringLiteral("--task"),
                task,
                QStringLiteral("--proposer"),
                QStringLiteral("llm"),
                QStringLiteral("--endpoint"),
                QString::fromStdString(model.url()),
                QStringLiteral("--model"),
                QStringLiteral("gpt-5-mini"),
                QStringLiteral("--key-variable"),
                QStringLiteral("WW_SCRIPTED_KEY"),
                QStringLiteral("--steps"),
                QString::number(steps),
                QStringLiteral("--parallel"),
                QString::number(parallel),
                QStringLiteral("--session"),
                session};
    }
    /// Every file under the home folder that holds the key.
    QStringList filesWithKey() const
    {
        QStringList found;
        QDirIterator files(m_home.path(), QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
        while (files.hasNext()) {
            QFile one(files.next());
            if (one.open(QIODevice::ReadOnly) && one.readAll().contains(kKey))
                found << one.fileName();
        }
        return found;
    }

private slots:
    void initTestCase()
    {
        for (const char *name : {"warpwright-cli", "warpwright-worker-opencl"}) {
            if (!QFile::exists(QCoreApplication::applicationDirPath() + QLatin1Char('/')
                               + QLatin1String(name)))
                QSKIP("the command line or the OpenCL worker is not part of this build");
        }
    }

    void badSettingsEndWithTwoBeforeASessionIsMade_data()
    {
        QTest::addColumn<QStringList>("more");
        QTest::addColumn<QString>("says");
        const QStringList none;
        QTest::newRow("no endpoint") << none << QStringLiteral("--endpoint");
        QTest::newRow("no model") << QStringList {QStringLiteral("--endpoint"),
                                                  QStringLiteral("http://127.0.0.1:9")}
                                  << QStringLiteral("--model");
        QTest::newRow("plain http elsewhere")
            << QStringList {QStringLiteral("--endpoint"), QStringLiteral("http://example.com"),
                            QStringLiteral("--model"), QStringLiteral("m")}
            << QStringLiteral("https");
        QTest::newRow("no key") << QStringList {QStringLiteral("--endpoint"),
                                                QStringLiteral("http://127.0.0.1:9"),
                                                QStringLiteral("--model"),
                                                QStringLiteral("m"),
                                                QStringLiteral("--key-variable"),
                                                QStringLiteral("WW_NOT_SET")}
                                << QStringLiteral("WW_NOT_SET");
        QTest::newRow("no price") << QStringList {QStringLiteral("--endpoint"),
                                                  QStringLiteral("http://127.0.0.1:9"),
                                                  QStringLiteral("--model"),
                                                  QStringLiteral("m"),
                                                  QStringLiteral("--money"),
                                                  QStringLiteral("3")}
                                  << QStringLiteral("prices.json");
        QTest::newRow("unknown format")
            << QStringList {QStringLiteral("--endpoint"), QStringLiteral("http://127.0.0.1:9"),
                            QStringLiteral("--model"),    QStringLiteral("m"),
                            QStringLiteral("--format"),   QStringLiteral("soap")}
            << QStringLiteral("soap");
    }
    void badSettingsEndWithTwoBeforeASessionIsMade()
    {
        QFETCH(QStringList, more);
        QFETCH(QString, says);
        const QString session = file(QStringLiteral("never.wwsession"));
        const Outcome outcome = run(QStringList {QStringLiteral("search"), QStringLiteral("--task"),
                                                 QStringLiteral("softmax"), QStringLiteral("--proposer"),
                                                 QStringLiteral("llm"), QStringLiteral("--session"), session}
                                    + more);
        QCOMPARE(outcome.status, 2);
        QVERIFY2(outcome.err.contains(says.toUtf8()), outcome.err.constData());
        QVERIFY(!QFile::exists(session));
    }

    void aModelSearches_data()
    {
        QTest::addColumn<QString>("task");
        QTest::addColumn<QStringList>("good");
        QTest::addColumn<int>("parallel");
        QTest::addColumn<int>("steps");
        QTest::newRow("softmax") << QStringLiteral("softmax")
                                 << QStringList {QStringLiteral("vector_row"), QStringLiteral("online"),
                                                 QStringLiteral("reuse_exponents")}
                                 << 3 << 6;
        QTest::newRow("matmul") << QStringLiteral(
            "matmul") << QStringList {QStringLiteral("vector_columns"), QStringLiteral("rows_per_item")}
                                << 3 << 5;
    }
    void aModelSearches()
    {
        QFETCH(QString, task);
        QFETCH(QStringList, good);
        QFETCH(int, parallel);
        QFETCH(int, steps);
        const ScriptedModel model(scriptFor(task, good));
        const QString session = file(task + QStringLiteral(".wwsession"));
        const Outcome outcome = run(searchFor(task, model, session, steps, parallel));
        QVERIFY2(outcome.status == 0, (outcome.out + outcome.err).constData());
        QVERIFY(!(outcome.out + outcome.err).contains(kKey));

        const Outcome shown = run({QStringLiteral("show"), session, QStringLiteral("--json")});
        QCOMPARE(shown.status, 0);
        const QJsonObject summary = shown.json();
        QMap<QString, int> verdicts;
        for (const QJsonValue &entry : summary[QStringLiteral("candidates")].toArray()) {
            ++verdicts[entry[QStringLiteral("verdict")].toString()];
            QVERIFY(entry[QStringLiteral("kind")].toString() == QLatin1String("tune")
                    || entry[QStringLiteral("spent")][QStringLiteral("calls")].toInt() >= 1);
        }
        QVERIFY(verdicts[QStringLiteral("COMPILE_ERROR")] + verdicts[QStringLiteral("REJECTED")] >= 1);
        QVERIFY(verdicts[QStringLiteral("INCORRECT_NUMERICAL")] >= 1);
        QVERIFY(verdicts[QStringLiteral("PASSED")] >= 1);
        QVERIFY(summary[QStringLiteral("best")][QStringLiteral("speedup")][QStringLiteral("ratio")].toDouble()
                > 1.2);
        QVERIFY(summary[QStringLiteral("spent")][QStringLiteral("money")].toDouble() > 0);
        QVERIFY(summary[QStringLiteral("open_steps")].toArray().isEmpty());

        // Every parent, kind, context and reward is that of the formulas.
        const Outcome audit = run({QStringLiteral("audit"), session, QStringLiteral("--json")});
        QVERIFY2(audit.status == 0, audit.out.constData());
        for (const char *what : {"reward_matches", "select_matches", "context_matches", "kind_matches"}) {
            const QJsonArray count = audit.json()[QLatin1String(what)].toArray();
            QVERIFY2(count[1].toInt() >= steps - 2 && count[0] == count[1], audit.out.constData());
        }
        const QString again = file(task + QStringLiteral("-again.wwsession"));
        const Outcome replay = run({QStringLiteral("replay"), session, QStringLiteral("--session"), again});
        QVERIFY2(replay.status == 0, (replay.out + replay.err).constData());
        QVERIFY2(replay.out.startsWith("the same tree: "), replay.out.constData());

        for (const char *format : {"json", "csv", "html"}) {
            const Outcome report =
                run({QStringLiteral("export"), session, QStringLiteral("--format"), QLatin1String(format),
                     QStringLiteral("--out"), session + QLatin1Char('.') + QLatin1String(format)});
            QCOMPARE(report.status, 0);
        }
        QCOMPARE(filesWithKey(), QStringList());
    }

    void aKillLosesNothingAndLeavesNoKey()
    {
        const ScriptedModel model([](const ScriptedModel::Asked &asked) -> ScriptedModel::Answer {
            return {answerWith("k",
                               variant(QStringLiteral("softmax"), QStringLiteral("vector_row")) + "// "
                                   + std::to_string(asked.number) + "\n"),
                    200, 0.3};
        });
        const QString session = file(QStringLiteral("killed.wwsession"));
        QProcess process;
        prepare(process);
        process.setArguments(searchFor(QStringLiteral("softmax"), model, session, 4, 2));
        process.start();
        QTRY_VERIFY_WITH_TIMEOUT(model.server().requests().size() >= 3, 60'000);
        QFile arguments(QStringLiteral("/proc/%1/cmdline").arg(process.processId()));
        QVERIFY(arguments.open(QIODevice::ReadOnly));
        const QByteArray line = arguments.readAll();
        QVERIFY(line.contains("WW_SCRIPTED_KEY") && !line.contains(kKey));
        const QDir threads(QStringLiteral("/proc/%1/task").arg(process.processId()));
        for (const QString &thread : threads.entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
            QFile children(threads.filePath(thread + QStringLiteral("/children")));
            if (!children.open(QIODevice::ReadOnly)) // this kernel does not tell
                break;
            for (const QByteArray &child : children.readAll().simplified().split(' ')) {
                QFile environment(QStringLiteral("/proc/%1/environ").arg(QString::fromLatin1(child)));
                QVERIFY(!environment.open(QIODevice::ReadOnly) || !environment.readAll().contains(kKey));
            }
        }
        ::kill(static_cast<pid_t>(process.processId()), SIGKILL);
        QVERIFY(process.waitForFinished());
        QCOMPARE(filesWithKey(), QStringList());
        const Outcome resumed = run({QStringLiteral("resume"), session});
        QVERIFY2(resumed.status == 0, (resumed.out + resumed.err).constData());
        const QJsonObject summary = run({QStringLiteral("show"), session, QStringLiteral("--json")}).json();
        QCOMPARE(summary[QStringLiteral("candidates")].toArray().size(), 4);
        QVERIFY(summary[QStringLiteral("pending")].toArray().isEmpty());
        QVERIFY(summary[QStringLiteral("open_steps")].toArray().isEmpty());
    }

    void aStrangersSessionGetsNoKey()
    {
        const ScriptedModel model([](const ScriptedModel::Asked &asked) -> ScriptedModel::Answer {
            return {answerWith(
                "again", baseline(QStringLiteral("softmax")) + "// " + std::to_string(asked.number) + "\n")};
        });
        const QString session = file(QStringLiteral("stranger.wwsession"));
        QCOMPARE(run(searchFor(QStringLiteral("softmax"), model, session, 1, 1)).status, 0);
        const size_t asked = model.server().requests().size();
        QVERIFY(asked > 0);
        // As if somebody else had made the file: this user has never named the endpoint.
        QVERIFY(QFile::remove(m_home.path() + QStringLiteral("/data/warpwright/known-endpoints.txt")));
        const QStringList resume {QStringLiteral("resume"), session, QStringLiteral("--steps"),
                                  QStringLiteral("2")};
        const Outcome refused = run(resume);
        QCOMPARE(refused.status, 2);
        QVERIFY2(refused.err.contains("--endpoint") && refused.err.contains("WW_SCRIPTED_KEY"),
                 refused.err.constData());
        QCOMPARE(model.server().requests().size(), asked);
        const Outcome trusted =
            run(resume + QStringList {QStringLiteral("--endpoint"), QString::fromStdString(model.url())});
        QVERIFY2(trusted.status == 0, (trusted.out + trusted.err).constData());
        QVERIFY(model.server().requests().size() > asked);
    }

    void anEndpointThatIsDownEndsWithThreeAndARemedy()
    {
        const ScriptedModel model([](const ScriptedModel::Asked &) -> ScriptedModel::Answer {
            return {"", 403};
        });
        const QString session = file(QStringLiteral("down.wwsession"));
        const Outcome outcome = run(searchFor(QStringLiteral("softmax"), model, session, 6, 2));
        QCOMPARE(outcome.status, 3);
        QVERIFY2(outcome.err.contains("resume"), outcome.err.constData());
        QVERIFY(model.server().requests().size() <= 4); // it did not run on
    }

    void nobodyAtTheEndpointEndsASearchOfTwoStepsWithThreeToo()
    {
        QString url;
        {
            const ScriptedModel gone([](const ScriptedModel::Asked &) { return ScriptedModel::Answer {}; });
            url = QString::fromStdString(gone.url()); // nobody listens there any more
        }
        const QString session = file(QStringLiteral("dead.wwsession"));
        const Outcome outcome =
            run({QStringLiteral("search"), QStringLiteral("--task"), QStringLiteral("softmax"),
                 QStringLiteral("--proposer"), QStringLiteral("llm"), QStringLiteral("--endpoint"), url,
                 QStringLiteral("--model"), QStringLiteral("m"), QStringLiteral("--steps"),
                 QStringLiteral("2"), QStringLiteral("--session"), session});
        QCOMPARE(outcome.status, 3);
        QVERIFY2(outcome.err.contains("resume"), outcome.err.constData());
        QVERIFY2(outcome.err.contains("127.0.0.1") || outcome.err.contains("connect"),
                 outcome.err.constData());
        const QJsonObject shown = run({QStringLiteral("show"), session, QStringLiteral("--json")}).json();
        QVERIFY(!shown[QStringLiteral("open_steps")].toArray().isEmpty()); // a resume asks again
    }

    void aPersonAsksInOurPlace()
    {
        const QString session = file(QStringLiteral("person.wwsession"));
        const QString prompt = file(QStringLiteral("prompt.md"));
        const std::string source = variant(QStringLiteral("softmax"), QStringLiteral("vector_row"));
        const QByteArray input =
            "I cannot do that.\nEND\n" + QByteArray::fromStdString(answerWith("by hand", source)) + "END\r\n";
        const Outcome outcome =
            run({QStringLiteral("search"), QStringLiteral("--task"), QStringLiteral("softmax"),
                 QStringLiteral("--proposer"), QStringLiteral("human"), QStringLiteral("--steps"),
                 QStringLiteral("1"), QStringLiteral("--session"), session, QStringLiteral("--prompt-file"),
                 prompt},
                input);
        QVERIFY2(outcome.status == 0, (outcome.out + outcome.err).constData());
        const QJsonObject summary = run({QStringLiteral("show"), session, QStringLiteral("--json")}).json();
        QCOMPARE(summary[QStringLiteral("candidates")][0][QStringLiteral("title")].toString(),
                 QStringLiteral("by hand"));
        QFile shown(prompt);
        QVERIFY(shown.open(QIODevice::ReadOnly));
        QVERIFY(shown.readAll().contains("no kernel")); // the last question was the one for a repair
    }

    void aHintReachesTheModelAndTheAnswerTheTerminal()
    {
        const ScriptedModel model([](const ScriptedModel::Asked &) -> ScriptedModel::Answer {
            return {answerWith("k", variant(QStringLiteral("softmax"), QStringLiteral("vector_row")))};
        });
        const QString session = file(QStringLiteral("hint.wwsession"));
        const QStringList search = searchFor(QStringLiteral("softmax"), model, session, 1, 1);
        const Outcome wrong =
            run(search + QStringList {QStringLiteral("--hint"), QStringLiteral("7=nobody is there")});
        QCOMPARE(wrong.status, 2);
        QVERIFY(wrong.err.contains("no candidate 7"));
        QFile::remove(session);
        const Outcome outcome =
            run(search
                + QStringList {QStringLiteral("--hint"), QStringLiteral("0=count to = seven"),
                               QStringLiteral("--stream")});
        QVERIFY2(outcome.status == 0 || outcome.status == 1, (outcome.out + outcome.err).constData());
        QVERIFY(model.server().requests().front().find("count to = seven") != std::string::npos);
        QVERIFY(outcome.err.contains("This should be fast."));
    }

    void doctorTriesTheEndpoint()
    {
        const ScriptedModel model(
            [](const ScriptedModel::Asked &) -> ScriptedModel::Answer { return {"ready"}; });
        const Outcome outcome =
            run({QStringLiteral("doctor"), QStringLiteral("--endpoint"), QString::fromStdString(model.url()),
                 QStringLiteral("--model"), QStringLiteral("m")});
        QVERIFY2(outcome.out.contains("model scripted-model: first text after"), outcome.out.constData());
    }
};

QTEST_GUILESS_MAIN(TestModelCli)
#include "tst_model_cli.moc"
