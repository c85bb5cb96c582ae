// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/journal/FileLock.h"

#include "core/base/Subprocess.h"
#include "core/base/Utf8.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ww {
namespace {

constexpr size_t kMaxHolderText = 300;

std::string ownName()
{
    char host[256] = {};
    if (::gethostname(host, sizeof host - 1) != 0)
        return fmt::format("process {}", ::getpid());
    return fmt::format("process {} on {}", ::getpid(), host);
}

std::string holderName(int fd)
{
    char text[kMaxHolderText];
    const ssize_t count = ::pread(fd, text, sizeof text, 0);
    const std::string_view name(text, count > 0 ? static_cast<size_t>(count) : 0);
    return name.empty() ? "another process" : toValidUtf8(name);
}

/// True when `path` still names the open file: its last holder may have removed it before we locked it.
bool stillNames(const std::string &path, int fd)
{
    struct stat byName = {};
    struct stat byFd = {};
    return ::stat(path.c_str(), &byName) == 0 && ::fstat(fd, &byFd) == 0 && byName.st_ino == byFd.st_ino
        && byName.st_dev == byFd.st_dev;
}

} // namespace

Result<std::unique_ptr<FileLock>> FileLock::acquire(const std::string &file)
{
    // Beside the file itself, so that two names of it (a link) do not make two locks.
    std::error_code error;
    const std::filesystem::path real = std::filesystem::weakly_canonical(file, error);
    const std::string path = (error ? file : real.string()) + ".lock";
    const std::string what = fmt::format("cannot write {}", file);
    for (;;) {
        const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
        if (const int code = errno; fd < 0)
            return failure(ErrorCode::Io, what,
                           fmt::format("cannot create {}: {}", path, std::strerror(code)),
                           code == ENOENT ? "Name a file in a folder that exists"
                                          : "Make the folder writable, or copy the file to one that is");
        if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
            const int code = errno;
            const std::string holder = holderName(fd);
            ::close(fd);
            if (code != EWOULDBLOCK)
                return failure(ErrorCode::Io, what,
                               fmt::format("cannot lock {}: {}", path, std::strerror(code)),
                               "Keep the session on a local disk");
            return failure(ErrorCode::Io, what, fmt::format("it is being written by {}", holder),
                           "Stop that search first, or open the session for reading");
        }
        if (!stillNames(path, fd)) {
            ::close(fd);
            continue;
        }
        std::unique_ptr<FileLock> lock(new FileLock(path, fd));
        // Only a message depends on the name, so a full disk must not cost the lock.
        if (::ftruncate(fd, 0) == 0)
            (void)writeAll(fd, ownName());
        return lock;
    }
}

FileLock::~FileLock()
{
    // Removed while still held: whoever opened it meanwhile notices that the name is gone.
    ::unlink(m_path.c_str());
    ::close(m_fd);
}

} // namespace ww
