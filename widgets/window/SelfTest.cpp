// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/window/SelfTest.h"

#include "widgets/window/MainWindow.h"

#include <QApplication>
#include <QTextStream>
#include <QTimer>

namespace ww::ui {

namespace {
constexpr int kMissing = 3;
constexpr int kLimit = 60'000; // ms
} // namespace

int runSelfTest()
{
    QTextStream out(stdout);
    MainWindow window;
    window.resize(1280, 720);
    const bool painted = !window.grab().isNull();
    out << (painted ? "ok       window\n" : "missing  window: it could not be painted\n");
    int missing = painted ? 0 : 1;
    int waiting = 2;
    const auto done = [&waiting] {
        if (--waiting == 0)
            QApplication::quit();
    };
    SearchController *controller = window.controller();
    QObject::connect(controller, &SearchController::tasksListed, &window,
                     [&](const QList<TaskView> &tasks, const QList<ProblemView> &problems) {
                         for (const TaskView &task : tasks)
                             out << "ok       task " << task.name << ": " << task.timedLabel({}) << '\n';
                         for (const ProblemView &problem : problems)
                             out << "missing  task: "
                                 << problem.text().replace(QLatin1Char('\n'), QLatin1String(". ")) << '\n';
                         missing += tasks.isEmpty();
                         done();
                     });
    QObject::connect(controller, &SearchController::devicesFound, &window,
                     [&](const QList<DeviceView> &devices) {
                         for (const DeviceView &device : devices)
                             out << "ok       device " << device.spec << ": " << device.name << ", sandbox "
                                 << device.sandbox << '\n';
                         missing += devices.isEmpty();
                         done();
                     });
    QObject::connect(controller, &SearchController::failed, &window, [&](const ProblemView &problem) {
        out << "missing  " << problem.text().replace(QLatin1Char('\n'), QLatin1String(". ")) << '\n';
    });
    QTimer::singleShot(kLimit, &window, [&] {
        out << "missing  an answer within " << kLimit / 1000 << " s\n";
        ++missing;
        QApplication::quit();
    });
    controller->listTasks();
    controller->findDevices();
    QApplication::exec();
    return missing == 0 ? 0 : kMissing;
}

} // namespace ww::ui
