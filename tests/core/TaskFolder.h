// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/core/TestTask.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>

namespace ww {

inline void write(const QString &path, const std::string &content)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly)
        || file.write(content.data(), static_cast<qint64>(content.size())) < 0)
        qFatal("cannot write %s", qPrintable(path));
}

/// A folder with the test task, whole and right.
struct TaskFolder {
    TaskFolder()
    {
        QDir(root.path()).mkpath(QStringLiteral("t/variants"));
        write(path("task.json"), kTestTaskJson);
        write(path("reference.cl"), kTestReference);
        write(path("baseline.cl"), kTestReference);
        write(path("variants/two-pass.cl"), kTestVariant);
        write(path("variants/direct.cl"), kTestReference);
        write(path("README.md"), "# Lesson\n");
    }
    [[nodiscard]] QString path(const char *name) const
    {
        return root.filePath(QStringLiteral("t/") + QString::fromUtf8(name));
    }
    [[nodiscard]] std::string directory() const { return root.filePath(QStringLiteral("t")).toStdString(); }

    QTemporaryDir root;
};

} // namespace ww
