// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/OwnedFd.h"

#include <atomic>
#include <cstdint>

#include <sys/eventfd.h>

namespace ww {

/// A request to stop what is going on, given by one thread and heeded by another that may be asleep in
/// poll().
class Cancellation {
public:
    Cancellation() : m_event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) { }

    void request()
    {
        m_requested = true;
        const uint64_t one = 1;
        [[maybe_unused]] const auto written = ::write(m_event.get(), &one, sizeof one);
    }
    /// Takes the request back before the next piece of work.
    void clear()
    {
        m_requested = false;
        uint64_t count = 0;
        [[maybe_unused]] const auto taken = ::read(m_event.get(), &count, sizeof count);
    }
    [[nodiscard]] bool requested() const { return m_requested; }
    /// Readable once a stop has been requested.
    [[nodiscard]] int fd() const { return m_event.get(); }

private:
    OwnedFd m_event;
    std::atomic<bool> m_requested = false;
};

} // namespace ww
