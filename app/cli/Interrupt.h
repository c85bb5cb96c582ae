// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>

namespace ww::cli {

/// Blocks SIGINT and SIGTERM for every thread started from now on, so that only an Interrupt sees them.
/// Call before the first thread of a command that uses Interrupt.
void holdInterrupts();

/// While it lives, the first Ctrl+C (or SIGTERM) calls `onFirst` on a thread of its own, and a second
/// one ends the process at once with status 130.
class Interrupt {
public:
    explicit Interrupt(std::function<void()> onFirst);
    ~Interrupt();
    Interrupt(const Interrupt &) = delete;
    Interrupt &operator=(const Interrupt &) = delete;

    /// True once a first interrupt came.
    [[nodiscard]] bool happened() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace ww::cli
