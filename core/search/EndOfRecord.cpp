// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/EndOfRecord.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace ww {

struct EndOfRecord::State {
    int events = 0;
    std::chrono::duration<double> grace {};
    std::function<void()> stop;
    std::mutex mutex; ///< guards what follows
    std::condition_variable_any changed;
    int told = 0;
    bool beyond = false;
    std::jthread thread; ///< last, so that it ends before what it uses

    void watch(const std::stop_token &ended);
};

void EndOfRecord::State::watch(const std::stop_token &ended)
{
    std::unique_lock lock(mutex);
    if (!changed.wait(lock, ended, [this] { return beyond; }))
        return;
    for (int seen = -1; told < events && seen != told;) {
        seen = told;
        (void)changed.wait_for(lock, ended, grace, [&] { return told != seen; });
        if (ended.stop_requested())
            return;
    }
    lock.unlock();
    stop();
}

EndOfRecord::EndOfRecord(int events, double graceSeconds, std::function<void()> stop)
    : m_state(std::make_unique<State>())
{
    m_state->events = events;
    m_state->grace = std::chrono::duration<double>(graceSeconds);
    m_state->stop = std::move(stop);
    m_state->thread =
        std::jthread([state = m_state.get()](const std::stop_token &ended) { state->watch(ended); });
}

EndOfRecord::~EndOfRecord()
{
    m_state->thread.request_stop();
    m_state->thread.join();
}

void EndOfRecord::event()
{
    const std::lock_guard lock(m_state->mutex);
    ++m_state->told;
    m_state->changed.notify_all();
}

void EndOfRecord::beyond()
{
    const std::lock_guard lock(m_state->mutex);
    m_state->beyond = true;
    m_state->changed.notify_all();
}

} // namespace ww
