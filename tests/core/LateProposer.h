// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/search/Proposer.h"

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace ww::fixtures {

/// Stands in for a model: answers what a script says, later and on a thread of its own, several at a time.
class LateProposer final : public Proposer {
public:
    /// Called on the engine's thread when a step is asked for.
    using Script = std::function<ProposalOutcome(const Session &, const ProposalJob &)>;

    LateProposer(int capacity, Script script) : m_capacity(capacity), m_script(std::move(script))
    {
        m_thread = std::jthread([this](const std::stop_token &stop) { serve(stop); });
    }
    ~LateProposer() override
    {
        m_thread.request_stop();
        m_thread.join();
    }

    [[nodiscard]] std::string name() const override { return "late"; }
    [[nodiscard]] int capacity() const override { return m_capacity; }
    void propose(const Session &session, ProposalJob job) override
    {
        ProposalOutcome outcome = m_script(session, job);
        const std::lock_guard lock(m_mutex);
        m_moves.push_back(job.move);
        m_steps.push_back(job.step);
        // Later steps are often answered first.
        const auto wait = std::chrono::milliseconds((job.step * 7) % 5);
        m_open.emplace(Clock::now() + wait, Open {std::move(job), std::move(outcome)});
        m_mostOpen = std::max(m_mostOpen, m_open.size());
        m_changed.notify_all();
    }
    void cancelAll() override
    {
        std::multimap<Clock::time_point, Open> open;
        {
            const std::lock_guard lock(m_mutex);
            open.swap(m_open);
        }
        for (const auto &[when, asked] : open)
            asked.job.onReport({{}, tl::make_unexpected(NoProposal {NoProposal::Kind::Cancelled, {}})});
    }
    void goOn() override { ++goneOn; }

    /// From now on answers wait.
    void hold(bool on = true)
    {
        const std::lock_guard lock(m_mutex);
        m_held = on;
        m_changed.notify_all();
    }
    bool waitForSteps(size_t count)
    {
        std::unique_lock lock(m_mutex);
        return m_changed.wait_for(lock, std::chrono::seconds(10), [&] { return m_steps.size() >= count; });
    }
    /// Waits until answers wait and so many steps are asked for, none of which is being answered any more.
    bool waitForHeld(size_t count)
    {
        std::unique_lock lock(m_mutex);
        return m_changed.wait_for(lock, std::chrono::seconds(60),
                                  [&] { return m_held && m_open.size() >= count; });
    }
    std::vector<Move> moves()
    {
        const std::lock_guard lock(m_mutex);
        return m_moves;
    }
    std::vector<int> steps()
    {
        const std::lock_guard lock(m_mutex);
        return m_steps;
    }
    size_t mostOpen()
    {
        const std::lock_guard lock(m_mutex);
        return m_mostOpen;
    }
    std::atomic<int> goneOn = 0;

private:
    using Clock = std::chrono::steady_clock;
    struct Open {
        ProposalJob job;
        ProposalOutcome outcome;
    };

    void serve(const std::stop_token &stop)
    {
        std::unique_lock lock(m_mutex);
        while (!stop.stop_requested()) {
            if (!m_changed.wait(lock, stop, [this] { return !m_held && !m_open.empty(); }))
                return;
            const auto first = m_open.begin();
            if (first->first > Clock::now()) {
                m_changed.wait_until(lock, stop, Clock::time_point(first->first), [] { return false; });
                continue;
            }
            Open asked = std::move(first->second);
            m_open.erase(first);
            lock.unlock();
            if (asked.job.onText)
                asked.job.onText("text of a model");
            asked.job.onReport({{}, std::move(asked.outcome)});
            lock.lock();
        }
    }

    const int m_capacity;
    const Script m_script;
    std::mutex m_mutex;
    std::condition_variable_any m_changed;
    bool m_held = false;
    std::multimap<Clock::time_point, Open> m_open;
    std::vector<Move> m_moves;
    std::vector<int> m_steps;
    size_t m_mostOpen = 0;
    std::jthread m_thread; ///< last: it uses what stands above
};

/// What a proposer says that answers at once.
inline ProposalOutcome answerOf(Proposer &proposer, const Session &session, const ProposalJob &job)
{
    ProposalOutcome outcome = tl::make_unexpected(NoProposal {});
    proposer.propose(session,
                     {job.move,
                      job.seed,
                      job.step,
                      [&outcome](ProposerReport report) { outcome = std::move(*report.outcome); },
                      {}});
    return outcome;
}

} // namespace ww::fixtures
