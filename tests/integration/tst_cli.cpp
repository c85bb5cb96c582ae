// SPDX-License-Identifier: GPL-3.0-or-later
// The command line's contract, on the real programs and a real OpenCL device.
#include <QCoreApplication>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

namespace {

struct Outcome {
    int status = -1;
    QString out;
    QString err;
    [[nodiscard]] QJsonDocument json() const { return QJsonDocument::fromJson(out.toUtf8()); }
};

const QString kKernels = QStringLiteral(WW_SOURCE_DIR "/kernels");

QString programPath(const QString &name)
{
    return QCoreApplication::applicationDirPath() + QLatin1Char('/') + name;
}

void prepare(QProcess &process, const QString &home)
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("XDG_DATA_HOME"), home + QStringLiteral("/data"));
    environment.insert(QStringLiteral("WARPWRIGHT_KERNELS"), kKernels);
    process.setProcessEnvironment(environment);
}

} // namespace

class TestCli : public QObject {
    Q_OBJECT

    QTemporaryDir m_home;

    Outcome run(const QStringList &arguments)
    {
        QProcess process;
        prepare(process, m_home.path());
        process.start(programPath(QStringLiteral("warpwright-cli")), arguments);
        if (!process.waitForFinished(200'000)) {
            process.kill();
            process.waitForFinished();
            return {-1, QString(), QStringLiteral("did not end in 200 s")};
        }
        return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -2,
                QString::fromUtf8(process.readAllStandardOutput()),
                QString::fromUtf8(process.readAllStandardError())};
    }

    QString file(const QString &name) { return m_home.filePath(name); }

    QString write(const QString &name, const QByteArray &content)
    {
        QFile target(file(name));
        if (!target.open(QIODevice::WriteOnly) || target.write(content) != content.size())
            qFatal("cannot write a test file");
        return target.fileName();
    }

private slots:
    void initTestCase()
    {
        for (const char *name : {"warpwright-cli", "warpwright-worker-opencl"}) {
            if (!QFile::exists(programPath(QLatin1String(name))))
                QSKIP("the command line or the OpenCL worker is not part of this build");
        }
    }

    void badUsageAndInputEndWithTwo_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("says");
        const auto row = [](const char *name, const QStringList &arguments, const char *says) {
            QTest::newRow(name) << arguments << QString::fromUtf8(says);
        };
        row("no command", {}, "subcommand");
        row("unknown command", {QStringLiteral("frobnicate")}, "frobnicate");
        row("search without a task", {QStringLiteral("search")}, "--task");
        row("no such task",
            {QStringLiteral("search"), QStringLiteral("--task"), QStringLiteral("nothing_here")},
            "warpwright-cli tasks");
        row("no such proposer",
            {QStringLiteral("search"), QStringLiteral("--task"), QStringLiteral("softmax"),
             QStringLiteral("--proposer"), QStringLiteral("oracle"), QStringLiteral("--session"),
             QStringLiteral("/tmp/ww-never.wwsession")},
            "catalogue");
        row("no such session", {QStringLiteral("show"), QStringLiteral("/nonexistent.wwsession")},
            "/nonexistent.wwsession");
        row("not a session", {QStringLiteral("show"), QStringLiteral("/etc/passwd")}, "/etc/passwd");
        row("not a history",
            {QStringLiteral("import"), QStringLiteral("adaexplore"), QStringLiteral("/etc/passwd"),
             QStringLiteral("--session"), QStringLiteral("/tmp/ww-never.wwsession")},
            "/etc/passwd");
        row("parameter without a value",
            {QStringLiteral("evaluate"), QStringLiteral("--task"), QStringLiteral("softmax"),
             QStringLiteral("--candidate"), kKernels + QStringLiteral("/softmax/baseline.cl"),
             QStringLiteral("--param"), QStringLiteral("TILE")},
            "--param");
        row("a CUDA kernel for an OpenCL device",
            {QStringLiteral("evaluate"), QStringLiteral("--task"), QStringLiteral("softmax"),
             QStringLiteral("--device"), QStringLiteral("opencl:0"), QStringLiteral("--candidate"),
             kKernels + QStringLiteral("/softmax/baseline.cu")},
            "cuda:sm_90");
        row("no such device",
            {QStringLiteral("evaluate"), QStringLiteral("--task"), QStringLiteral("softmax"),
             QStringLiteral("--candidate"), kKernels + QStringLiteral("/softmax/baseline.cl"),
             QStringLiteral("--device"), QStringLiteral("abacus:0")},
            "opencl:0");
    }
    void badUsageAndInputEndWithTwo()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, says);
        const Outcome outcome = run(arguments);
        QCOMPARE(outcome.status, 2);
        QVERIFY2((outcome.out + outcome.err).contains(says), qPrintable(outcome.out + outcome.err));
        QVERIFY(!QFile::exists(QStringLiteral("/tmp/ww-never.wwsession")));
    }

    void aWorkerThatCannotStartEndsWithThree()
    {
        const Outcome outcome =
            run({QStringLiteral("evaluate"), QStringLiteral("--task"), QStringLiteral("softmax"),
                 QStringLiteral("--candidate"), kKernels + QStringLiteral("/softmax/baseline.cl"),
                 QStringLiteral("--worker"), QStringLiteral("sh -c 'echo the node is down >&2; exit 1'")});
        QCOMPARE(outcome.status, 3);
        QVERIFY2(outcome.err.contains(QStringLiteral("the node is down")), qPrintable(outcome.err));
    }

    void doctorListsDeviceAndSandbox()
    {
        const Outcome outcome = run({QStringLiteral("doctor"), QStringLiteral("--json")});
        QCOMPARE(outcome.status, 0);
        const QJsonObject device = outcome.json()[QStringLiteral("devices")][0].toObject();
        QVERIFY(!device[QStringLiteral("device")].toString().isEmpty());
        QVERIFY(!device[QStringLiteral("sandbox")].toString().isEmpty());
        QVERIFY(device[QStringLiteral("compute_units")].toInt() > 0);
    }

    void shippedTasksAreListedWithVariants()
    {
        const Outcome outcome = run({QStringLiteral("tasks"), QStringLiteral("--json")});
        QVERIFY2(outcome.status == 0, qPrintable(outcome.err));
        QStringList names;
        for (const auto &task : outcome.json().array()) {
            names.append(task[QStringLiteral("name")].toString());
            QVERIFY(task[QStringLiteral("variants")].toArray().size() >= 4);
        }
        for (const char *name : {"matmul", "row_reduce", "softmax", "transpose"})
            QVERIFY(names.contains(QLatin1String(name)));
    }

    void brokenTaskNamesFileAndPlace()
    {
        QDir(m_home.path()).mkdir(QStringLiteral("broken"));
        write(QStringLiteral("broken/task.json"), "{ \"name\": \"broken\",\n  \"axes\": { \"M\": }\n}");
        const Outcome outcome = run({QStringLiteral("check-task"), file(QStringLiteral("broken"))});
        QCOMPARE(outcome.status, 2);
        QVERIFY2(outcome.err.contains(QStringLiteral("task.json:2")), qPrintable(outcome.err));
    }

    void evidenceRecordHasTheContractsFields()
    {
        const Outcome outcome =
            run({QStringLiteral("evaluate"), QStringLiteral("--task"), QStringLiteral("softmax"),
                 QStringLiteral("--candidate"), kKernels + QStringLiteral("/softmax/baseline.cl"),
                 QStringLiteral("--json")});
        QVERIFY2(outcome.status == 0, qPrintable(outcome.out + outcome.err));
        const QJsonObject record = outcome.json().object();
        QCOMPARE(record[QStringLiteral("verdict")].toString(), QStringLiteral("PASSED"));
        for (const char *name : {"stages", "correctness", "timing", "speedup", "bound", "resources", "trust",
                                 "environment", "hashes"})
            QVERIFY2(record.contains(QLatin1String(name)), name);
        const QJsonObject timing = record[QStringLiteral("timing")][0].toObject();
        QVERIFY(timing[QStringLiteral("median_us")].toDouble() > 0);
        const QJsonArray interval = timing[QStringLiteral("ci95_us")].toArray();
        QVERIFY(interval[0].toDouble() <= timing[QStringLiteral("median_us")].toDouble());
        QVERIFY(interval[1].toDouble() >= timing[QStringLiteral("median_us")].toDouble());
        QStringList stages;
        for (const auto &stage : record[QStringLiteral("stages")].toArray())
            stages.append(stage[QStringLiteral("name")].toString());
        for (const char *name : {"intake", "compile", "smoke", "correctness", "timing"})
            QVERIFY2(stages.contains(QLatin1String(name)), name);
    }

    void wrongKernelEndsWithOne()
    {
        QFile baseline(kKernels + QStringLiteral("/softmax/baseline.cl"));
        QVERIFY(baseline.open(QIODevice::ReadOnly));
        const QString broken =
            write(QStringLiteral("broken.cl"), baseline.readAll() + "\nthis is not OpenCL\n");
        const Outcome outcome = run({QStringLiteral("evaluate"), QStringLiteral("--task"),
                                     QStringLiteral("softmax"), QStringLiteral("--candidate"), broken});
        QCOMPARE(outcome.status, 1);
        QVERIFY2(outcome.out.contains(QStringLiteral("COMPILE_ERROR")), qPrintable(outcome.out));
    }

    void comparingGoodWithNaiveSaysFaster()
    {
        const Outcome tasks = run({QStringLiteral("tasks"), QStringLiteral("--json")});
        QCOMPARE(tasks.status, 0);
        const QString good = kKernels + QStringLiteral("/softmax/variants/vector_row.cl");
        if (!QFile::exists(good))
            QFAIL("the softmax catalogue has no vector_row variant any more: name another fast one here");
        const Outcome outcome =
            run({QStringLiteral("compare"), QStringLiteral("--task"), QStringLiteral("softmax"),
                 kKernels + QStringLiteral("/softmax/baseline.cl"), good});
        QVERIFY2(outcome.status == 0, qPrintable(outcome.out + outcome.err));
        QVERIFY2(outcome.out.startsWith(QStringLiteral("FASTER")), qPrintable(outcome.out));
        QVERIFY2(outcome.out.contains(QStringLiteral("confirmed  FASTER")), qPrintable(outcome.out));
    }

    void aSearchIsShownExportedAuditedAndResumed()
    {
        const QString session = file(QStringLiteral("a.wwsession"));
        const Outcome search =
            run({QStringLiteral("search"), QStringLiteral("--task"), QStringLiteral("row_reduce"),
                 QStringLiteral("--steps"), QStringLiteral("5"), QStringLiteral("--seed"),
                 QStringLiteral("3"), QStringLiteral("--session"), session});
        QVERIFY2(search.status == 0, qPrintable(search.out + search.err));

        const Outcome show = run({QStringLiteral("show"), session, QStringLiteral("--json")});
        QCOMPARE(show.status, 0);
        QCOMPARE(show.json()[QStringLiteral("candidates")].toArray().size(), 5);
        QCOMPARE(show.json()[QStringLiteral("pending")].toArray().size(), 0);

        const Outcome best = run({QStringLiteral("show"), session, QStringLiteral("--best")});
        QVERIFY2(best.out.contains(QStringLiteral("//@ launch")), qPrintable(best.out));

        QCOMPARE(run({QStringLiteral("export"), session, QStringLiteral("--format"), QStringLiteral("csv")})
                         .out.count(QLatin1Char('\n'))
                     >= 6,
                 true);
        QVERIFY(run({QStringLiteral("export"), session, QStringLiteral("--format"), QStringLiteral("json")})
                    .json()
                    .isObject());
        const QString report = file(QStringLiteral("a.html"));
        QCOMPARE(run({QStringLiteral("export"), session, QStringLiteral("--format"), QStringLiteral("html"),
                      QStringLiteral("--out"), report})
                     .status,
                 0);
        QVERIFY(QFile(report).size() > 1000);

        const Outcome audit = run({QStringLiteral("audit"), session, QStringLiteral("--json")});
        QVERIFY2(audit.status == 0, qPrintable(audit.out));
        const QJsonArray moves = audit.json()[QStringLiteral("select_matches")].toArray();
        QCOMPARE(moves[0].toInt(), moves[1].toInt());
        QVERIFY(moves[1].toInt() >= 5);

        const Outcome resumed =
            run({QStringLiteral("resume"), session, QStringLiteral("--steps"), QStringLiteral("7")});
        QVERIFY2(resumed.status == 0, qPrintable(resumed.out + resumed.err));
        QCOMPARE(run({QStringLiteral("show"), session, QStringLiteral("--json")})
                     .json()[QStringLiteral("steps")]
                     .toInt(),
                 7);
    }

    void interruptStopsCleanlyAndResumes()
    {
        const QString session = file(QStringLiteral("b.wwsession"));
        QProcess search;
        prepare(search, m_home.path());
        search.start(programPath(QStringLiteral("warpwright-cli")),
                     {QStringLiteral("search"), QStringLiteral("--task"), QStringLiteral("row_reduce"),
                      QStringLiteral("--steps"), QStringLiteral("200"), QStringLiteral("--session"),
                      session});
        QVERIFY(search.waitForStarted());
        QString out;
        QTRY_VERIFY_WITH_TIMEOUT((search.waitForReadyRead(100),
                                  out += QString::fromUtf8(search.readAllStandardOutput()),
                                  out.contains(QStringLiteral("#2 "))),
                                 60'000);
        ::kill(static_cast<pid_t>(search.processId()), SIGINT);
        QVERIFY(search.waitForFinished(15'000));
        QCOMPARE(search.exitCode(), 130);
        const QJsonDocument shown = run({QStringLiteral("show"), session, QStringLiteral("--json")}).json();
        QCOMPARE(shown[QStringLiteral("stop_reason")].toString(), QStringLiteral("user"));
        const int steps = shown[QStringLiteral("steps")].toInt();
        QVERIFY(steps >= 2);
        const Outcome resumed =
            run({QStringLiteral("resume"), session, QStringLiteral("--steps"), QString::number(steps + 1)});
        QVERIFY2(resumed.status == 0, qPrintable(resumed.out + resumed.err));
    }
};

QTEST_GUILESS_MAIN(TestCli)
#include "tst_cli.moc"
