// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/RecordedEvaluator.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>

namespace ww {
namespace {

struct Record {
    int64_t seq = 0;
    Evaluation evaluation;
};

} // namespace

struct RecordedEvaluator::State {
    int capacity = 1;
    std::vector<Capabilities> devices;
    std::function<void()> beyondRecord;
    std::mutex mutex; ///< guards what follows
    std::map<std::pair<std::string, bool>, std::deque<Record>> records; ///< by content and confirmation
    std::map<int64_t, Job> asked; ///< by place in the log; below 0: not in the record
    int64_t lastBeyond = 0;

    void remember(RecordedOrder &order, const Node &node, const std::optional<Evaluation> &evaluation,
                  int64_t seq, bool confirmation);
    void give(int64_t seq, const Evaluation &evaluation);
};

void RecordedEvaluator::State::remember(RecordedOrder &order, const Node &node,
                                        const std::optional<Evaluation> &evaluation, int64_t seq,
                                        bool confirmation)
{
    // What was copied from a twin was not asked of a device.
    if (!evaluation || evaluation->environment.count("measured_as") > 0)
        return;
    records[{node.candidate.contentHash(), confirmation}].push_back({seq, *evaluation});
    order.expect(seq);
}

void RecordedEvaluator::State::give(int64_t seq, const Evaluation &evaluation)
{
    Job job;
    {
        const std::lock_guard lock(mutex);
        auto found = asked.extract(seq);
        if (found.empty())
            return;
        job = std::move(found.mapped());
    }
    if (job.onStage) {
        for (const StageRecord &stage : evaluation.stages)
            job.onStage(stage);
    }
    job.onDone(evaluation);
}

RecordedEvaluator::RecordedEvaluator(const Session &session, int capacity)
    : RecordedEvaluator(session, capacity, std::make_shared<RecordedOrder>(capacity), {})
{
}

RecordedEvaluator::RecordedEvaluator(const Session &session, int capacity,
                                     std::shared_ptr<RecordedOrder> order, std::function<void()> beyondRecord)
    : m_order(std::move(order)), m_state(std::make_shared<State>())
{
    m_state->capacity = std::max(capacity, 1);
    m_state->devices = session.devices;
    m_state->beyondRecord = std::move(beyondRecord);
    for (const Node &node : session.nodes) {
        m_state->remember(*m_order, node, node.evaluation, node.evaluatedSeq, false);
        m_state->remember(*m_order, node, node.confirmation, node.confirmedSeq, true);
    }
}

RecordedEvaluator::~RecordedEvaluator()
{
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
    std::optional<Record> record;
    {
        const std::lock_guard lock(m_state->mutex);
        const auto found = m_state->records.find({candidate.contentHash(), job.request.freshRunner});
        if (found != m_state->records.end() && !found->second.empty()) {
            record = std::move(found->second.front());
            found->second.pop_front();
            m_state->asked.emplace(record->seq, std::move(job));
        } else if (m_state->beyondRecord) {
            m_state->asked.emplace(--m_state->lastBeyond, std::move(job));
        }
    }
    if (record) {
        const int64_t seq = record->seq;
        m_order->ask(seq, [state = m_state, seq, evaluation = std::move(record->evaluation)] {
            state->give(seq, evaluation);
        });
    } else if (m_state->beyondRecord) {
        m_state->beyondRecord();
    } else {
        job.onDone(failure(
            ErrorCode::Infrastructure, "cannot replay the measurement",
            fmt::format("the record holds none of {} with these parameters", job.request.candidate.name),
            "Evaluate it on a device"));
    }
}

void RecordedEvaluator::cancelAll()
{
    std::map<int64_t, Job> dropped;
    {
        const std::lock_guard lock(m_state->mutex);
        dropped.swap(m_state->asked);
    }
    for (auto &[seq, job] : dropped) {
        m_order->withdraw(seq);
        job.onDone(failure(ErrorCode::Cancelled, "evaluation cancelled"));
    }
}

} // namespace ww
