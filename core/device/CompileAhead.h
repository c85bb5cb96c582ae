// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/Cancellation.h"
#include "core/device/ChildProcess.h"
#include "core/device/DeviceList.h"
#include "core/worker/Messages.h"

#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace ww {

/// What came of compiling beforehand.
struct CompiledAhead {
    tl::expected<BuildReply, CallFailure> reply; ///< a failure is that it took too long
    double ms = 0; ///< what compiling took
};

/// Compiles candidates whose evaluation will be asked for, in sandboxed compiler children of its own, while
/// another candidate is in the gate. What came of it is kept until the evaluation fetches it; whatever goes
/// wrong here costs nobody anything, since an evaluation that finds nothing compiles for itself. All
/// functions may be called from any thread.
class CompileAhead {
public:
    /// `children` compiler children, each started when it has first something to do.
    CompileAhead(const Sandbox &sandbox, ChosenDevice device, int children);
    ~CompileAhead();

    /// Takes a candidate, in place of what had the same id; of more than a few dozen the oldest are
    /// forgotten.
    void prepare(EvaluateRequest request);
    /// Forgets the candidate of an evaluation; true when it was there.
    bool withdraw(const std::string &id);
    /// What was compiled for the evaluation `id`, if it is what `wanted` asks for; waits for a child that is
    /// at it. One that waits for its turn is forgotten: whoever asks compiles sooner.
    [[nodiscard]] std::optional<CompiledAhead> take(const std::string &id, const BuildRequest &wanted,
                                                    const Cancellation &cancellation);

private:
    struct Entry;
    using Entries = std::list<std::shared_ptr<Entry>>;
    void serve(const std::stop_token &stop);
    void compile(Entry &entry, std::unique_ptr<ChildProcess> &child);
    Entries::iterator find(const std::string &id);
    void drop(Entries::iterator entry);

    const Sandbox &m_sandbox;
    const ChosenDevice m_device;
    std::mutex m_mutex; ///< guards the entries
    std::condition_variable_any m_changed;
    Entries m_entries; ///< oldest first
    std::vector<std::jthread> m_threads; ///< last, so that they end before what they use
};

/// How many compiler children a worker for the device has, the one that evaluations use included. More than
/// one only where compiling cannot disturb what is timed: not where the device is the host's own processor.
[[nodiscard]] int compilersFor(const ChosenDevice &device);

} // namespace ww
