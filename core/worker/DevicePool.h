// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/worker/WorkerClient.h"

#include <functional>
#include <memory>
#include <vector>

namespace ww {

/// Something that evaluates candidates: real devices, or a recorded session played back.
/// Callbacks come on threads of the evaluator's own.
class Evaluator {
public:
    struct Job {
        EvaluateRequest request;
        std::function<void(const StageRecord &)> onStage;
        std::function<void(const SamplesMessage &)> onSamples;
        /// Called exactly once for each job. An Infrastructure failure has been tried twice already.
        std::function<void(Result<Evaluation>)> onDone;
    };

    virtual ~Evaluator() = default;
    /// How many jobs can be in flight at once.
    [[nodiscard]] virtual int capacity() const = 0;
    [[nodiscard]] virtual std::vector<Capabilities> devices() const = 0;
    virtual void submit(Job job) = 0;
    /// Tells of a job that will be submitted once there is room, so that what can be done beforehand is.
    /// Never answered, and never needed.
    virtual void prepare(const EvaluateRequest &) { }
    /// Cancels what is in flight; each job still gets its onDone.
    virtual void cancelAll() = 0;
};

/// One worker process a device, each on its own thread. A worker that dies is started again and its
/// job tried once more; then the job ends with Infrastructure (never held against the candidate).
class DevicePool final : public Evaluator {
public:
    /// Starts every worker; fails when none starts, or with Cancelled after a stop request. The problems of
    /// those that did not are in problems().
    [[nodiscard]] static Result<std::unique_ptr<DevicePool>> start(const std::vector<WorkerSpec> &specs,
                                                                   std::stop_token stop = {});
    ~DevicePool() override;

    [[nodiscard]] int capacity() const override;
    [[nodiscard]] std::vector<Capabilities> devices() const override;
    [[nodiscard]] std::vector<Error> problems() const;
    void submit(Job job) override;
    void prepare(const EvaluateRequest &request) override;
    void cancelAll() override;

private:
    struct State;
    explicit DevicePool(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace ww
