// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/BufferLayout.h"
#include "core/device/GateTypes.h"
#include "core/device/WorkloadData.h"

#include <optional>
#include <span>

namespace ww {

/// A kernel whose turn it is in a runner, and in whose name things go wrong.
struct SeatedKernel {
    const PreparedKernel &kernel;
    Seat seat = Seat::Candidate;
    Party party = Party::Candidate;
};

/// Builds the kernel in a child for all the workloads it will see.
[[nodiscard]] Outcome<BuildReply> buildIn(ChildProcess &child, const SeatedKernel &seated, const Task &task,
                                          const std::vector<const Workload *> &workloads,
                                          double compileSeconds, const Cancellation &cancellation);

/// One workload laid out in a runner, seen from the supervisor: it knows where everything lies in the
/// memory that launches give back, and judges it.
class BoundWorkload {
public:
    /// Lays out buffers for the kernels (one or two seats) in the runner, with the key's inputs.
    [[nodiscard]] static Outcome<BoundWorkload>
    bind(ChildProcess &runner, const std::vector<SeatedKernel> &kernels, const DataKey &key,
         std::shared_ptr<const InputData> inputs, const Cancellation &cancellation);

    /// Runs the plan once on poisoned memory. Afterwards outputs and red zones can be looked at.
    [[nodiscard]] Outcome<void> launch(const SeatedKernel &seated, uint8_t poison, double compileSeconds,
                                       double runSeconds);

    /// Times plans in the given order; µs each. `party` answers for what goes wrong.
    [[nodiscard]] Outcome<std::vector<float>> time(const std::vector<Seat> &order, uint64_t flushBytes,
                                                   double seconds, Party party);

    /// The bytes of an output after the last launch.
    [[nodiscard]] std::span<const std::byte> output(size_t index) const;

    /// What the last launch damaged: a red zone, or an input. Nothing when all is whole.
    [[nodiscard]] std::optional<std::string> damage() const;

    [[nodiscard]] const DataKey &key() const { return m_key; }

private:
    BoundWorkload(ChildProcess &runner, const DataKey &key, const Cancellation &cancellation)
        : m_runner(runner), m_key(key), m_cancellation(cancellation)
    {
    }
    [[nodiscard]] CallLimits limits(double compileSeconds, double runSeconds) const;
    [[nodiscard]] Outcome<RunReply> call(const ToChild &request, std::span<const int> fds,
                                         const CallLimits &limits, Party party) const;
    [[nodiscard]] std::optional<std::string> zoneDamage(size_t buffer) const;

    ChildProcess &m_runner;
    DataKey m_key;
    const Cancellation &m_cancellation;
    BindRequest m_request;
    BufferLayout m_layout;
    std::vector<size_t> m_outputBuffers; ///< index of each output's buffer
    std::shared_ptr<const InputData> m_inputs;
    SharedMemory m_returned;
    uint64_t m_bytes = 0;
};

} // namespace ww
