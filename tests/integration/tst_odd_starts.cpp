// SPDX-License-Identifier: GPL-3.0-or-later
// The command line started as nobody means to: with closed streams, full disks, few descriptors, names that
// are no text. It must say what is wrong and end with the status for it.
#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

namespace {

const QString kKernels = QStringLiteral(WW_SOURCE_DIR "/kernels");

struct Outcome {
    int status = -1;
    QByteArray out, err;
};

} // namespace

class TestOddStarts : public QObject {
    Q_OBJECT

    QTemporaryDir m_home;

    /// Runs a shell script in a fresh folder; $CLI is the program, $EVALUATE a short evaluation that passes.
    Outcome run(const QByteArray &script) const
    {
        QProcess shell;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        const QString cli = QCoreApplication::applicationDirPath() + QStringLiteral("/warpwright-cli");
        environment.insert(QStringLiteral("XDG_DATA_HOME"), m_home.filePath(QStringLiteral("data")));
        environment.insert(QStringLiteral("WARPWRIGHT_KERNELS"), kKernels);
        environment.insert(QStringLiteral("CLI"), cli);
        environment.insert(QStringLiteral("KERNEL"), kKernels + QStringLiteral("/transpose/baseline.cl"));
        environment.insert(QStringLiteral("EVALUATE"),
                           cli + QStringLiteral(" evaluate --task transpose --last-stage intake --candidate ")
                               + kKernels + QStringLiteral("/transpose/baseline.cl"));
        shell.setProcessEnvironment(environment);
        const QTemporaryDir folder;
        shell.setWorkingDirectory(folder.path());
        shell.start(QStringLiteral("bash"), {QStringLiteral("-c"), QString::fromLatin1(script)});
        if (!shell.waitForFinished(120'000)) {
            shell.kill();
            shell.waitForFinished();
            return {-1, {}, "did not end in 120 s"};
        }
        // A shell tells a signal's number behind 128; 130 is our own word for an interrupt.
        return {shell.exitCode(), shell.readAllStandardOutput(), shell.readAllStandardError()};
    }

private slots:
    void initTestCase()
    {
        for (const char *name : {"/warpwright-cli", "/warpwright-worker-opencl"}) {
            if (!QFile::exists(QCoreApplication::applicationDirPath() + QLatin1String(name)))
                QSKIP("the command line or the OpenCL worker is not part of this build");
        }
    }

    void endsAsItShould_data()
    {
        QTest::addColumn<QByteArray>("script");
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("says");
        const auto row = [](const char *name, const QByteArray &script, int status, const QByteArray &says) {
            QTest::newRow(name) << script << status << says;
        };
        row("nothing to read from", "$EVALUATE <&-", 0, "PASSED");
        row("nowhere to write to", "$EVALUATE >&-", 3, "cannot write the output");
        row("no streams at all", "$EVALUATE <&- >&- 2>&-", 3, "");
        row("a full output", "$EVALUATE >/dev/full", 3, "No space left");
        row("a reader that leaves", "$EVALUATE | true; exit ${PIPESTATUS[0]}", 0, "");
        row("no stream is mixed up with a session's file",
            "$CLI search --task transpose --steps 1 --no-confirm --no-learn --session s <&- >&- 2>&-; "
            "$CLI audit s",
            0, "rewards      1 of 1");
        row("few descriptors", "ulimit -n 64; $EVALUATE", 0, "PASSED");
        row("files may not grow",
            "ulimit -f 10; $CLI search --task transpose --steps 1 --session s; s=$?; ls; exit $s", 3,
            "s.new: disk I/O error");
        row("no file is left where none could be made",
            "ulimit -f 10; $CLI search --task transpose --session s; test -z \"$(ls)\"", 0, "");
        row("a worker that does not start leaves no session",
            "$CLI search --task transpose --worker false --session s; test ! -e s", 0, "it ended");
        row("a candidate whose name is no text",
            "cp $KERNEL $'\\xff.cl'; $CLI evaluate --task transpose --last-stage intake --json --candidate "
            "$'\\xff.cl'",
            0, "PASSED");
        row("a task whose name is no text",
            "cp -r $WARPWRIGHT_KERNELS/transpose $'\\xff'; $CLI check-task $'\\xff' --json", 0,
            "\xEF\xBF\xBD");
        row("a session whose name is no text",
            "$CLI search --task transpose --steps 1 --no-confirm --no-learn --json --session $'\\xff' && "
            "$CLI show --json $'\\xff'",
            0, "\xEF\xBF\xBD");
        row("a folder that is gone", "mkdir x; cd x; rmdir ../x; $CLI search --task transpose --session s", 3,
            "cannot create s.lock");
        row("decimal commas", "LC_ALL=de_DE.UTF-8 $EVALUATE --json | grep -E '\"ms\": [0-9]+[.][0-9]'", 0,
            "\"ms\"");
        row("no home", "env -u HOME -u XDG_DATA_HOME $CLI search --task transpose", 2, "Set HOME");
        row("a folder for data that is relative", "XDG_DATA_HOME=here HOME=$PWD $CLI memory list; ls -A", 0,
            ".local");
        row("a seed below zero", "$CLI search --task transpose --seed -1", 2, "'-1' is not a whole number");
        row("endless money", "$CLI search --task transpose --money inf", 2, "'inf' is not a number");
        row("no such workload", "$EVALUATE --workload nope", 2, "it has 1024");
    }
    void endsAsItShould()
    {
        QFETCH(QByteArray, script);
        QFETCH(int, status);
        QFETCH(QByteArray, says);
        const Outcome outcome = run(script);
        QVERIFY2((outcome.out + outcome.err).contains(says), (outcome.out + outcome.err).constData());
        QCOMPARE(outcome.status, status);
    }

    void aTerminalSeesNoControlCharacters()
    {
        if (QProcess::execute(QStringLiteral("script"), {QStringLiteral("--version")}) != 0)
            QSKIP("script(1), which makes a terminal, is not installed");
        const Outcome outcome = run("script -qec \"$CLI show $'a\\033[2Jb'\" /dev/null");
        QVERIFY2(outcome.out.contains("cannot open"), outcome.out.constData());
        QVERIFY(!outcome.out.contains("\033[2J"));
    }
};

QTEST_GUILESS_MAIN(TestOddStarts)
#include "tst_odd_starts.moc"
