// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/ChildProcess.h"
#include "core/device/DeviceList.h"

namespace ww {

/// A runner with what decides how long it may live.
struct Runner {
    std::unique_ptr<ChildProcess> child;
    int served = 0; ///< candidates
};

/// The children of one device: a compiler, a runner for candidates with a spare behind it, and a runner
/// for the reference and for clean measurements of the baseline, which never meets a candidate.
class RunnerPool {
public:
    RunnerPool(const Sandbox &sandbox, ChosenDevice device) : m_sandbox(sandbox), m_device(std::move(device))
    {
    }

    /// Each gives a warm child, starting one where there is none.
    [[nodiscard]] Result<ChildProcess *> compiler(const Cancellation &cancellation);
    [[nodiscard]] Result<ChildProcess *> referenceRunner(const Cancellation &cancellation);
    [[nodiscard]] Result<ChildProcess *> candidateRunner(const Cancellation &cancellation);
    /// A runner that counts and times nothing; started at the first need, because few evaluations have one.
    [[nodiscard]] Result<ChildProcess *> profileRunner(const Cancellation &cancellation);

    /// How many candidates the present runner has run.
    [[nodiscard]] int candidatesServed() const { return m_current.served; }
    void countCandidate() { ++m_current.served; }
    /// Puts the present runner aside for one evaluation, which then gets a process that has run nothing.
    void parkCandidateRunner();
    /// Ends that process and goes back to the runner put aside.
    void unparkCandidateRunner();
    /// Ends the present runner; the next call of candidateRunner() gives the spare or a new one.
    void discardCandidateRunner();
    /// Milliseconds that calls took since this was last asked: "compiler: building", "runner: timing", …
    [[nodiscard]] std::map<std::string, double> takeSpent();
    /// Overwrites what the present runner last gave back.
    void scrub();
    /// Ends children that have served their time or have grown by more than the buffers of `boundBytes` that
    /// their last work needed, so that no damage and no leak adds up unseen.
    void retireWorn(uint64_t boundBytes);

    /// Starts what is missing, the spare included, without waiting. For idle moments: a starting child
    /// takes a core for most of a second.
    void startMissing();
    /// Waits until no child is starting any more, so that a measurement has the machine to itself.
    void settle(const Cancellation &cancellation);
    /// True when every child is there and warm.
    [[nodiscard]] bool complete();

private:
    [[nodiscard]] Result<std::unique_ptr<ChildProcess>> start(ChildRole role) const;
    [[nodiscard]] Result<ChildProcess *> warm(std::unique_ptr<ChildProcess> &child, ChildRole role,
                                              const Cancellation &cancellation) const;

    const Sandbox &m_sandbox;
    ChosenDevice m_device;
    std::unique_ptr<ChildProcess> m_compiler;
    std::unique_ptr<ChildProcess> m_reference;
    std::unique_ptr<ChildProcess> m_profiler;
    Runner m_current;
    Runner m_parked;
    Runner m_spare;
};

} // namespace ww
