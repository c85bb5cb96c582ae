// SPDX-License-Identifier: GPL-3.0-or-later
// The program itself, as a person or a script starts it, offscreen.
#include "tests/gui/MadeUpSession.h"

#include <QFileInfo>
#include <QImage>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

namespace {
constexpr int kPatience = 120'000; // ms
}

class TestProgram : public QObject {
    Q_OBJECT
private:
    QTemporaryDir m_folder;

    QString program(const char *name) const
    {
        return QCoreApplication::applicationDirPath() + QLatin1Char('/') + QString::fromLatin1(name);
    }
    std::unique_ptr<QProcess> start(const QStringList &arguments)
    {
        auto process = std::make_unique<QProcess>();
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("offscreen"));
        for (const char *name : {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"})
            environment.insert(QString::fromLatin1(name), m_folder.filePath(QString::fromLatin1(name)));
        environment.insert(QStringLiteral("WARPWRIGHT_KERNELS"), QStringLiteral(WW_SOURCE_DIR "/kernels"));
        process->setProcessEnvironment(environment);
        process->setProcessChannelMode(QProcess::MergedChannels);
        process->start(program("warpwright"), arguments);
        return process;
    }

private slots:
    void initTestCase()
    {
        if (!QFileInfo(program("warpwright")).isExecutable())
            QSKIP("the window is not part of this build");
    }

    void badUsageIsRefusedWithASentence_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("word");
        QTest::newRow("steps") << QStringList {QStringLiteral("--steps"), QStringLiteral("-3")}
                               << QStringLiteral("--steps");
        QTest::newRow("seconds") << QStringList {QStringLiteral("--seconds"), QStringLiteral("nan")}
                                 << QStringLiteral("--seconds");
        QTest::newRow("seed") << QStringList {QStringLiteral("--seed"), QStringLiteral("many")}
                              << QStringLiteral("--seed");
        QTest::newRow("theme") << QStringList {QStringLiteral("--theme"), QStringLiteral("pink")}
                               << QStringLiteral("high-contrast");
        QTest::newRow("after") << QStringList {QStringLiteral("--after"), QStringLiteral("-1")}
                               << QStringLiteral("--after");
        QTest::newRow("two sessions")
            << QStringList {QStringLiteral("a"), QStringLiteral("b")} << QStringLiteral("One session");
    }
    void badUsageIsRefusedWithASentence()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, word);
        const auto process = start(arguments);
        QVERIFY(process->waitForFinished(kPatience));
        QCOMPARE(process->exitCode(), 2);
        QVERIFY(QString::fromUtf8(process->readAll()).contains(word));
    }

    void withoutADisplayItSaysSoAndStillExplainsItself()
    {
        QProcess process;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        for (const char *name : {"QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"})
            environment.remove(QString::fromLatin1(name));
        process.setProcessEnvironment(environment);
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(program("warpwright"), {});
        QVERIFY(process.waitForFinished(kPatience));
        QCOMPARE(process.exitCode(), 2);
        QVERIFY(process.readAll().contains("no display"));
        process.start(program("warpwright"), {QStringLiteral("--help")});
        QVERIFY(process.waitForFinished(kPatience));
        QCOMPARE(process.exitCode(), 0);
        QVERIFY(process.readAll().contains("--theme"));
    }

    void aPictureOfASessionIsWritten()
    {
        const QString session = m_folder.filePath(QStringLiteral("s.wwsession"));
        QVERIFY(ww::test::writeMadeUpSession(session.toStdString(), 12));
        const QString picture = m_folder.filePath(QStringLiteral("p.png"));
        const auto process =
            start({session, QStringLiteral("--theme"), QStringLiteral("dark"), QStringLiteral("--screenshot"),
                   picture, QStringLiteral("--after"), QStringLiteral("1.5")});
        QVERIFY(process->waitForFinished(kPatience));
        QCOMPARE(process->exitStatus(), QProcess::NormalExit);
        QCOMPARE(process->exitCode(), 0);
        const QImage image(picture);
        QVERIFY(image.width() >= 1000);
        QVERIFY(image.pixelColor(4, 4).lightness() < 100);
    }

    void aPictureThatCannotBeWrittenIsAnError()
    {
        const auto process =
            start({QStringLiteral("--task"), QStringLiteral("matmul"), QStringLiteral("--screenshot"),
                   QStringLiteral("/nowhere/p.png"), QStringLiteral("--after"), QStringLiteral("0")});
        QVERIFY(process->waitForFinished(kPatience));
        QCOMPARE(process->exitCode(), 2);
        QVERIFY(QString::fromUtf8(process->readAll()).contains(QStringLiteral("/nowhere/p.png")));
    }

    void selfTestFindsTasksAndDevice()
    {
        const auto process = start({QStringLiteral("--self-test")});
        QVERIFY(process->waitForFinished(kPatience));
        const QString output = QString::fromUtf8(process->readAll());
        QVERIFY2(output.contains(QStringLiteral("ok       window")), qPrintable(output));
        QVERIFY2(output.contains(QStringLiteral("task matmul")), qPrintable(output));
        if (QFileInfo(program("warpwright-worker-opencl")).isExecutable())
            QVERIFY2(process->exitCode() == 0 && output.contains(QStringLiteral("device opencl:0")),
                     qPrintable(output));
        else
            QCOMPARE(process->exitCode(), 3);
    }

    void anInterruptStopsCleanlyAndKeepsTheSession()
    {
        if (!QFileInfo(program("warpwright-worker-opencl")).isExecutable())
            QSKIP("the OpenCL worker is not part of this build");
        const auto process =
            start({QStringLiteral("--task"), QStringLiteral("transpose"), QStringLiteral("--search")});
        QVERIFY(process->waitForStarted());
        const QDir sessions(m_folder.filePath(QStringLiteral("XDG_DATA_HOME/warpwright/sessions")));
        const auto count = [&] {
            return sessions.entryInfoList({QStringLiteral("transpose-*.wwsession")}, QDir::Files).size();
        };
        QTRY_COMPARE_WITH_TIMEOUT(count(), 1, kPatience);
        // The first candidate is in the journal a moment after the file is there.
        const QString path =
            sessions.entryInfoList({QStringLiteral("transpose-*.wwsession")}, QDir::Files).first().filePath();
        const auto steps = [&] {
            const auto journal = ww::Journal::openForReading(path.toStdString());
            const auto session = journal ? (*journal)->load() : tl::make_unexpected(journal.error());
            return session ? session->stepsDone : 0;
        };
        QTRY_VERIFY_WITH_TIMEOUT(steps() >= 1, kPatience);
        QCOMPARE(::kill(static_cast<pid_t>(process->processId()), SIGINT), 0);
        QVERIFY(process->waitForFinished(kPatience));
        QCOMPARE(process->exitStatus(), QProcess::NormalExit);
        const auto journal = ww::Journal::openForReading(path.toStdString());
        QVERIFY(journal);
        const auto session = (*journal)->load();
        QVERIFY(session);
        QCOMPARE(session->stopReason, std::string("user"));
    }
};

QTEST_GUILESS_MAIN(TestProgram)
#include "tst_program.moc"
