// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/ProcessStart.h"
#include "widgets/common/Theme.h"
#include "widgets/window/MainWindow.h"
#include "widgets/window/SelfTest.h"
#include "widgets/window/StopSignals.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QSet>
#include <QTextStream>
#include <QTimer>

#include <algorithm>

using namespace ww::ui;

namespace {

constexpr int kBadUsage = 2;

int fail(const QString &message)
{
    QTextStream(stderr) << message << Qt::endl;
    return kBadUsage;
}

void addOptions(QCommandLineParser &parser)
{
    parser.setApplicationDescription(
        QObject::tr("Turns a correct GPU kernel into a fast one, and shows how it happens."));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument(QStringLiteral("session"), QObject::tr("Session file to open"),
                                 QStringLiteral("[SESSION.wwsession]"));
    parser.addOptions({
        {QStringLiteral("task"), QObject::tr("Task: a name of the catalogue or a folder with a task.json"),
         QStringLiteral("DIR|NAME")},
        {QStringLiteral("search"), QObject::tr("Start searching at once")},
        {QStringLiteral("steps"), QObject::tr("Stop after N steps (0 = no limit)"), QStringLiteral("N"),
         QStringLiteral("60")},
        {QStringLiteral("seconds"), QObject::tr("Stop after S seconds of running time (0 = no limit)"),
         QStringLiteral("S"), QStringLiteral("0")},
        {QStringLiteral("seed"), QObject::tr("Seed of policy, proposer and test data"), QStringLiteral("K"),
         QStringLiteral("1")},
        {QStringLiteral("device"), QObject::tr("Device to evaluate on, such as opencl:0"),
         QStringLiteral("SPEC")},
        {QStringLiteral("theme"), QObject::tr("light, dark or high-contrast"), QStringLiteral("NAME")},
        {QStringLiteral("screenshot"), QObject::tr("Write a picture of the window to FILE and quit"),
         QStringLiteral("FILE")},
        {QStringLiteral("after"), QObject::tr("Take the picture after this many seconds"),
         QStringLiteral("SECONDS"), QStringLiteral("3")},
        {QStringLiteral("self-test"), QObject::tr("Check tasks, devices and the window itself, then quit")},
    });
}

/// Fills `request` from the command line; returns what is wrong with it, or nothing.
QString readRequest(const QCommandLineParser &parser, StartRequest &request)
{
    if (parser.positionalArguments().size() > 1)
        return QObject::tr("One session file at a time");
    request.session = parser.positionalArguments().value(0);
    request.search = parser.isSet(QStringLiteral("search"));
    request.taskGiven = parser.isSet(QStringLiteral("task"));
    request.settings.task = parser.value(QStringLiteral("task"));
    request.settings.device = parser.value(QStringLiteral("device"));
    bool stepsOk = false, secondsOk = false, seedOk = false;
    request.settings.steps = parser.value(QStringLiteral("steps")).toInt(&stepsOk);
    request.settings.seconds = parser.value(QStringLiteral("seconds")).toDouble(&secondsOk);
    request.settings.seed = parser.value(QStringLiteral("seed")).toULongLong(&seedOk);
    if (!stepsOk || request.settings.steps < 0)
        return QObject::tr("--steps takes a whole number of at least 0");
    if (!secondsOk || !(request.settings.seconds >= 0))
        return QObject::tr("--seconds takes a number of at least 0");
    if (!seedOk)
        return QObject::tr("--seed takes a whole number of at least 0");
    if (parser.isSet(QStringLiteral("theme"))) {
        request.theme = themeFromName(parser.value(QStringLiteral("theme")));
        if (!request.theme)
            return QObject::tr("--theme is light, dark or high-contrast");
    }
    return {};
}

/// Whether only text is asked for, which needs no display.
bool asksForTextAlone(int argc, char **argv)
{
    const QSet<QByteArray> kAsking {"-h", "--help", "--help-all", "-v", "--version"};
    return std::any_of(argv + 1, argv + argc, [&](const char *word) { return kAsking.contains(word); });
}

/// Whether Qt would find no display and end the program with advice that does not help here.
bool displayIsMissing(int argc, char **argv)
{
    const bool chosen = qEnvironmentVariableIsSet("QT_QPA_PLATFORM")
        || std::any_of(argv + 1, argv + argc, [](const char *word) {
                            return QByteArray(word) == "-platform" || QByteArray(word) == "--platform";
                        });
    return !chosen && qEnvironmentVariableIsEmpty("DISPLAY")
        && qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY");
}

void nameProgram()
{
    QCoreApplication::setApplicationName(QStringLiteral("warpwright"));
    QCoreApplication::setApplicationVersion(programVersion().section(QLatin1Char(' '), 1));
}

} // namespace

int main(int argc, char **argv)
{
    ww::prepareProcess();
    nameProgram();
    QCommandLineParser parser;
    addOptions(parser);
    if (asksForTextAlone(argc, argv)) {
        const QCoreApplication text(argc, argv);
        parser.process(text);
    }
    if (displayIsMissing(argc, argv))
        return fail(
            QObject::tr("There is no display for the window (DISPLAY and WAYLAND_DISPLAY are empty). Log "
                        "in to a desktop or use `ssh -X`; warpwright-cli does the same work in a terminal "
                        "and writes HTML reports."));
    const QApplication app(argc, argv);
    QApplication::setDesktopFileName(QStringLiteral("warpwright"));
    parser.process(app);
    if (parser.isSet(QStringLiteral("self-test")))
        return runSelfTest();
    StartRequest request;
    if (const QString problem = readRequest(parser, request); !problem.isEmpty())
        return fail(problem);
    bool afterOk = false;
    const double after = parser.value(QStringLiteral("after")).toDouble(&afterOk);
    if (!afterOk || !(after >= 0 && after <= 86400))
        return fail(QObject::tr("--after takes a number of seconds from 0 to 86400"));

    MainWindow window;
    const StopSignals signalsWatcher([&window] { window.closeCleanly(); });
    window.show();
    window.begin(request);
    int status = 0;
    const QString picture = parser.value(QStringLiteral("screenshot"));
    if (!picture.isEmpty())
        QTimer::singleShot(static_cast<int>(after * 1000), &window, [&] {
            if (!window.grab().save(picture))
                status =
                    fail(QObject::tr("cannot write the picture %1: use a writable path that ends in .png")
                             .arg(picture));
            window.closeCleanly();
        });
    const int ended = QApplication::exec();
    return status != 0 ? status : ended;
}
