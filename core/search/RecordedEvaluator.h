// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/journal/Session.h"
#include "core/search/RecordedOrder.h"
#include "core/worker/DevicePool.h"

#include <memory>

namespace ww {

/// Answers with the measurements of a recorded session, found by what would run (source and parameters)
/// and whether it is the confirmation. Results come in the order in which they once came, so that the
/// same seed and capacity make the same moves again. A candidate the record does not hold ends
/// with Infrastructure, or waits to be cancelled.
class RecordedEvaluator final : public Evaluator {
public:
    /// `capacity` as in the recorded run; `session` is read here and not kept.
    RecordedEvaluator(const Session &session, int capacity);
    /// With an order that others share; `beyondRecord` is told of a candidate that the record does not hold,
    /// which then waits.
    RecordedEvaluator(const Session &session, int capacity, std::shared_ptr<RecordedOrder> order,
                      std::function<void()> beyondRecord);
    ~RecordedEvaluator() override;

    [[nodiscard]] int capacity() const override;
    [[nodiscard]] std::vector<Capabilities> devices() const override;
    void submit(Job job) override;
    void cancelAll() override;

private:
    struct State;
    std::shared_ptr<RecordedOrder> m_order;
    std::shared_ptr<State> m_state; ///< also of results that are being given
};

} // namespace ww
