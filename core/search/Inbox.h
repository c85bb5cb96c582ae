// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace ww {

/// A queue from many threads to one, which sleeps while there is nothing.
template <class Message> class Inbox {
public:
    void push(Message message)
    {
        {
            const std::lock_guard lock(m_mutex);
            m_messages.push_back(std::move(message));
        }
        m_changed.notify_one();
    }

    /// Goes before everything that waits.
    void pushUrgent(Message message)
    {
        {
            const std::lock_guard lock(m_mutex);
            m_messages.push_front(std::move(message));
        }
        m_changed.notify_one();
    }

    /// Waits for the next message.
    [[nodiscard]] Message pop()
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [this] { return !m_messages.empty(); });
        Message message = std::move(m_messages.front());
        m_messages.pop_front();
        return message;
    }

    /// The next message, if there is one.
    [[nodiscard]] std::optional<Message> tryPop()
    {
        const std::lock_guard lock(m_mutex);
        if (m_messages.empty())
            return std::nullopt;
        Message message = std::move(m_messages.front());
        m_messages.pop_front();
        return message;
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<Message> m_messages;
};

} // namespace ww
