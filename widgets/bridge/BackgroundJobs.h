// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMetaObject>
#include <QObject>

#include <list>
#include <memory>
#include <stop_token>
#include <thread>
#include <type_traits>

namespace ww::ui {

/// Runs work on threads of its own and brings what it returns back to the thread of `context`. The
/// destructor asks work that has begun to stop and waits for it; what it returns then is dropped.
class BackgroundJobs {
public:
    explicit BackgroundJobs(QObject *context) : m_context(context) { }
    BackgroundJobs(const BackgroundJobs &) = delete;
    BackgroundJobs &operator=(const BackgroundJobs &) = delete;
    ~BackgroundJobs()
    {
        for (std::jthread &thread : m_threads)
            thread.request_stop();
        m_threads.clear();
    }

    /// Calls `work()`, or `work(stop_token)` where it can be asked to stop, on a new thread, then
    /// `done(result)` on the context's thread.
    template <class Work, class Done> void run(Work work, Done done)
    {
        m_threads.emplace_back();
        const auto place = std::prev(m_threads.end());
        *place = std::jthread([this, place, work = std::move(work),
                               done = std::move(done)](const std::stop_token &stop) mutable {
            const auto finish = [&] {
                if constexpr (std::is_invocable_v<Work &, std::stop_token>)
                    return work(stop);
                else
                    return work();
            };
            auto result = std::make_shared<decltype(finish())>(finish());
            QMetaObject::invokeMethod(
                m_context,
                [this, place, result, done = std::move(done)]() mutable {
                    m_threads.erase(place); // it has ended but for its last instructions
                    done(std::move(*result));
                },
                Qt::QueuedConnection);
        });
    }

private:
    QObject *m_context;
    std::list<std::jthread> m_threads;
};

} // namespace ww::ui
