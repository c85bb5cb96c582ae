// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/Sandbox.h"

#include "core/base/Utf8.h"
#include "core/device/BubblewrapCommand.h"
#include "core/device/ChildEnvironment.h"
#include "core/device/ChildMessagesJson.h"
#include "core/device/ProcessFamily.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <sstream>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/sysinfo.h>
#include <unistd.h>

namespace ww {
namespace {

/// Children of a root worker run as this user: it owns no files, and limits on processes count for it.
constexpr uid_t kChildUser = 65533;
constexpr double kProbeSeconds = 10;

/// Folders that the kept variables point to: a driver installed in a user's own place.
std::vector<std::string> foldersOfDrivers()
{
    std::vector<std::string> folders;
    for (const char *name : {"OCL_ICD_VENDORS", "OCL_ICD_FILENAMES", "LD_LIBRARY_PATH"}) {
        const char *value = std::getenv(name);
        std::istringstream parts(value ? value : "");
        for (std::string path; std::getline(parts, path, ':');) {
            if (path.starts_with('/') && ::access(path.c_str(), R_OK) == 0)
                folders.push_back(path);
        }
    }
    return folders;
}

uint64_t addressSpaceLimit()
{
    const auto cores = static_cast<uint64_t>(std::max(1, ::get_nprocs_conf()));
    return (uint64_t {4} << 30) + cores * (uint64_t {32} << 20);
}

/// Waits for the probe's one message.
Result<ReadyReply> probeAnswer(SandboxedChild &child)
{
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(kProbeSeconds);
    while (std::chrono::steady_clock::now() < end) {
        pollfd entry {child.channel.fd(), POLLIN, 0};
        if (::poll(&entry, 1, 100) <= 0)
            continue;
        const Status filled = child.channel.fill();
        if (const auto frame = child.channel.next()) {
            WW_TRY(FromChild message, parseFromChild(frame->text));
            if (auto *ready = std::get_if<ReadyReply>(&message))
                return std::move(*ready);
        }
        if (!filled)
            break;
    }
    child.process.kill();
    std::string said(400, '\0');
    const ssize_t count = ::read(child.process.stderrFd(), said.data(), said.size());
    said.resize(static_cast<size_t>(std::max<ssize_t>(count, 0)));
    while (!said.empty() && said.back() == '\n')
        said.pop_back();
    return failure(ErrorCode::Infrastructure, "a test child did not start",
                   said.empty() ? "it ended without a word" : toValidUtf8(said));
}

} // namespace

std::optional<SandboxChoice> sandboxChoiceFromName(std::string_view name)
{
    if (name == "auto")
        return SandboxChoice::Auto;
    if (name == "bwrap")
        return SandboxChoice::Bwrap;
    if (name == "landlock")
        return SandboxChoice::Landlock;
    if (name == "none")
        return SandboxChoice::None;
    return std::nullopt;
}

std::string sandboxLevelName(bool bwrap, const JailReport &jail)
{
    std::string level;
    const auto add = [&](bool on, const char *name) {
        if (on)
            level += (level.empty() ? "" : "+") + std::string(name);
    };
    add(bwrap, "bwrap");
    add(jail.landlock, "landlock");
    add(jail.systemCalls, "seccomp");
    add(level.empty() && jail.limits, "rlimits");
    return level.empty() ? "none" : level;
}

Sandbox Sandbox::probe(SandboxChoice choice)
{
    removeAbandonedFolders();
    Sandbox sandbox;
    sandbox.m_user = ::geteuid();
    if (choice == SandboxChoice::None) {
        sandbox.m_waived = true;
        sandbox.m_note = "switched off by --no-sandbox: kernels can read and change this user's files";
        return sandbox;
    }
    sandbox.m_jail.readable = foldersOfDrivers();
    sandbox.m_jail.addressSpaceBytes = addressSpaceLimit();
    sandbox.m_jail.fileBytes = kFolderBytes / 4;
    std::vector<uid_t> users {::geteuid()};
    if (::geteuid() == 0)
        users.insert(users.begin(), kChildUser);
    std::string bwrapProblem, problem;
    for (const bool bwrap : {true, false}) {
        for (const uid_t user : users) {
            if (sandbox.confines() || choice == (bwrap ? SandboxChoice::Landlock : SandboxChoice::Bwrap))
                continue;
            sandbox.m_bwrap = bwrap;
            sandbox.m_user = user;
            problem = sandbox.tryWalls();
            if (!problem.empty() && bwrap)
                bwrapProblem = problem;
        }
    }
    const auto remark = [&](const std::string &text) {
        sandbox.m_note += (sandbox.m_note.empty() || text.empty() ? "" : "; ") + text;
    };
    if (!sandbox.m_bwrap && !bwrapProblem.empty())
        remark(fmt::format("bubblewrap cannot be used ({}): install it and allow user namespaces",
                           bwrapProblem));
    if (!sandbox.confines())
        remark(problem == bwrapProblem ? std::string() : problem);
    else if (sandbox.m_user == 0)
        remark("children run as root, because no other user can be had here: run the worker as an ordinary "
               "user");
    return sandbox;
}

/// Starts a child in the walls chosen so far and keeps of the jail what works there. Gives the reason when no
/// child can be started that way; there are then no walls.
std::string Sandbox::tryWalls()
{
    m_jail.landlock = m_jail.systemCalls = m_jail.limits = true;
    Result<SandboxedChild> child = start(ChildRole::Probe, {}, false);
    const Result<ReadyReply> answer =
        child ? probeAnswer(*child) : Result<ReadyReply>(tl::make_unexpected(child.error()));
    if (!answer || !answer->problem.empty()) {
        m_bwrap = m_jail.landlock = m_jail.systemCalls = m_jail.limits = false;
        m_level = "none";
        return answer ? answer->problem : answer.error().message();
    }
    const std::string &works = answer->device.sandbox;
    m_note = answer->device.sandboxNote;
    m_jail.landlock = works.find("landlock") != std::string::npos;
    m_jail.systemCalls = works.find("seccomp") != std::string::npos;
    m_jail.limits = m_note.find("rlimits") == std::string::npos;
    JailReport report;
    report.landlock = m_jail.landlock;
    report.systemCalls = m_jail.systemCalls;
    report.limits = m_jail.limits;
    m_level = sandboxLevelName(m_bwrap, report);
    return {};
}

void Sandbox::fitTo(const DeviceAddress &device)
{
    if (!m_jail.systemCalls)
        return;
    const auto opens = [&] {
        Result<SandboxedChild> child = start(ChildRole::Runner, device, true);
        const Result<ReadyReply> answer =
            child ? probeAnswer(*child) : Result<ReadyReply>(tl::make_unexpected(child.error()));
        return answer && answer->problem.empty();
    };
    if (opens())
        return;
    m_filtersGpu = false;
    // Whatever else keeps it from opening is said where it is needed.
    m_filtersGpu = !opens();
    if (m_filtersGpu)
        return;
    JailReport report;
    report.landlock = m_jail.landlock;
    report.limits = m_jail.limits;
    m_level = sandboxLevelName(m_bwrap, report);
    m_note += (m_note.empty() ? "" : "; ")
        + std::string(
                  "the device's driver does not start under the system call filter, which is left away for "
                  "children that see the device");
}

Result<SandboxedChild> Sandbox::start(ChildRole role, const DeviceAddress &device, bool gpu) const
{
    auto ends = Channel::makePair();
    if (!ends)
        return tl::make_unexpected(std::move(ends.error()));
    const OwnedFd program(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
    PrivateFolder folder;
    if (!m_bwrap) {
        WW_TRY(PrivateFolder made, PrivateFolder::create(m_user));
        folder = std::move(made);
    }
    const std::string writable = m_bwrap ? "/tmp" : folder.path();

    ChildOptions options;
    options.role = role;
    options.device = device;
    options.jail = m_jail;
    options.jail.writable = writable;
    options.jail.gpu = gpu;
    // A compiler keeps headers that it has read in files of up to 140 MB.
    if (role == ChildRole::Compiler)
        options.jail.fileBytes = m_jail.fileBytes > 0 ? kFolderBytes * 5 / 8 : 0;
    options.jail.systemCalls = m_jail.systemCalls && (!gpu || m_filtersGpu);
    // A graphics driver maps the device's memory into its address space.
    options.jail.addressSpaceBytes = gpu ? 0 : m_jail.addressSpaceBytes;
    if (m_jail.limits)
        options.jail.tasks =
            tasksOfUser(m_user) + 64 + 4 * static_cast<uint64_t>(std::max(1, ::get_nprocs_conf()));

    const std::string self = fmt::format("/proc/self/fd/{}", kChildProgramFd);
    SpawnOptions spawn;
    spawn.command = {self, "--drop-privileges", std::to_string(m_user == ::geteuid() ? 0 : m_user)};
    if (m_bwrap) {
        const auto walls = bubblewrapCommand(m_jail.readable, kFolderBytes, gpu);
        spawn.command.insert(spawn.command.end(), walls.begin(), walls.end());
    }
    spawn.command.push_back(self);
    const auto arguments = childArguments(options);
    spawn.command.insert(spawn.command.end(), arguments.begin(), arguments.end());
    spawn.environment = childEnvironment(writable);
    if (m_waived) {
        const std::vector<std::string> open = openEnvironment();
        spawn.environment->insert(spawn.environment->end(), open.begin(), open.end());
    }
    spawn.directory = m_bwrap ? "/" : folder.path();
    spawn.fds = {{ends->second.get(), kChildChannelFd}, {program.get(), kChildProgramFd}};
    WW_TRY(Subprocess process, Subprocess::spawn(spawn));
    process.closeStdin();
    return SandboxedChild {std::move(process), std::move(ends->first), std::move(folder)};
}

} // namespace ww
