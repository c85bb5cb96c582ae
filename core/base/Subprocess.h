// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace ww {

/// How to start a child process.
struct SpawnOptions {
    std::vector<std::string> command; ///< program (looked up in PATH) and arguments
    std::optional<std::vector<std::string>> environment; ///< "NAME=value"; inherited when not set
    std::string directory; ///< working directory; inherited when empty
    std::vector<std::pair<int, int>> fds; ///< {ours, theirs}: extra descriptors the child gets
    bool newProcessGroup = true; ///< so that the child and its children can be killed together
    bool dieWithParent = true; ///< PR_SET_PDEATHSIG: dies with the THREAD that spawned it
};

/// A child with its stdin, stdout and stderr as pipes. The destructor kills and reaps it.
class Subprocess {
public:
    [[nodiscard]] static Result<Subprocess> spawn(const SpawnOptions &options);
    ~Subprocess();
    Subprocess(Subprocess &&other) noexcept;
    Subprocess &operator=(Subprocess &&other) noexcept;
    Subprocess(const Subprocess &) = delete;
    Subprocess &operator=(const Subprocess &) = delete;

    [[nodiscard]] pid_t pid() const { return m_pid; }
    [[nodiscard]] int stdinFd() const { return m_stdin; }
    [[nodiscard]] int stdoutFd() const { return m_stdout; }
    [[nodiscard]] int stderrFd() const { return m_stderr; }
    void closeStdin();

    /// Exit code, or 128 + signal, once the child has ended; nothing while it runs.
    [[nodiscard]] std::optional<int> poll();
    /// Waits at most `seconds`; nothing when it still runs.
    [[nodiscard]] std::optional<int> wait(double seconds);
    /// SIGKILL to the process alone, or to its whole group.
    void kill(bool group = true);

private:
    Subprocess() = default;
    void release();
    pid_t m_pid = -1;
    bool m_ownGroup = false;
    int m_stdin = -1, m_stdout = -1, m_stderr = -1;
    std::optional<int> m_status;
};

/// Writes all bytes to a descriptor, restarting after signals; a closed pipe is an Io error, no SIGPIPE
/// (the program must ignore it).
[[nodiscard]] Status writeAll(int fd, std::string_view bytes);

/// Splits a byte stream into lines. A line over `limit` bytes is an error.
class LineBuffer {
public:
    explicit LineBuffer(size_t limit) : m_limit(limit) { }
    /// Adds bytes as they come; fails when the unfinished line passes the limit.
    [[nodiscard]] Status add(std::string_view bytes);
    /// The next whole line without its newline, if there is one.
    [[nodiscard]] std::optional<std::string> next();

private:
    size_t m_limit;
    std::string m_bytes;
    size_t m_start = 0;
    size_t m_scanned = 0;
};

} // namespace ww
