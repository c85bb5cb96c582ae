// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSocketNotifier>

#include <functional>
#include <memory>

namespace ww::ui {

/// Calls `stop` on this thread when the process gets SIGINT, SIGTERM or SIGHUP; the second signal ends it at
/// once. Also ignores SIGPIPE: a worker that has died is an error value, not the end of the window. One
/// at a time.
class StopSignals {
public:
    explicit StopSignals(std::function<void()> stop);
    ~StopSignals();
    StopSignals(const StopSignals &) = delete;
    StopSignals &operator=(const StopSignals &) = delete;

private:
    std::function<void()> m_stop;
    std::unique_ptr<QSocketNotifier> m_notifier;
};

} // namespace ww::ui
