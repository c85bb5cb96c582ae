// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/search/Engine.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <vector>

namespace ww::fixtures {

/// Collects what an engine tells; waits for it.
class Witness {
public:
    EngineListener listener()
    {
        EngineListener listener;
        listener.onEvent = [this](const Event &event) {
            {
                const std::lock_guard lock(m_mutex);
                m_events.push_back(event);
            }
            if (onEvent)
                onEvent(event);
            m_changed.notify_all();
        };
        listener.onStage = [this](CandidateId, bool, const StageRecord &) { ++stages; };
        listener.onState = [this](EngineState state) {
            const std::lock_guard lock(m_mutex);
            m_states.push_back(state);
            m_changed.notify_all();
        };
        return listener;
    }
    template <class Body> std::vector<Body> all()
    {
        const std::lock_guard lock(m_mutex);
        std::vector<Body> bodies;
        for (const Event &event : m_events) {
            if (const auto *body = std::get_if<Body>(&event.body))
                bodies.push_back(*body);
        }
        return bodies;
    }
    bool waitForState(EngineState state)
    {
        std::unique_lock lock(m_mutex);
        return m_changed.wait_for(lock, std::chrono::seconds(10),
                                  [&] { return !m_states.empty() && m_states.back() == state; });
    }
    bool waitForEvents(size_t count)
    {
        std::unique_lock lock(m_mutex);
        return m_changed.wait_for(lock, std::chrono::seconds(10), [&] { return m_events.size() >= count; });
    }
    std::function<void(const Event &)> onEvent;
    std::atomic<int> stages = 0;

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::vector<Event> m_events;
    std::vector<EngineState> m_states;
};

} // namespace ww::fixtures
