// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/CompileAhead.h"

#include "core/device/BoundWorkload.h"
#include "core/device/IntakeStage.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include <sys/sysinfo.h>

namespace ww {
namespace {

/// Each may hold a program of kMaxHandedBytes.
constexpr size_t kMostEntries = 32;
constexpr int kMostCompilers = 4;
constexpr auto kLookInterval = std::chrono::milliseconds(20);

bool isSame(const BuildRequest &a, const BuildRequest &b)
{
    const auto sameUse = [](const KernelUse &x, const KernelUse &y) {
        return x.name == y.name && x.line == y.line && x.arguments == y.arguments
            && x.groupSize == y.groupSize && x.sharedBytes == y.sharedBytes;
    };
    return a.source == b.source && a.defines == b.defines && a.code == b.code
        && std::equal(a.kernels.begin(), a.kernels.end(), b.kernels.begin(), b.kernels.end(), sameUse);
}

/// What the evaluation's compile stage will ask a compiler; nothing for what intake rejects.
std::optional<BuildRequest> intakeOf(const EvaluateRequest &request, const Capabilities &device,
                                     const Cancellation &cancellation)
{
    const GateListener nobody;
    GateCase gate {request, nobody, cancellation, {}, {}, {}, {}, {}, {}};
    if (!runIntake(gate, device))
        return std::nullopt;
    return buildRequestOf({gate.candidate, Seat::Candidate, Party::Candidate}, request.task,
                          gate.everyShape(), {false, request.code});
}

} // namespace

struct CompileAhead::Entry {
    explicit Entry(EvaluateRequest wanted) : request(std::move(wanted)) { }

    const EvaluateRequest request;
    Cancellation cancellation; ///< of what a child is doing for it
    enum class State { Waiting, Compiling, Done } state = State::Waiting;
    std::optional<BuildRequest> asked; ///< what was compiled
    std::optional<CompiledAhead> outcome; ///< nothing when it came to nothing
};

CompileAhead::CompileAhead(const Sandbox &sandbox, ChosenDevice device, int children)
    : m_sandbox(sandbox), m_device(std::move(device))
{
    for (int i = 0; i < children; ++i)
        m_threads.emplace_back([this](const std::stop_token &stop) { serve(stop); });
}

CompileAhead::~CompileAhead()
{
    for (std::jthread &thread : m_threads)
        thread.request_stop();
    const std::lock_guard lock(m_mutex);
    while (!m_entries.empty())
        drop(m_entries.begin());
}

CompileAhead::Entries::iterator CompileAhead::find(const std::string &id)
{
    return std::find_if(m_entries.begin(), m_entries.end(),
                        [&](const std::shared_ptr<Entry> &entry) { return entry->request.id == id; });
}

void CompileAhead::drop(Entries::iterator entry)
{
    (*entry)->cancellation.request();
    m_entries.erase(entry);
}

void CompileAhead::prepare(EvaluateRequest request)
{
    const std::lock_guard lock(m_mutex);
    if (const auto known = find(request.id); known != m_entries.end())
        drop(known);
    m_entries.push_back(std::make_shared<Entry>(std::move(request)));
    if (m_entries.size() > kMostEntries)
        drop(m_entries.begin());
    m_changed.notify_all();
}

bool CompileAhead::withdraw(const std::string &id)
{
    const std::lock_guard lock(m_mutex);
    const auto known = find(id);
    if (known == m_entries.end())
        return false;
    drop(known);
    return true;
}

std::optional<CompiledAhead> CompileAhead::take(const std::string &id, const BuildRequest &wanted,
                                                const Cancellation &cancellation)
{
    std::unique_lock lock(m_mutex);
    const auto known = find(id);
    if (known == m_entries.end())
        return std::nullopt;
    const std::shared_ptr<Entry> entry = *known;
    if (entry->state == Entry::State::Compiling && entry->asked && !isSame(*entry->asked, wanted)) {
        drop(known);
        return std::nullopt;
    }
    m_entries.erase(known);
    if (entry->state == Entry::State::Waiting)
        return std::nullopt;
    while (entry->state != Entry::State::Done) {
        if (cancellation.requested()) {
            entry->cancellation.request();
            return std::nullopt;
        }
        m_changed.wait_for(lock, kLookInterval);
    }
    if (!entry->asked || !isSame(*entry->asked, wanted))
        return std::nullopt;
    return std::move(entry->outcome);
}

/// The child dies with the thread that started it, so each thread has its own and stays.
void CompileAhead::serve(const std::stop_token &stop)
{
    std::unique_ptr<ChildProcess> child;
    std::unique_lock lock(m_mutex);
    const auto waiting = [this] {
        return std::find_if(m_entries.begin(), m_entries.end(), [](const std::shared_ptr<Entry> &entry) {
            return entry->state == Entry::State::Waiting;
        });
    };
    while (m_changed.wait(lock, stop, [&] { return waiting() != m_entries.end(); })
           && !stop.stop_requested()) {
        const std::shared_ptr<Entry> entry = *waiting();
        entry->state = Entry::State::Compiling;
        lock.unlock();
        compile(*entry, child);
        lock.lock();
        entry->state = Entry::State::Done;
        m_changed.notify_all();
    }
}

void CompileAhead::compile(Entry &entry, std::unique_ptr<ChildProcess> &child)
{
    std::optional<BuildRequest> asked = intakeOf(entry.request, m_device.facts, entry.cancellation);
    if (!asked)
        return;
    {
        const std::lock_guard lock(m_mutex);
        entry.asked = asked;
    }
    if (child && child->alive() && child->isWorn(0))
        child.reset();
    if (!child || !child->alive()) {
        // Why none can be had shows where an evaluation needs one.
        Result<std::unique_ptr<ChildProcess>> started =
            ChildProcess::start(m_sandbox, ChildRole::Compiler, m_device.address, false);
        if (!started)
            return;
        child = std::move(*started);
    }
    if (!child->waitWarm(kChildStartSeconds, entry.cancellation))
        return;
    CallLimits limits;
    limits.compileSeconds = entry.request.budgets.compileSeconds;
    auto reply = child->call(*asked, {}, limits, entry.cancellation);
    CompiledAhead outcome;
    outcome.ms = child->lastCallSeconds() * 1e3;
    if (!reply) {
        // Any other end may be an earlier candidate's doing: the evaluation sees for itself.
        if (reply.error().kind != CallFailure::Kind::Timeout)
            return;
        outcome.reply = tl::make_unexpected(std::move(reply.error()));
    } else if (auto *build = std::get_if<BuildReply>(&*reply)) {
        outcome.reply = std::move(*build);
    } else {
        return;
    }
    const std::lock_guard lock(m_mutex);
    entry.outcome = std::move(outcome);
}

int compilersFor(const ChosenDevice &device)
{
    const int cores = ::get_nprocs();
    if (!device.compilesAlone())
        return 1;
    // Where nothing is timed, nothing is disturbed either.
    return device.compilesOnly() ? std::clamp(cores, 2, kMostCompilers)
                                 : std::clamp(cores / 4, 1, kMostCompilers);
}

} // namespace ww
