// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Random.h"
#include "core/worker/DevicePool.h"
#include "tests/core/SearchFixtures.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace ww::fixtures {

/// Stands in for the device: answers with measurements that a script makes up. It is threaded like the
/// device pool, one job a thread, and can hold jobs back.
class ScriptedEvaluator final : public Evaluator {
public:
    using Script = std::function<Result<Evaluation>(const EvaluateRequest &)>;

    ScriptedEvaluator(int capacity, Script script) : m_capacity(capacity), m_script(std::move(script))
    {
        for (int i = 0; i < capacity; ++i)
            m_threads.emplace_back([this](const std::stop_token &stop) { serve(stop); });
    }
    ~ScriptedEvaluator() override
    {
        for (std::jthread &thread : m_threads)
            thread.request_stop();
        m_threads.clear();
        cancelAll();
    }

    [[nodiscard]] int capacity() const override { return m_lost ? 0 : m_capacity; }
    [[nodiscard]] std::vector<Capabilities> devices() const override
    {
        Capabilities device;
        device.backend = device.device = "scripted";
        return std::vector<Capabilities>(static_cast<size_t>(m_capacity), device);
    }
    void submit(Job job) override
    {
        const std::lock_guard lock(m_mutex);
        m_requests.push_back(job.request);
        m_queue.push_back(std::move(job));
        m_changed.notify_all();
    }
    void prepare(const EvaluateRequest &request) override
    {
        const std::lock_guard lock(m_mutex);
        m_prepared.push_back(request);
    }
    void cancelAll() override
    {
        std::deque<Job> dropped;
        {
            const std::lock_guard lock(m_mutex);
            dropped.swap(m_queue);
        }
        for (Job &job : dropped)
            job.onDone(failure(ErrorCode::Cancelled, "cancelled"));
    }

    /// From now on jobs wait; release() lets that many go.
    void hold() { setAllowed(0); }
    void release(int jobs) { setAllowed(jobs); }
    void releaseAll() { setAllowed(kUnlimited); }
    /// Every device is gone.
    void lose() { m_lost = true; }

    /// Waits until that many jobs have been submitted; false after ten seconds.
    bool waitForRequests(size_t count)
    {
        std::unique_lock lock(m_mutex);
        return m_changed.wait_for(lock, std::chrono::seconds(10), [&] { return m_requests.size() >= count; });
    }
    std::vector<EvaluateRequest> requests()
    {
        const std::lock_guard lock(m_mutex);
        return m_requests;
    }
    std::vector<EvaluateRequest> prepared()
    {
        const std::lock_guard lock(m_mutex);
        return m_prepared;
    }

private:
    static constexpr int kUnlimited = 1 << 30;

    void setAllowed(int jobs)
    {
        const std::lock_guard lock(m_mutex);
        m_allowed = jobs;
        m_changed.notify_all();
    }

    void serve(const std::stop_token &stop)
    {
        for (;;) {
            std::unique_lock lock(m_mutex);
            if (!m_changed.wait(lock, stop, [this] { return !m_queue.empty() && m_allowed > 0; }))
                return;
            m_allowed -= m_allowed == kUnlimited ? 0 : 1;
            Job job = std::move(m_queue.front());
            m_queue.pop_front();
            lock.unlock();
            job.onStage({"compile", "ok", 1, ""});
            job.onDone(m_script(job.request));
        }
    }

    int m_capacity;
    Script m_script;
    std::atomic<bool> m_lost = false;
    std::mutex m_mutex;
    std::condition_variable_any m_changed;
    int m_allowed = kUnlimited;
    std::deque<Job> m_queue;
    std::vector<EvaluateRequest> m_requests;
    std::vector<EvaluateRequest> m_prepared; ///< told beforehand
    std::vector<std::jthread> m_threads; ///< last: they use what stands above
};

/// A speed-up that is made up, but the same for the same candidate.
inline double madeUpSpeedup(const EvaluateRequest &request)
{
    uint64_t number = 1469598103934665603u;
    const auto mix = [&number](uint64_t value) { number = (number ^ value) * 1099511628211u; };
    for (const char c : request.candidate.source)
        mix(static_cast<unsigned char>(c));
    for (const auto &[name, value] : request.candidate.parameters)
        mix(static_cast<uint64_t>(value) + name.size());
    return 0.5 + static_cast<double>(number % 1000) / 200;
}

/// The script of a device on which everything but an occasional candidate works.
inline Result<Evaluation> madeUp(const EvaluateRequest &request)
{
    const double ratio = madeUpSpeedup(request);
    return ratio < 1 ? failed(Verdict::IncorrectNumerical) : passed(ratio);
}

} // namespace ww::fixtures
