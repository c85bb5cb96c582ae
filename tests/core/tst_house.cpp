// SPDX-License-Identifier: GPL-3.0-or-later
// The rules of the house (ARCHITECTURE.md, "Who may touch what"), checked from includes and link lines.
#include <QDirIterator>
#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QTest>

namespace {

struct Include {
    QString file; ///< relative to the project
    QString target;
};

QList<Include> includesUnder(const QString &folder)
{
    const QDir root(QStringLiteral(WW_SOURCE_DIR));
    static const QRegularExpression pattern(QStringLiteral("^\\s*#\\s*include\\s*[<\"]([^>\"]+)[>\"]"),
                                            QRegularExpression::MultilineOption);
    QList<Include> includes;
    QDirIterator files(root.filePath(folder), {QStringLiteral("*.h"), QStringLiteral("*.cpp")}, QDir::Files,
                       QDirIterator::Subdirectories);
    while (files.hasNext()) {
        QFile file(files.next());
        if (!file.open(QIODevice::ReadOnly))
            continue;
        auto matches = pattern.globalMatch(QString::fromUtf8(file.readAll()));
        while (matches.hasNext())
            includes.append({root.relativeFilePath(file.fileName()), matches.next().captured(1)});
    }
    return includes;
}

} // namespace

class TestHouse : public QObject {
    Q_OBJECT
private slots:
    void includesStayWithinTheirRooms_data()
    {
        QTest::addColumn<QString>("folder");
        QTest::addColumn<QString>("forbidden");
        QTest::addColumn<QString>("allowedIn");
        const QString none;
        QTest::newRow("core knows no Qt")
            << QStringLiteral("core") << QStringLiteral("^Q[A-Z]|^Qt|^Qsci|^qcustomplot") << none;
        QTest::newRow("core knows no window")
            << QStringLiteral("core") << QStringLiteral("^(widgets|app)/") << none;
        QTest::newRow("only workers see core/device")
            << QStringLiteral("core") << QStringLiteral("^core/device/") << QStringLiteral("^core/device/");
        QTest::newRow("the judge and the device know no search")
            << QStringLiteral("core/device") << QStringLiteral("^core/(search|journal|model)/") << none;
        QTest::newRow("models know tasks at most")
            << QStringLiteral("core/model")
            << QStringLiteral("^core/(candidate|judge|worker|device|search|journal)/") << none;
        QTest::newRow("memory knows no proposer, model or device")
            << QStringLiteral("core/memory")
            << QStringLiteral("^core/(device|model|analysis)/|^core/search/(?!Streams\\.h|SearchConfig\\.h)")
            << none;
        QTest::newRow("the journal knows no memory")
            << QStringLiteral("core/journal") << QStringLiteral("^core/(memory|device)/") << none;
        QTest::newRow("judge knows no search")
            << QStringLiteral("core/judge") << QStringLiteral("^core/(search|journal|worker|device)/")
            << none;
        QTest::newRow("widgets reach core through the bridge")
            << QStringLiteral("widgets") << QStringLiteral("^core/") << QStringLiteral("^widgets/bridge/");
        QTest::newRow("widgets know no device")
            << QStringLiteral("widgets") << QStringLiteral("^core/device/|^app/") << none;
        QTest::newRow("the window's program is thin")
            << QStringLiteral("app/workbench")
            << QStringLiteral("^core/(search|journal|device|judge|candidate)/") << none;
        QTest::newRow("the command line knows no Qt and no device")
            << QStringLiteral("app/cli") << QStringLiteral("^Q[A-Z]|^core/device/|^widgets/") << none;
    }
    void includesStayWithinTheirRooms()
    {
        QFETCH(QString, folder);
        QFETCH(QString, forbidden);
        QFETCH(QString, allowedIn);
        const QList<Include> includes = includesUnder(folder);
        QVERIFY2(!includes.isEmpty(), "the folder has no sources: this check would be empty");
        const QRegularExpression wrong(forbidden);
        const QRegularExpression exempt(allowedIn);
        for (const Include &include : includes) {
            const bool excused = !allowedIn.isEmpty() && exempt.match(include.file).hasMatch();
            QVERIFY2(excused || !wrong.match(include.target).hasMatch(),
                     qPrintable(include.file + QStringLiteral(" includes ") + include.target));
        }
    }

    void programsLinkOnlyWhatTheyMay_data()
    {
        QTest::addColumn<QString>("program");
        QTest::addColumn<QString>("forbidden");
        QTest::newRow("command line")
            << QStringLiteral("warpwright-cli") << QStringLiteral("libQt6|libOpenCL|libcuda");
        QTest::newRow("worker") << QStringLiteral("warpwright-worker-opencl")
                                << QStringLiteral("libQt6|libsqlite3|libcurl");
        QTest::newRow("CUDA worker") << QStringLiteral("warpwright-worker-cuda")
                                     << QStringLiteral(
                                            "libQt6|libsqlite3|libcurl|libOpenCL|libcuda|libnvrtc");
        QTest::newRow("keyring") << QStringLiteral("warpwright-key")
                                 << QStringLiteral("libQt6Gui|libsqlite3|libcurl|libOpenCL|libcuda");
        QTest::newRow("window") << QStringLiteral("warpwright") << QStringLiteral("libOpenCL|libcuda");
    }
    void programsLinkOnlyWhatTheyMay()
    {
        QFETCH(QString, program);
        QFETCH(QString, forbidden);
        const QString path = QCoreApplication::applicationDirPath() + QLatin1Char('/') + program;
        if (!QFile::exists(path))
            QSKIP("this program is not part of this build");
        QProcess ldd;
        ldd.start(QStringLiteral("ldd"), {path});
        QVERIFY(ldd.waitForFinished());
        const QString libraries = QString::fromUtf8(ldd.readAllStandardOutput());
        QVERIFY(libraries.contains(QStringLiteral("libc.so")));
        const auto match = QRegularExpression(forbidden).match(libraries);
        QVERIFY2(!match.hasMatch(), qPrintable(match.captured(0)));
    }
};

QTEST_GUILESS_MAIN(TestHouse)
#include "tst_house.moc"
