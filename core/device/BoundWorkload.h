// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/BufferLayout.h"
#include "core/device/GateTypes.h"
#include "core/device/WorkloadData.h"
#include "core/judge/ElementTypes.h"

#include <map>
#include <optional>
#include <span>

namespace ww {

/// A kernel whose turn it is in a runner, and in whose name things go wrong.
struct SeatedKernel {
    const PreparedKernel &kernel;
    Seat seat = Seat::Candidate;
    Party party = Party::Candidate;
};

/// How a kernel is built (BuildRequest).
struct BuildOptions {
    bool freshModule = false; ///< without anything that launches of the same program have left
    bool code = false; ///< with what the compiler made, for people
};

/// What a child is asked so that it builds the kernel for all the workloads it will see.
[[nodiscard]] BuildRequest buildRequestOf(const SeatedKernel &seated, const Task &task,
                                          const std::vector<const Workload *> &workloads,
                                          const BuildOptions &options = {});

/// Builds the kernel in a child for all the workloads it will see.
[[nodiscard]] Outcome<BuildReply> buildIn(ChildProcess &child, const SeatedKernel &seated, const Task &task,
                                          const std::vector<const Workload *> &workloads,
                                          double compileSeconds, const Cancellation &cancellation,
                                          const BuildOptions &options = {});

/// What a batch of timed runs gave, in the order asked for.
struct TimedRuns {
    std::vector<float> us;
    std::vector<float> mhz; ///< empty where the device does not tell its clock
    std::map<std::string, double> readings {}; ///< what the device told of itself afterwards (Nvml.h)
};

/// How a workload is laid out.
struct BindOptions {
    /// Not 0: every buffer's data is moved by a multiple of kPointerStep that this decides.
    uint64_t shiftSeed = 0;
};

/// One workload laid out in a runner, seen from the supervisor: it knows where everything lies in the
/// memory that runs give back, and judges it. A runner holds one at a time: binding the next ends it.
class BoundWorkload {
public:
    /// Lays out buffers for the kernels (one or two seats) in the runner, with a copy of the inputs for each
    /// set of data. `key` names the first set.
    [[nodiscard]] static Outcome<BoundWorkload>
    bind(ChildProcess &runner, const std::vector<SeatedKernel> &kernels, const DataKey &key,
         std::vector<std::shared_ptr<const InputData>> sets, const Cancellation &cancellation,
         const BindOptions &options = {});

    /// Runs the plan once on poisoned memory and the inputs of a set. Afterwards outputs and red zones can be
    /// looked at.
    [[nodiscard]] Outcome<void> launch(const SeatedKernel &seated, uint8_t poison, double compileSeconds,
                                       double runSeconds, uint32_t set = 0);

    /// What becomes of the last timed run's outputs.
    enum class After { Judged, Forgotten };
    /// Times plans in the given order; one time and, where the device tells, one clock each. Afterwards,
    /// where it is to be judged, what the last run left can be looked at. `party` answers for what goes
    /// wrong.
    [[nodiscard]] Outcome<TimedRuns> time(const std::vector<PlanRun> &order, uint64_t flushBytes,
                                          double seconds, Party party, After after = After::Forgotten,
                                          uint8_t poison = 0xff);

    /// Observes the plan of a seat otherwise than by timing it (ObserveRequest), on the inputs of the first
    /// set.
    [[nodiscard]] Outcome<RunReply> observe(ObserveRequest::By by, const SeatedKernel &seated, uint32_t count,
                                            uint64_t flushBytes, double seconds);

    /// Looks again at what the last run left, once the device is idle.
    [[nodiscard]] Outcome<void> readAgain(double seconds, Party party);

    /// The bytes of an output after the last run.
    [[nodiscard]] std::span<const std::byte> output(size_t index) const { return outputIn(m_slot, index); }
    /// The same after the run before it; there must have been one.
    [[nodiscard]] std::span<const std::byte> earlierOutput(size_t index) const
    {
        return outputIn(1 - m_slot, index);
    }
    /// Name of the first output whose bits differ between the last run and the one before it, or its reading.
    [[nodiscard]] std::optional<std::string> changedOutput() const;

    /// What the last run damaged: a red zone, or an input of its set. Nothing when all is whole.
    [[nodiscard]] std::optional<std::string> damage() const;

    [[nodiscard]] const DataKey &key() const { return m_key; }

private:
    BoundWorkload(ChildProcess &runner, const DataKey &key, const Cancellation &cancellation)
        : m_runner(runner), m_key(key), m_cancellation(cancellation)
    {
    }
    [[nodiscard]] std::span<const std::byte> slotBytes(uint32_t slot) const;
    [[nodiscard]] std::span<const std::byte> outputIn(uint32_t slot, size_t index) const;
    [[nodiscard]] uint32_t otherSlot() const { return 1 - m_slot; }
    [[nodiscard]] Outcome<void> takeBack(const RunReply &reply, uint32_t slot, uint32_t set);
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
    std::vector<std::shared_ptr<const InputData>> m_sets;
    std::vector<std::byte> m_zone; ///< what every red zone holds
    uint32_t m_lastSet = 0;
    uint32_t m_slot = 0; ///< where the last run was given back
    std::vector<uint64_t> m_digests; ///< of the last run's inputs, after it
    uint64_t m_bytes = 0;
};

/// A copy of all outputs, in the task's order.
[[nodiscard]] Tensors copyOutputs(const BoundWorkload &bound);

} // namespace ww
