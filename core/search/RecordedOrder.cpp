// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/RecordedOrder.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>

namespace ww {
struct RecordedOrder::State {
    int most = 1;
    std::chrono::duration<double>
        grace {}; ///< how long one before it is waited for that may never be asked for
    std::mutex mutex; ///< guards what follows
    std::condition_variable_any changed;
    std::set<int64_t> outstanding; ///< places of what was not given yet
    std::map<int64_t, std::function<void()>> acts;
    std::map<int64_t, std::function<void()>> waiting;
    std::jthread thread; ///< last, so that it ends before what it uses

    void serve(const std::stop_token &stop);
    [[nodiscard]] bool actIsNext() const;
    [[nodiscard]] bool resultIsNext() const;
    std::function<void()> take(std::map<int64_t, std::function<void()>> &from);
};

bool RecordedOrder::State::actIsNext() const
{
    return !acts.empty() && acts.begin()->first <= *outstanding.begin();
}

bool RecordedOrder::State::resultIsNext() const
{
    return !waiting.empty()
        && (static_cast<int>(waiting.size()) >= most || waiting.begin()->first <= *outstanding.begin());
}

std::function<void()> RecordedOrder::State::take(std::map<int64_t, std::function<void()>> &from)
{
    const auto first = from.begin();
    const int64_t seq = first->first;
    std::function<void()> give = std::move(first->second);
    from.erase(first);
    // What comes before it and was not asked for is not waited for any more; acts are.
    for (auto place = outstanding.begin(); place != outstanding.end() && *place <= seq;)
        place = acts.count(*place) > 0 ? std::next(place) : outstanding.erase(place);
    return give;
}

void RecordedOrder::State::serve(const std::stop_token &stop)
{
    std::unique_lock lock(mutex);
    while (!stop.stop_requested()) {
        const auto somethingToDo = [this] { return !waiting.empty() || actIsNext(); };
        if (!changed.wait(lock, stop, somethingToDo))
            return;
        if (!actIsNext())
            (void)changed.wait_for(lock, stop, grace, [this] { return resultIsNext() || waiting.empty(); });
        if (stop.stop_requested() || !somethingToDo())
            continue;
        const std::function<void()> give = take(actIsNext() ? acts : waiting);
        lock.unlock();
        give();
        lock.lock();
    }
}

RecordedOrder::RecordedOrder(int most, double graceSeconds) : m_state(std::make_unique<State>())
{
    m_state->grace = std::chrono::duration<double>(graceSeconds);
    m_state->most = std::max(most, 1);
    m_state->thread =
        std::jthread([state = m_state.get()](const std::stop_token &stop) { state->serve(stop); });
}

RecordedOrder::~RecordedOrder()
{
    close();
}

void RecordedOrder::close()
{
    m_state->thread.request_stop();
    if (m_state->thread.joinable())
        m_state->thread.join();
}

void RecordedOrder::expect(int64_t seq)
{
    const std::lock_guard lock(m_state->mutex);
    m_state->outstanding.insert(seq);
}

void RecordedOrder::expectAct(int64_t seq, std::function<void()> act)
{
    const std::lock_guard lock(m_state->mutex);
    m_state->outstanding.insert(seq);
    m_state->acts.emplace(seq, std::move(act));
    m_state->changed.notify_all();
}

void RecordedOrder::ask(int64_t seq, std::function<void()> give)
{
    const std::lock_guard lock(m_state->mutex);
    m_state->outstanding.insert(seq);
    m_state->waiting.emplace(seq, std::move(give));
    m_state->changed.notify_all();
}

bool RecordedOrder::withdraw(int64_t seq)
{
    const std::lock_guard lock(m_state->mutex);
    m_state->changed.notify_all();
    return m_state->waiting.erase(seq) > 0;
}

} // namespace ww
