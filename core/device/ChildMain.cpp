// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/ChildMain.h"

#include "core/device/Channel.h"
#include "core/device/ChildMessagesJson.h"
#include "core/device/ChildOptions.h"
#include "core/device/Sandbox.h"

#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <mutex>

#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace ww {
namespace {

/// The child's end of the channel; a driver's thread and the main one may both speak.
class Voice {
public:
    explicit Voice(Channel &channel) : m_channel(channel) { }
    void say(const FromChild &message)
    {
        const std::lock_guard lock(m_mutex);
        // Without a listener there is nothing left to live for.
        if (!m_channel.send(toFrameText(message)))
            ::_exit(1);
    }

private:
    Channel &m_channel;
    std::mutex m_mutex;
};

/// True when a file that no driver needs can still be read: the jail is not closed.
bool canReadForeignFile()
{
    const OwnedFd fd(::open("/etc/passwd", O_RDONLY | O_CLOEXEC));
    return fd.valid();
}

ReadyReply describe(const JailReport &report, const JailPolicy &policy)
{
    ReadyReply ready;
    ready.device.sandbox = sandboxLevelName(false, report);
    ready.device.sandboxNote = report.note;
    if (policy.landlock && report.landlock && canReadForeignFile())
        ready.problem = "Landlock is in force and yet /etc/passwd can be read";
    return ready;
}

FromChild answer(Backend &backend, ChildRole role, ToChild request, std::vector<OwnedFd> fds,
                 const PhaseListener &phase)
{
    const bool runs = role == ChildRole::Runner;
    if (const auto *build = std::get_if<BuildRequest>(&request))
        return backend.build(*build, runs);
    RunReply refusal;
    refusal.problem = Problem::Device;
    refusal.message = "this child only compiles";
    if (!runs)
        return refusal;
    if (const auto *bind = std::get_if<BindRequest>(&request))
        return backend.bind(*bind, std::move(fds));
    if (const auto *launch = std::get_if<LaunchRequest>(&request))
        return backend.launch(*launch, phase);
    if (const auto *time = std::get_if<TimeRequest>(&request))
        return backend.time(*time, phase);
    if (const auto *observe = std::get_if<ObserveRequest>(&request))
        return backend.observe(*observe, phase);
    if (const auto *read = std::get_if<ReadRequest>(&request))
        return backend.read(*read);
    if (std::holds_alternative<GoldenRequest>(request))
        return backend.golden();
    return backend.measurePeaks();
}

int serve(const BackendDriver &driver, const ChildOptions &options, Channel &channel, Voice &voice)
{
    const bool compiles = options.role == ChildRole::Compiler && driver.openCompiler;
    Result<std::unique_ptr<Backend>> backend =
        compiles ? driver.openCompiler(options.device) : driver.open(options.device);
    ReadyReply ready;
    if (backend)
        ready.device = (*backend)->device();
    else
        ready.problem = backend.error().message();
    voice.say(ready);
    if (!backend)
        return 1;
    (*backend)->warmUp(options.role == ChildRole::Runner);
    voice.say(WarmReply {});
    const PhaseListener phase = [&voice](bool running) { voice.say(PhaseReply {running}); };
    for (;;) {
        Result<Frame> frame = channel.receive();
        if (!frame)
            return 0;
        Result<ToChild> request = parseToChild(frame->text);
        if (!request) {
            std::fprintf(stderr, "%s\n", request.error().message().c_str());
            return 1;
        }
        voice.say(answer(**backend, options.role, std::move(*request), std::move(frame->fds), phase));
    }
}

int list(const BackendDriver &driver, Voice &voice)
{
    const Result<std::vector<Capabilities>> devices = driver.list();
    if (!devices) {
        ReadyReply reply;
        reply.problem = devices.error().message();
        voice.say(reply);
        return 1;
    }
    for (const Capabilities &device : *devices)
        voice.say(ReadyReply {device, {}});
    return 0;
}

} // namespace

int childMain(const BackendDriver &driver, const std::vector<std::string> &arguments)
{
    std::signal(SIGPIPE, SIG_IGN);
    const Result<ChildOptions> options = parseChildArguments(arguments);
    if (!options) {
        std::fprintf(stderr, "%s\n", options.error().message().c_str());
        return 64;
    }
    ::syscall(SYS_close_range, static_cast<unsigned>(kChildProgramFd), ~0u, 0u);
    ::fcntl(kChildChannelFd, F_SETFD, FD_CLOEXEC);
    Channel channel {OwnedFd(kChildChannelFd)};
    Voice voice(channel);
    if (options->role == ChildRole::List)
        return list(driver, voice);
    const JailReport report = applyJail(options->jail);
    const ReadyReply jail = describe(report, options->jail);
    if (options->role == ChildRole::Probe) {
        voice.say(jail);
        return 0;
    }
    // The probe said that all of this works: a child that cannot do it now must not go on without.
    if (!report.note.empty() || !jail.problem.empty()) {
        ReadyReply reply;
        reply.problem = report.note.empty() ? jail.problem : report.note;
        voice.say(reply);
        return 1;
    }
    return serve(driver, *options, channel, voice);
}

int dropPrivilegesMain(const std::vector<std::string> &arguments)
{
    if (arguments.size() < 2)
        return 64;
    const auto user = static_cast<uid_t>(std::strtoul(arguments[0].c_str(), nullptr, 10));
    std::vector<char *> command;
    for (size_t i = 1; i < arguments.size(); ++i)
        command.push_back(const_cast<char *>(arguments[i].c_str()));
    command.push_back(nullptr);
    // Out of memory, the system should take this before anything of the user's.
    if (std::FILE *score = std::fopen("/proc/self/oom_score_adj", "w")) {
        std::fputs("1000", score);
        std::fclose(score);
    }
    const pid_t parent = ::getppid();
    const bool dropped = user == 0
        || (::setgroups(0, nullptr) == 0 && ::setresgid(user, user, user) == 0
            && ::setresuid(user, user, user) == 0);
    if (!dropped) {
        std::perror("cannot give up root");
        return 70;
    }
    // Changing the user clears what Subprocess had asked for.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent)
        return 70;
    ::execvp(command[0], command.data());
    std::perror(command[0]);
    return 71;
}

} // namespace ww
