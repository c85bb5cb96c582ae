// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/ChildProcess.h"

#include "core/base/Parallel.h"
#include "core/base/Utf8.h"
#include "core/device/ChildMessagesJson.h"

#include <fmt/format.h>

#include <array>
#include <csignal>
#include <cstring>
#include <mutex>
#include <set>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace ww {
namespace {

constexpr size_t kKeptOutput = 4096;
/// In the order of ToChild.
constexpr std::array kDoing {"building", "laying out", "launching", "timing",
                             "reading",  "observing",  "peaks",     "golden kernels"};
static_assert(kDoing.size() == std::variant_size_v<ToChild>);
constexpr double kLifetimeSeconds = 1800;
constexpr uint64_t kGrowthBytes = uint64_t {512} << 20;
/// Looking at /proc takes a millisecond, which a measurement on the other core would feel.
constexpr auto kWatchInterval = std::chrono::milliseconds(100);

struct LiveChildren {
    std::mutex mutex;
    std::set<pid_t> groups;
};

LiveChildren &liveChildren()
{
    static LiveChildren children;
    return children;
}

double secondsSince(std::chrono::steady_clock::time_point start)
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// What a signal usually means when it ends a kernel.
std::string signalMeaning(int signal)
{
    switch (signal) {
    case SIGSEGV: return "SIGSEGV: it read or wrote outside its buffers";
    case SIGBUS: return "SIGBUS: it used a misaligned or vanished address";
    case SIGFPE: return "SIGFPE: an integer division by zero or an overflow";
    case SIGILL: return "SIGILL: a trap, or an instruction that this processor lacks";
    case SIGTRAP: return "SIGTRAP: a trap";
    case SIGABRT: return "SIGABRT: it was aborted";
    case SIGSYS: return "SIGSYS: it made a system call that the sandbox forbids";
    case SIGKILL: return "SIGKILL: the system killed it, most likely for want of memory";
    case SIGXCPU: return "SIGXCPU: it used up its processor time";
    case SIGXFSZ: return "SIGXFSZ: it wrote too large a file";
    default: return fmt::format("signal {}", signal);
    }
}

} // namespace

void killAllChildren()
{
    LiveChildren &children = liveChildren();
    children.mutex.lock(); // and never unlocked: no thread starts another one
    for (const pid_t group : children.groups)
        ::kill(-group, SIGKILL);
}

ChildProcess::ChildProcess(SandboxedChild child) : m_child(std::move(child))
{
    m_streams = {m_child.process.stdoutFd(), m_child.process.stderrFd()};
    for (const int fd : m_streams)
        ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
}

ChildProcess::~ChildProcess()
{
    kill();
}

void ChildProcess::kill()
{
    m_alive = false;
    const pid_t group = m_child.process.pid();
    {
        LiveChildren &children = liveChildren();
        const std::lock_guard lock(children.mutex);
        if (children.groups.erase(group) == 0)
            return;
        // Once it has been reaped its group may live on in processes that it left behind.
        ::kill(-group, SIGKILL);
    }
    [[maybe_unused]] const auto status = m_child.process.wait(5);
    // What a sandbox leaves behind ends a moment after its outer process: some are taken with the next child.
    LiveChildren &children = liveChildren();
    const std::lock_guard lock(children.mutex);
    reapOrphans(children.groups);
}

Result<std::unique_ptr<ChildProcess>> ChildProcess::start(const Sandbox &sandbox, ChildRole role,
                                                          const DeviceAddress &device, bool gpu)
{
    // One that is not on the list yet would look like an orphan to another thread.
    LiveChildren &children = liveChildren();
    const std::lock_guard lock(children.mutex);
    WW_TRY(SandboxedChild child, sandbox.start(role, device, gpu));
    children.groups.insert(child.process.pid());
    return std::unique_ptr<ChildProcess>(new ChildProcess(std::move(child)));
}

/// Keeps the end of what a stream says; a kernel that prints without end must not block, nor fill memory.
void ChildProcess::drain(int &fd)
{
    std::array<char, 16384> buffer;
    for (int i = 0; i < 16 && fd >= 0; ++i) {
        const ssize_t count = ::read(fd, buffer.data(), buffer.size());
        if (count < 0)
            return;
        // A stream that has ended would wake every poll().
        if (count == 0)
            fd = -1;
        m_said.append(buffer.data(), static_cast<size_t>(count));
        if (m_said.size() > kKeptOutput)
            m_said.erase(0, m_said.size() - kKeptOutput);
    }
}

/// Waits for something to happen, then takes it. False when a cancellation came.
bool ChildProcess::poll(int milliseconds, int cancelFd)
{
    std::array<pollfd, 4> fds {pollfd {m_ended ? -1 : m_child.channel.fd(), POLLIN, 0},
                               pollfd {m_streams[0], POLLIN, 0}, pollfd {m_streams[1], POLLIN, 0},
                               pollfd {cancelFd, POLLIN, 0}};
    ::poll(fds.data(), fds.size(), milliseconds);
    for (int &stream : m_streams)
        drain(stream);
    if (fds[0].revents != 0 && !m_child.channel.fill())
        m_ended = true;
    return fds[3].revents == 0;
}

Status ChildProcess::takeStartMessages()
{
    while (!m_warm) {
        const auto frame = m_child.channel.next();
        if (!frame)
            return {};
        WW_TRY(FromChild message, parseFromChild(frame->text));
        if (auto *ready = std::get_if<ReadyReply>(&message)) {
            if (!ready->problem.empty())
                return failure(ErrorCode::Infrastructure, "a child process cannot work", ready->problem);
            m_device = std::move(ready->device);
        } else if (std::holds_alternative<WarmReply>(message)) {
            m_warm = true;
            m_warmFacts = takes();
        }
    }
    return {};
}

bool ChildProcess::isWarm()
{
    if (!m_warm && m_alive) {
        [[maybe_unused]] const bool undisturbed = poll(0, -1);
        if (!takeStartMessages() || m_ended)
            kill();
    }
    return m_warm && m_alive;
}

Status ChildProcess::waitWarm(double seconds, const Cancellation &cancellation)
{
    const auto start = Clock::now();
    while (m_alive && !m_warm) {
        const bool undisturbed = poll(50, cancellation.fd());
        Status taken = takeStartMessages();
        if (taken && m_warm)
            return {};
        if (!taken || m_ended || secondsSince(start) > seconds) {
            const CallFailure failed = death(false);
            kill();
            if (!taken)
                return taken;
            return failure(m_ended ? ErrorCode::Infrastructure : ErrorCode::Timeout,
                           "a child process does not start",
                           m_ended ? failed.detail : "no sign of life in time");
        }
        if (!undisturbed)
            return failure(ErrorCode::Cancelled, "starting a child process was cancelled");
    }
    if (!m_alive)
        return failure(ErrorCode::Infrastructure, "a child process does not start", "it ended early");
    return {};
}

/// Why the child ended, with the last of what it printed where that is all there is to know.
CallFailure ChildProcess::death(bool running)
{
    CallFailure failed;
    failed.running = running;
    const auto status = m_child.process.wait(1);
    for (int &stream : m_streams)
        drain(stream);
    if (!status) {
        failed.kind = CallFailure::Kind::Broken;
        failed.detail = "it closed its channel and lived on";
        return failed;
    }
    failed.status = *status;
    failed.detail = *status > 128 ? signalMeaning(*status - 128)
                                  : fmt::format("it ended the process it ran in with exit code {}", *status);
    std::string said = toValidUtf8(m_said);
    while (!said.empty() && said.back() == '\n')
        said.pop_back();
    if (!said.empty())
        failed.detail += fmt::format(" (it said: {})", clipped(said, 400));
    return failed;
}

std::optional<CallFailure> ChildProcess::overLimit(const CallLimits &limits, bool running) const
{
    using Kind = CallFailure::Kind;
    const FamilyFacts family = takes();
    if (family.residentBytes > limits.residentBytes)
        return CallFailure {Kind::Memory, running, 0,
                            fmt::format("it took {} MiB of memory; {} MiB are allowed",
                                        family.residentBytes >> 20, limits.residentBytes >> 20)};
    // While the compiler is at work there may be a linker; kernel code has no use for company.
    if (running && !limits.startsThreads && family.tasks > m_warmFacts.tasks)
        return CallFailure {
            Kind::Processes, running, 0,
            fmt::format("it started {} processes or threads", family.tasks - m_warmFacts.tasks)};
    if (!m_child.folder.path().empty()
        && m_child.folder.usedBytes(Sandbox::kFolderBytes) > Sandbox::kFolderBytes)
        return CallFailure {Kind::Disk, running, 0,
                            fmt::format("it wrote more than {} MiB of files", Sandbox::kFolderBytes >> 20)};
    return std::nullopt;
}

Result<ReturnedMemory *> ChildProcess::returned(size_t bytes)
{
    if (m_returned.memory.bytes().size() < bytes) {
        m_returned = {};
        WW_TRY(m_returned.memory, SharedMemory::create(bytes));
    }
    return &m_returned;
}

void ChildProcess::scrubReturned()
{
    const std::span<std::byte> memory = m_returned.memory.bytes();
    forEachBlock(static_cast<int64_t>(memory.size()), int64_t {1} << 20, [&](int64_t begin, int64_t end) {
        std::memset(memory.data() + begin, 0xff, static_cast<size_t>(end - begin));
    });
}

double ChildProcess::ageSeconds() const
{
    return secondsSince(m_started);
}

bool ChildProcess::isWorn(uint64_t allowedBytes) const
{
    return ageSeconds() > kLifetimeSeconds
        || takes().residentBytes > m_warmFacts.residentBytes + kGrowthBytes + allowedBytes;
}

tl::expected<FromChild, CallFailure> ChildProcess::call(const ToChild &request, std::span<const int> fds,
                                                        const CallLimits &limits,
                                                        const Cancellation &cancellation)
{
    using Kind = CallFailure::Kind;
    const auto start = Clock::now();
    const auto give = [&](CallFailure failed) {
        kill();
        m_lastCallSeconds = secondsSince(start);
        return tl::make_unexpected(std::move(failed));
    };
    if (!m_alive)
        return give({Kind::Broken, false, 0, "the child had already ended"});
    if (!m_child.channel.send(toFrameText(request), fds))
        return give(death(false));

    bool running = false;
    double spentCompiling = 0, spentRunning = 0;
    auto phaseStart = Clock::now();
    auto nextWatch = Clock::now() + kWatchInterval;
    for (;;) {
        while (auto frame = m_child.channel.next()) {
            Result<FromChild> message = parseFromChild(frame->text);
            if (!message)
                return give({Kind::Broken, running, 0, message.error().message()});
            const auto *phase = std::get_if<PhaseReply>(&*message);
            if (!phase) {
                m_lastCallSeconds = secondsSince(start);
                m_spentMs[kDoing[request.index()]] += m_lastCallSeconds * 1e3;
                if (limits.startsThreads)
                    m_warmFacts.tasks = std::max(m_warmFacts.tasks, takes().tasks);
                return std::move(*message);
            }
            (running ? spentRunning : spentCompiling) += secondsSince(phaseStart);
            phaseStart = Clock::now();
            running = phase->running;
        }
        if (m_ended)
            return give(death(running));
        const double left =
            (running ? limits.runSeconds - spentRunning : limits.compileSeconds - spentCompiling)
            - secondsSince(phaseStart);
        if (left <= 0)
            return give({Kind::Timeout, running, 0,
                         fmt::format("over {:g} s", running ? limits.runSeconds : limits.compileSeconds)});
        if (!poll(static_cast<int>(std::min(left * 1000 + 1, 50.0)), cancellation.fd()))
            return give({Kind::Cancelled, running, 0, "cancelled"});
        if (Clock::now() >= nextWatch) {
            nextWatch = Clock::now() + kWatchInterval;
            if (auto over = overLimit(limits, running))
                return give(std::move(*over));
        }
    }
}

} // namespace ww
