// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/journal/Session.h"
#include "core/worker/DevicePool.h"

#include <memory>

namespace ww {

/// Answers with the measurements of a recorded session, found by what would run (source and parameters)
/// and whether it is the confirmation. Results come in the order in which they once came, so that the
/// same seed and capacity make the same moves again. A candidate the record does not hold ends
/// with Infrastructure.
class RecordedEvaluator final : public Evaluator {
public:
    /// `capacity` as in the recorded run; `session` is read here and not kept.
    RecordedEvaluator(const Session &session, int capacity);
    ~RecordedEvaluator() override;

    [[nodiscard]] int capacity() const override;
    [[nodiscard]] std::vector<Capabilities> devices() const override;
    void submit(Job job) override;
    void cancelAll() override;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace ww
