// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/PrivateFolder.h"

#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>

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
    std::error_code code;
    for (fs::directory_iterator entry(temporaryRoot(), code), end; !code && entry != end;
         entry.increment(code)) {
        const std::string name = entry->path().filename();
        if (!name.starts_with(kPrefix))
            continue;
        const long pid = std::strtol(name.c_str() + std::strlen(kPrefix), nullptr, 10);
        std::error_code ignored;
        if (pid > 0 && ::kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH)
            fs::remove_all(entry->path(), ignored);
    }
}

} // namespace ww
