// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Interrupt.h"

#include "app/cli/Command.h"

#include <atomic>
#include <csignal>
#include <thread>

#include <unistd.h>

namespace ww::cli {
namespace {

sigset_t interrupts()
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

} // namespace

struct Interrupt::State {
    std::atomic<bool> happened = false;
    std::jthread thread;
};

void holdInterrupts()
{
    const sigset_t set = interrupts();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

Interrupt::Interrupt(std::function<void()> onFirst) : m_state(std::make_unique<State>())
{
    m_state->thread =
        std::jthread([state = m_state.get(), onFirst = std::move(onFirst)](const std::stop_token &stop) {
            const sigset_t set = interrupts();
            const timespec pause {0, 50'000'000};
            while (!stop.stop_requested()) {
                if (sigtimedwait(&set, nullptr, &pause) < 0)
                    continue;
                if (state->happened.exchange(true))
                    ::_exit(kInterrupted);
                onFirst();
            }
        });
}

Interrupt::~Interrupt() = default;

bool Interrupt::happened() const
{
    return m_state->happened;
}

} // namespace ww::cli
