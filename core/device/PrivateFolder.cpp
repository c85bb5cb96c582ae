// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/PrivateFolder.h"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace ww {
namespace {

namespace fs = std::filesystem;

constexpr const char *kPrefix = "warpwright-";
/// A hostile child may make files by the thousand; what was counted is then too much anyway.
constexpr int kMostEntries = 20000;

fs::path temporaryRoot()
{
    const char *root = std::getenv("TMPDIR");
    return root && *root == '/' ? root : "/tmp";
}

OwnedFd openFolder(const fs::path &path)
{
    return OwnedFd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

/// A number that is nobody's here may be a worker's in another container that shares the folder.
bool isAbandoned(const fs::path &path, pid_t owner)
{
    if (::kill(owner, 0) == 0 || errno != ESRCH)
        return false;
    const OwnedFd folder = openFolder(path);
    return folder.valid() && ::flock(folder.get(), LOCK_EX | LOCK_NB) == 0;
}

/// Removes the folders of workers for which `which(path, pid)` holds; false when one of them stays.
template <class Which> bool removeFolders(Which which)
{
    bool done = true;
    std::error_code code;
    for (fs::directory_iterator entry(temporaryRoot(), code), end; !code && entry != end;
         entry.increment(code)) {
        const std::string name = entry->path().filename();
        if (!name.starts_with(kPrefix))
            continue;
        const auto owner = static_cast<pid_t>(std::strtol(name.c_str() + std::strlen(kPrefix), nullptr, 10));
        std::error_code ignored; // another user's, or one that is being filled: it is tried again
        if (owner > 0 && which(entry->path(), owner)) {
            fs::remove_all(entry->path(), ignored);
            done = done && !ignored;
        }
    }
    return done;
}

} // namespace

Result<PrivateFolder> PrivateFolder::create(uid_t user)
{
    std::string path = (temporaryRoot() / fmt::format("{}{}-XXXXXX", kPrefix, ::getpid())).string();
    if (!::mkdtemp(path.data()))
        return failure(ErrorCode::Infrastructure, "cannot make a folder for a child process",
                       fmt::format("{}: {}", path, std::strerror(errno)),
                       "Set TMPDIR to a folder that can be written");
    PrivateFolder folder;
    folder.m_path = std::move(path);
    folder.m_lock = openFolder(folder.m_path);
    if (!folder.m_lock.valid() || ::flock(folder.m_lock.get(), LOCK_SH | LOCK_NB) != 0)
        return failure(ErrorCode::Infrastructure, "cannot lock a folder for a child process",
                       fmt::format("{}: {}", folder.m_path, std::strerror(errno)),
                       "Set TMPDIR to a folder on a local disk");
    if (user != ::geteuid() && ::chown(folder.m_path.c_str(), user, user) != 0)
        return failure(ErrorCode::Infrastructure, "cannot give a folder to a child process",
                       std::strerror(errno));
    return folder;
}

PrivateFolder::~PrivateFolder()
{
    std::error_code ignored;
    if (!m_path.empty())
        fs::remove_all(m_path, ignored);
}

PrivateFolder &PrivateFolder::operator=(PrivateFolder &&other) noexcept
{
    std::swap(m_path, other.m_path);
    std::swap(m_lock, other.m_lock);
    return *this;
}

uint64_t PrivateFolder::usedBytes(uint64_t enough) const
{
    uint64_t bytes = 0;
    int entries = 0;
    std::error_code code;
    fs::recursive_directory_iterator entry(m_path, fs::directory_options::skip_permission_denied, code);
    while (!code && entry != fs::recursive_directory_iterator()) {
        std::error_code gone;
        if (entry->is_regular_file(gone) && !entry->is_symlink(gone)) {
            const uintmax_t size = entry->file_size(gone);
            bytes += gone ? 0 : size;
        }
        if (bytes > enough || ++entries > kMostEntries)
            return enough + 1;
        entry.increment(code);
    }
    return bytes;
}

void removeAbandonedFolders()
{
    (void)removeFolders(isAbandoned); // what stays is tried again by the next worker
}

void removeOwnFolders()
{
    // A child that was killed a moment ago may still have made a file.
    constexpr int kTries = 50;
    const auto isOwn = [](const fs::path &, pid_t owner) { return owner == ::getpid(); };
    for (int i = 0; i < kTries && !removeFolders(isOwn); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

} // namespace ww
