// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Subprocess.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ww {
namespace {

/// As a shell says of a program that could not be run; how this one ended nobody knows.
constexpr int kUnknownStatus = 126;

void closeFd(int &fd)
{
    if (fd >= 0)
        ::close(fd);
    fd = -1;
}

/// Both ends of a pipe; whatever is still held is closed at the end of the scope.
struct Pipe {
    std::array<int, 2> ends {-1, -1};
    [[nodiscard]] bool open() { return ::pipe2(ends.data(), O_CLOEXEC) == 0; }
    int take(int end) { return std::exchange(ends[static_cast<size_t>(end)], -1); }
    ~Pipe()
    {
        closeFd(ends[0]);
        closeFd(ends[1]);
    }
};

std::vector<char *> pointersTo(std::vector<std::string> &texts)
{
    std::vector<char *> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string &text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

/// What the forked child does up to exec; only async-signal-safe calls. Never returns.
[[noreturn]] void becomeChild(const SpawnOptions &options, std::vector<int> &lifted, char **arguments,
                              char **environment, pid_t parent, int input, int output, int errors, int report)
{
    if (options.newProcessGroup)
        ::setpgid(0, 0);
    if (options.dieWithParent) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        // The parent may have died between fork and prctl.
        if (::getppid() != parent)
            ::_exit(127);
    }
    // Nothing of ours is the child's business, whoever opened it (older kernels leave it at what was marked).
    ::close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
    bool ok = ::dup2(input, 0) >= 0 && ::dup2(output, 1) >= 0 && ::dup2(errors, 2) >= 0;
    // Lift the extra descriptors out of each other's way, and the report's out of theirs, before placing
    // them; as low as can be, because the user may have limited how many there are.
    int firstFree = STDERR_FILENO + 1;
    for (const auto &[ours, theirs] : options.fds)
        firstFree = std::max(firstFree, theirs + 1);
    if (ok && report < firstFree) {
        report = ::fcntl(report, F_DUPFD_CLOEXEC, firstFree);
        ok = report >= 0;
    }
    for (size_t i = 0; ok && i < options.fds.size(); ++i) {
        lifted[i] = ::fcntl(options.fds[i].first, F_DUPFD, firstFree);
        ok = lifted[i] >= 0;
    }
    for (size_t i = 0; ok && i < options.fds.size(); ++i) {
        ok = ::dup2(lifted[i], options.fds[i].second) >= 0;
        ::close(lifted[i]);
    }
    if (ok && !options.directory.empty())
        ok = ::chdir(options.directory.c_str()) == 0;
    if (ok) {
        sigset_t none;
        sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
        for (const int signal : {SIGPIPE, SIGXFSZ, SIGINT})
            ::signal(signal, SIG_DFL);
        environ = environment;
        ::execvp(arguments[0], arguments);
    }
    const int code = errno;
    [[maybe_unused]] const ssize_t written = ::write(report, &code, sizeof code);
    ::_exit(127);
}

} // namespace

Result<Subprocess> Subprocess::spawn(const SpawnOptions &options)
{
    if (options.command.empty())
        return failure(ErrorCode::BadInput, "cannot start a program", "the command is empty");
    const std::string what = "cannot start " + options.command.front();
    Pipe input, output, errors, report;
    if (!input.open() || !output.open() || !errors.open() || !report.open())
        return failure(ErrorCode::Infrastructure, what, std::strerror(errno));

    std::vector<std::string> arguments = options.command;
    std::vector<std::string> variables = options.environment.value_or(std::vector<std::string> {});
    const std::vector<char *> argumentPointers = pointersTo(arguments);
    const std::vector<char *> variablePointers = pointersTo(variables);
    char **environment = options.environment ? const_cast<char **>(variablePointers.data()) : environ;
    std::vector<int> lifted(options.fds.size()); // the child must not allocate

    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0)
        return failure(ErrorCode::Infrastructure, what, std::strerror(errno));
    if (pid == 0)
        becomeChild(options, lifted, const_cast<char **>(argumentPointers.data()), environment, parent,
                    input.ends[0], output.ends[1], errors.ends[1], report.ends[1]);

    closeFd(report.ends[1]);
    int code = 0;
    ssize_t count = 0;
    do {
        count = ::read(report.ends[0], &code, sizeof code);
    } while (count < 0 && errno == EINTR);
    if (count > 0) {
        ::waitpid(pid, nullptr, 0);
        return failure(code == ENOENT ? ErrorCode::NotFound : ErrorCode::Infrastructure, what,
                       std::strerror(code), code == ENOENT ? "Check that it is installed and on PATH" : "");
    }
    Subprocess child;
    child.m_pid = pid;
    child.m_ownGroup = options.newProcessGroup;
    child.m_stdin = input.take(1);
    child.m_stdout = output.take(0);
    child.m_stderr = errors.take(0);
    return child;
}

Subprocess::~Subprocess()
{
    release();
}

Subprocess::Subprocess(Subprocess &&other) noexcept
{
    *this = std::move(other);
}

Subprocess &Subprocess::operator=(Subprocess &&other) noexcept
{
    if (this != &other) {
        release();
        m_pid = std::exchange(other.m_pid, -1);
        m_ownGroup = other.m_ownGroup;
        m_stdin = std::exchange(other.m_stdin, -1);
        m_stdout = std::exchange(other.m_stdout, -1);
        m_stderr = std::exchange(other.m_stderr, -1);
        m_status = std::exchange(other.m_status, std::nullopt);
    }
    return *this;
}

void Subprocess::release()
{
    closeFd(m_stdin);
    closeFd(m_stdout);
    closeFd(m_stderr);
    if (m_pid > 0 && !m_status) {
        kill();
        while (::waitpid(m_pid, nullptr, 0) < 0 && errno == EINTR) { }
    }
    m_pid = -1;
}

void Subprocess::closeStdin()
{
    closeFd(m_stdin);
}

std::optional<int> Subprocess::poll()
{
    if (m_status || m_pid <= 0)
        return m_status;
    int status = 0;
    const pid_t ended = ::waitpid(m_pid, &status, WNOHANG);
    if (ended == m_pid)
        m_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    else if (ended < 0 && errno == ECHILD)
        m_status = kUnknownStatus; // where SIGCHLD is ignored the system has taken it
    return m_status;
}

std::optional<int> Subprocess::wait(double seconds)
{
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    auto pause = std::chrono::microseconds(200);
    while (!poll() && std::chrono::steady_clock::now() < end) {
        std::this_thread::sleep_for(pause);
        pause = std::min(pause * 2, std::chrono::microseconds(10000));
    }
    return m_status;
}

void Subprocess::kill(bool group)
{
    // After it has been reaped the number may belong to somebody else.
    if (m_pid <= 0 || m_status)
        return;
    ::kill(group && m_ownGroup ? -m_pid : m_pid, SIGKILL);
}

Status writeAll(int fd, std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t count = ::write(fd, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return failure(ErrorCode::Io, "cannot write to a process", std::strerror(errno));
        bytes.remove_prefix(static_cast<size_t>(count));
    }
    return {};
}

Status LineBuffer::add(std::string_view bytes)
{
    if (m_start > 0) {
        m_bytes.erase(0, m_start);
        m_scanned -= m_start;
        m_start = 0;
    }
    m_bytes.append(bytes);
    if (m_bytes.size() > m_limit && m_bytes.find('\n') > m_limit)
        return failure(ErrorCode::BadInput, "a line is too long", fmt::format("over {} bytes", m_limit));
    return {};
}

std::optional<std::string> LineBuffer::next()
{
    const size_t end = m_bytes.find('\n', std::max(m_start, m_scanned));
    if (end == std::string::npos) {
        m_scanned = m_bytes.size();
        return std::nullopt;
    }
    std::string line = m_bytes.substr(m_start, end - m_start);
    m_start = end + 1;
    m_scanned = m_start;
    return line;
}

} // namespace ww
