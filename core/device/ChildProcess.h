// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/Cancellation.h"
#include "core/device/ChildMessages.h"
#include "core/device/ProcessFamily.h"
#include "core/device/Sandbox.h"
#include "core/device/SharedMemory.h"

#include <array>
#include <chrono>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace ww {

/// Until a child is warm: a driver that loads from a slow disk for the first time may need many seconds.
constexpr double kChildStartSeconds = 60;

/// How much a child may take for one request.
struct CallLimits {
    double compileSeconds = 30;
    double runSeconds = 2;
    uint64_t residentBytes = uint64_t {2} << 30; ///< it and all it starts
    /// A library of the vendor's starts threads of its own for this and keeps them.
    bool startsThreads = false;
};

/// Why a call got no answer. The child is gone afterwards.
struct CallFailure {
    enum class Kind {
        Timeout, ///< the phase it was in took too long
        Died, ///< a signal or an exit of its own
        Memory, ///< over residentBytes
        Disk, ///< over Sandbox::kFolderBytes in its folder
        Processes, ///< kernel code started processes or threads
        Broken, ///< it said something that is no answer
        Cancelled,
    };
    Kind kind = Kind::Died;
    bool running = false; ///< kernel code ran at the time, else the compiler
    int status = 0; ///< Died: exit code, or 128 + signal
    std::string detail; ///< what happened, as a sentence part: "SIGSEGV: read or wrote outside its buffers"
};

/// Memory in which a runner gives back what runs left: kReturnSlots slots of equal size, seen by both sides.
struct ReturnedMemory {
    SharedMemory memory;
    bool known = false; ///< the runner has its descriptor
};

/// A child and the conversation with it. Whatever goes wrong in a call ends the child: its state is then
/// unknown. Destroying it kills the child with everything it started.
class ChildProcess {
public:
    [[nodiscard]] static Result<std::unique_ptr<ChildProcess>> start(const Sandbox &sandbox, ChildRole role,
                                                                     const DeviceAddress &device, bool gpu);
    ~ChildProcess();

    /// Takes what the child has said without waiting: true once it is warm.
    [[nodiscard]] bool isWarm();
    /// Waits until it is warm, or says why it never will be.
    [[nodiscard]] Status waitWarm(double seconds, const Cancellation &cancellation);
    /// True until a call failed or the child ended.
    [[nodiscard]] bool alive() const { return m_alive; }

    /// Sends a request and waits for its reply.
    [[nodiscard]] tl::expected<FromChild, CallFailure> call(const ToChild &request, std::span<const int> fds,
                                                            const CallLimits &limits,
                                                            const Cancellation &cancellation);

    /// Milliseconds spent in calls since this was last asked, by what was asked for: "building", "launching",
    /// ….
    [[nodiscard]] std::map<std::string, double> takeSpent() { return std::exchange(m_spentMs, {}); }
    /// Wall time of the last call, by the supervisor's own clock.
    [[nodiscard]] double lastCallSeconds() const { return m_lastCallSeconds; }
    [[nodiscard]] double ageSeconds() const;
    /// It has lived long, or has grown by more than its due and `allowedBytes`: time for another, so that no
    /// damage and no leak adds up unseen.
    [[nodiscard]] bool isWorn(uint64_t allowedBytes) const;
    /// What it takes now, with everything it started.
    [[nodiscard]] FamilyFacts takes() const { return familyOf(m_child.process.pid()); }
    /// What it took when it was warm and had run nothing of a stranger's.
    [[nodiscard]] const FamilyFacts &tookWhenWarm() const { return m_warmFacts; }
    /// The child's memory for what it gives back, of at least so many bytes. It is kept from one workload to
    /// the next, because its pages and their registration with a driver cost more than what is copied into
    /// it.
    [[nodiscard]] Result<ReturnedMemory *> returned(size_t bytes);
    /// Overwrites what is left there, so that no later kernel finds an earlier one's results.
    void scrubReturned();
    /// The device as the child opened it; valid once warm.
    [[nodiscard]] const Capabilities &device() const { return m_device; }

private:
    using Clock = std::chrono::steady_clock;
    explicit ChildProcess(SandboxedChild child);
    [[nodiscard]] bool poll(int milliseconds, int cancelFd);
    [[nodiscard]] Status takeStartMessages();
    [[nodiscard]] CallFailure death(bool running);
    [[nodiscard]] std::optional<CallFailure> overLimit(const CallLimits &limits, bool running) const;
    void drain(int &fd);
    void kill();

    SandboxedChild m_child;
    ReturnedMemory m_returned;
    Capabilities m_device;
    std::array<int, 2> m_streams {}; ///< stdout and stderr; −1 once they have ended
    std::string m_said; ///< the end of what it printed
    FamilyFacts m_warmFacts;
    bool m_alive = true;
    bool m_warm = false;
    bool m_ended = false; ///< its end of the channel is closed
    double m_lastCallSeconds = 0;
    std::map<std::string, double> m_spentMs;
    Clock::time_point m_started = Clock::now();
};

/// Kills the process groups of all children there are, from any thread, and lets none be started or ended any
/// more: for a process that is about to _exit.
void killAllChildren();

} // namespace ww
