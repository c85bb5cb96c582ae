// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/RecordedEvaluator.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <thread>

namespace ww {
namespace {

/// How long a result waits for one that came before it in the record but whose job may never come: a
/// person's edit, say.
constexpr std::chrono::milliseconds kGrace(100);

struct Record {
    int64_t seq = 0;
    Evaluation evaluation;
};

} // namespace

struct RecordedEvaluator::State {
    struct Waiting {
        Record record;
        Job job;
    };

    int capacity = 1;
    std::vector<Capabilities> devices;
    std::mutex mutex; ///< guards what follows
    std::condition_variable_any changed;
    std::map<std::pair<std::string, bool>, std::deque<Record>> records; ///< by content and confirmation
    std::set<int64_t> outstanding; ///< places in the log of the results not yet given
    std::vector<Waiting> waiting;
    std::jthread thread; ///< last, so that it ends before what it uses

    void remember(const Node &node, const std::optional<Evaluation> &evaluation, int64_t seq,
                  bool confirmation);
    void serve(const std::stop_token &stop);
    std::vector<Waiting>::iterator earliest();
    bool isNext();
};

void RecordedEvaluator::State::remember(const Node &node, const std::optional<Evaluation> &evaluation,
                                        int64_t seq, bool confirmation)
{
    if (!evaluation)
        return;
    records[{node.candidate.contentHash(), confirmation}].push_back({seq, *evaluation});
    outstanding.insert(seq);
}

std::vector<RecordedEvaluator::State::Waiting>::iterator RecordedEvaluator::State::earliest()
{
    return std::min_element(waiting.begin(), waiting.end(),
                            [](const Waiting &a, const Waiting &b) { return a.record.seq < b.record.seq; });
}

bool RecordedEvaluator::State::isNext()
{
    return !waiting.empty()
        && (static_cast<int>(waiting.size()) >= capacity || earliest()->record.seq <= *outstanding.begin());
}

void RecordedEvaluator::State::serve(const std::stop_token &stop)
{
    std::unique_lock lock(mutex);
    while (!stop.stop_requested()) {
        if (!changed.wait(lock, stop, [this] { return !waiting.empty(); }))
            return;
        (void)changed.wait_for(lock, stop, kGrace, [this] { return isNext(); });
        if (waiting.empty() || stop.stop_requested())
            continue;
        const auto found = earliest();
        Waiting answer = std::move(*found);
        waiting.erase(found);
        outstanding.erase(outstanding.begin(), outstanding.upper_bound(answer.record.seq));
        lock.unlock();
        if (answer.job.onStage) {
            for (const StageRecord &stage : answer.record.evaluation.stages)
                answer.job.onStage(stage);
        }
        answer.job.onDone(std::move(answer.record.evaluation));
        lock.lock();
    }
}

RecordedEvaluator::RecordedEvaluator(const Session &session, int capacity)
    : m_state(std::make_unique<State>())
{
    m_state->capacity = std::max(capacity, 1);
    m_state->devices = session.devices;
    for (const Node &node : session.nodes) {
        m_state->remember(node, node.evaluation, node.evaluatedSeq, false);
        m_state->remember(node, node.confirmation, node.confirmedSeq, true);
    }
    m_state->thread =
        std::jthread([state = m_state.get()](const std::stop_token &stop) { state->serve(stop); });
}

RecordedEvaluator::~RecordedEvaluator()
{
    m_state->thread.request_stop();
    m_state->thread.join();
    cancelAll();
}

int RecordedEvaluator::capacity() const
{
    return m_state->capacity;
}

std::vector<Capabilities> RecordedEvaluator::devices() const
{
    return m_state->devices;
}

void RecordedEvaluator::submit(Job job)
{
    Candidate candidate;
    candidate.source = job.request.candidate.source;
    candidate.parameters = job.request.candidate.parameters;
    {
        const std::lock_guard lock(m_state->mutex);
        const auto found = m_state->records.find({candidate.contentHash(), job.request.freshRunner});
        if (found != m_state->records.end() && !found->second.empty()) {
            m_state->waiting.push_back({std::move(found->second.front()), std::move(job)});
            found->second.pop_front();
            m_state->changed.notify_all();
            return;
        }
    }
    job.onDone(
        failure(ErrorCode::Infrastructure, "cannot replay the measurement",
                fmt::format("the record holds none of {} with these parameters", job.request.candidate.name),
                "Evaluate it on a device"));
}

void RecordedEvaluator::cancelAll()
{
    std::vector<State::Waiting> dropped;
    {
        const std::lock_guard lock(m_state->mutex);
        dropped.swap(m_state->waiting);
    }
    for (State::Waiting &answer : dropped)
        answer.job.onDone(failure(ErrorCode::Cancelled, "evaluation cancelled"));
}

} // namespace ww
