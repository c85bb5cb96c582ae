// SPDX-License-Identifier: GPL-3.0-or-later
// The real main window with settings and data in a folder of its own.
#pragma once

#include "widgets/window/MainWindow.h"

#include <QApplication>
#include <QDir>
#include <QTemporaryDir>
#include <QTest>

namespace ww::test {

/// A folder that stands for the user's home of settings and sessions. Make it before the first window.
class PrivateHome {
public:
    PrivateHome()
    {
        qputenv("XDG_CONFIG_HOME", m_folder.filePath(QStringLiteral("config")).toUtf8());
        qputenv("XDG_DATA_HOME", m_folder.filePath(QStringLiteral("data")).toUtf8());
        qputenv("XDG_CACHE_HOME", m_folder.filePath(QStringLiteral("cache")).toUtf8());
    }
    [[nodiscard]] QString file(const QString &name) const { return m_folder.filePath(name); }

private:
    QTemporaryDir m_folder;
};

/// Keeps a picture of the window: in $WW_ARTIFACTS, or "artifacts" beside the programs.
inline void keepPicture(QWidget &widget, const QString &name)
{
    const QString wanted = qEnvironmentVariable("WW_ARTIFACTS");
    const QDir folder(
        wanted.isEmpty() ? QCoreApplication::applicationDirPath() + QStringLiteral("/../artifacts") : wanted);
    QVERIFY(folder.mkpath(QStringLiteral(".")));
    // Charts redraw on a timer of 16 ms: let every panel finish first.
    QTest::qWait(120);
    QVERIFY(widget.grab().save(folder.filePath(name + QStringLiteral(".png"))));
}

} // namespace ww::test
