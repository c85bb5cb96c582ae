// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/task/Task.h"

#include "widgets/bridge/ViewTypes.h"

#include <QObject>

#include <functional>
#include <memory>
#include <string>

namespace ww::ui {

/// Compiles what is being typed in a worker of its own, so that messages and figures stand beside the source
/// before anybody evaluates it. Nothing is run. One source at a time: a newer one takes the place of one that
/// waits, and cancels one that is being compiled.
class CompileCheck {
public:
    /// `answer` is called on the thread of `context`, not at all for a source that a newer one replaced.
    CompileCheck(QObject *context, std::function<void(const CheckView &)> answer);
    CompileCheck(const CompileCheck &) = delete;
    CompileCheck &operator=(const CompileCheck &) = delete;
    ~CompileCheck(); ///< cancels what is being compiled

    /// Has the source compiled as a kernel of the task by the worker for `device` ("cuda:sm_90", "opencl").
    /// The worker is started on the first call, and again where it was lost.
    void check(std::shared_ptr<const Task> task, const std::string &device, const QString &source,
               const QMap<QString, qint64> &parameters);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace ww::ui
