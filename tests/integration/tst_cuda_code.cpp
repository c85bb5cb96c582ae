// SPDX-License-Identifier: GPL-3.0-or-later
// What the command line shows of compiled CUDA candidates, on the real worker and NVRTC; no GPU is needed.
#include <QCoreApplication>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

namespace {

const QString kKernels = QStringLiteral(WW_SOURCE_DIR "/kernels");

struct Outcome {
    int status = -1;
    QString out;
    QString err;
};

QString programPath(const char *name)
{
    return QCoreApplication::applicationDirPath() + QLatin1Char('/') + QLatin1String(name);
}

Outcome run(const QStringList &arguments)
{
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("WARPWRIGHT_KERNELS"), kKernels);
    process.setProcessEnvironment(environment);
    process.start(programPath("warpwright-cli"), arguments);
    if (!process.waitForFinished(100'000))
        return {-1, {}, QStringLiteral("did not end in 100 s")};
    return {process.exitCode(), QString::fromUtf8(process.readAllStandardOutput()),
            QString::fromUtf8(process.readAllStandardError())};
}

QStringList codeOf(const QString &task, const QString &file, const QStringList &more = {})
{
    return QStringList {QStringLiteral("code"),
                        QStringLiteral("--task"),
                        task,
                        QStringLiteral("--candidate"),
                        kKernels + QLatin1Char('/') + task + QLatin1Char('/') + file,
                        QStringLiteral("--device"),
                        QStringLiteral("cuda:sm_90")}
    + more;
}

} // namespace

class TestCudaCode : public QObject {
    Q_OBJECT
private slots:
    void initTestCase()
    {
        if (!QFile::exists(programPath("warpwright-cli"))
            || !QFile::exists(programPath("warpwright-worker-cuda")))
            QSKIP("the command line or the CUDA worker is not part of this build");
        const Outcome devices = run({QStringLiteral("doctor")});
        if (!devices.out.contains(QStringLiteral("cuda:sm_90")))
            QSKIP("there is no NVRTC here that compiles for sm_90");
    }

    void ptxKnowsItsLines()
    {
        const QString path = QStringLiteral("variants/tiled.cu");
        const Outcome outcome = run(codeOf(QStringLiteral("matmul"), path, {QStringLiteral("--json")}));
        QVERIFY2(outcome.status == 0, qPrintable(outcome.err));
        const QJsonObject code = QJsonDocument::fromJson(outcome.out.toUtf8()).object();
        QFile source(kKernels + QStringLiteral("/matmul/") + path);
        QVERIFY(source.open(QIODevice::ReadOnly));
        const QList<QByteArray> lines = source.readAll().split('\n');
        int fused = 0;
        for (const QJsonValue &each : code.value(QStringLiteral("ptx")).toArray()) {
            const int line = each.toArray().at(1).toInt();
            QVERIFY(line >= 0 && line <= lines.size());
            if (!each.toArray().at(0).toString().contains(QStringLiteral("fma.rn.f32")))
                continue;
            ++fused;
            // The multiply-adds come from the one statement that multiplies tiles.
            QVERIFY2(line > 0 && lines.at(line - 1).contains("*"), qPrintable(QString::number(line)));
        }
        QVERIFY(fused > 0);
        const bool shown = !code.value(QStringLiteral("sass")).toArray().isEmpty();
        const QString problem = code.value(QStringLiteral("sass_problem")).toString();
        QVERIFY2(shown == problem.isEmpty(), qPrintable(problem));
        if (shown)
            QVERIFY(code.value(QStringLiteral("opcodes")).toObject().value(QStringLiteral("FFMA")).toInt()
                    > 0);
        else
            QVERIFY2(problem.contains(QStringLiteral("Install")), qPrintable(problem));
    }

    void whatHasNoCodeSaysWhy_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("says");
        QTest::newRow("a call of a library") << codeOf(QStringLiteral("matmul"), QStringLiteral("library.cu"))
                                             << 1 << QStringLiteral("for a task's library baseline alone");
        QTest::newRow("no such file") << codeOf(QStringLiteral("matmul"), QStringLiteral("nothing.cu")) << 2
                                      << QStringLiteral("nothing.cu");
        QTest::newRow("no such view") << codeOf(QStringLiteral("matmul"), QStringLiteral("baseline.cu"),
                                                {QStringLiteral("--view"), QStringLiteral("llvm")})
                                      << 2 << QStringLiteral("--view");
        QTest::newRow("no report of ncu")
            << QStringList {QStringLiteral("import"), QStringLiteral("ncu"), QStringLiteral("/etc/passwd")}
            << 2 << QStringLiteral("no header");
        QTest::newRow("a history without a session")
            << QStringList {QStringLiteral("import"), QStringLiteral("adaexplore"),
                            QStringLiteral("/etc/passwd")}
            << 2 << QStringLiteral("--session");
    }
    void whatHasNoCodeSaysWhy()
    {
        QFETCH(QStringList, arguments);
        QFETCH(int, status);
        QFETCH(QString, says);
        const Outcome outcome = run(arguments);
        QCOMPARE(outcome.status, status);
        QVERIFY2((outcome.out + outcome.err).contains(says), qPrintable(outcome.out + outcome.err));
    }

    void aReportOfNcuIsShownWithItsBottleneck()
    {
        QTemporaryDir folder;
        QFile report(folder.filePath(QStringLiteral("report.csv")));
        QVERIFY(report.open(QIODevice::WriteOnly));
        report.write(
            "==PROF== Connected\n"
            "\"ID\",\"Kernel Name\",\"Metric Name\",\"Metric Unit\",\"Metric Value\"\n"
            "\"0\",\"k\",\"sm__throughput.avg.pct_of_peak_sustained_elapsed\",\"%\",\"9.5\"\n"
            "\"0\",\"k\",\"gpu__compute_memory_throughput.avg.pct_of_peak_sustained_elapsed\",\"%\",\"91\"\n"
            "\"0\",\"k\",\"gpu__dram_throughput.avg.pct_of_peak_sustained_elapsed\",\"%\",\"91\"\n");
        report.close();
        const Outcome outcome = run({QStringLiteral("import"), QStringLiteral("ncu"), report.fileName()});
        QVERIFY2(outcome.status == 0, qPrintable(outcome.err));
        QVERIFY2(outcome.out.contains(QStringLiteral("bottleneck: memory bandwidth")),
                 qPrintable(outcome.out));
        const Outcome json = run(
            {QStringLiteral("import"), QStringLiteral("ncu"), report.fileName(), QStringLiteral("--json")});
        QCOMPARE(QJsonDocument::fromJson(json.out.toUtf8()).array().size(), 1);
    }
};

QTEST_GUILESS_MAIN(TestCudaCode)
#include "tst_cuda_code.moc"
