// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Paths.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ww {
namespace {

namespace fs = std::filesystem;

std::string environment(const char *name)
{
    const char *value = std::getenv(name);
    return value ? value : "";
}

Result<std::string> userDirectory(const char *variable, const char *underHome)
{
    std::string base = environment(variable);
    // A relative path is to be ignored there (XDG Base Directory Specification).
    if (!base.starts_with('/')) {
        const std::string home = environment("HOME");
        if (home.empty())
            return failure(ErrorCode::NotFound, "cannot find your home folder", "HOME is not set",
                           fmt::format("Set HOME or {}", variable));
        base = home + underHome;
    }
    const fs::path path = fs::path(base) / "warpwright";
    std::error_code error;
    fs::create_directories(path, error);
    if (error)
        return failure(ErrorCode::Io, fmt::format("cannot create {}", path.string()), error.message(),
                       fmt::format("Make it writable or point {} elsewhere", variable));
    return path.string();
}

/// The first of the places that is a folder.
Result<std::string> firstFolder(const std::vector<std::string> &places, const std::string &what,
                                const std::string &remedy)
{
    std::string looked;
    for (const std::string &place : places) {
        std::error_code error;
        if (fs::is_directory(place, error))
            return fs::canonical(place, error).string();
        looked += (looked.empty() ? "" : ", ") + place;
    }
    return failure(ErrorCode::NotFound, what, "looked in " + looked, remedy);
}

/// Closes the descriptor when the scope ends.
struct FileGuard {
    int fd;
    ~FileGuard()
    {
        if (fd >= 0)
            ::close(fd);
    }
};

tl::unexpected<Error> ioFailure(const std::string &what, int code)
{
    return failure(code == ENOENT ? ErrorCode::NotFound : ErrorCode::Io, what, std::strerror(code));
}

} // namespace

std::string executableDirectory()
{
    std::error_code error;
    const fs::path self = fs::read_symlink("/proc/self/exe", error);
    return error ? std::string(".") : self.parent_path().string();
}

Result<std::string> findExecutable(const std::string &name)
{
    std::vector<std::string> folders {executableDirectory(),
                                      executableDirectory() + "/../libexec/warpwright"};
    if (const char *path = std::getenv("PATH")) {
        std::istringstream parts {std::string(path)};
        for (std::string folder; std::getline(parts, folder, ':');)
            folders.push_back(folder);
    }
    for (const std::string &folder : folders) {
        const std::string path = folder + "/" + name;
        if (::access(path.c_str(), X_OK) == 0)
            return path;
    }
    return failure(ErrorCode::NotFound, fmt::format("cannot find {}", name),
                   "it is neither beside this program nor on PATH",
                   "Build it (packaging/run.sh does) or install the package");
}

Result<std::string> kernelsDirectory()
{
    std::vector<std::string> places;
    if (const std::string own = environment("WARPWRIGHT_KERNELS"); !own.empty())
        places.push_back(own);
    places.insert(places.end(),
                  {"kernels", executableDirectory() + "/../share/warpwright/kernels",
                   std::string(WW_SOURCE_DIR) + "/kernels"});
    return firstFolder(places, "cannot find the folder of tasks",
                       "Set WARPWRIGHT_KERNELS to the folder that holds matmul, softmax, …");
}

Result<std::string> resourcesDirectory(const std::string &name)
{
    std::vector<std::string> places;
    if (const std::string own = environment("WARPWRIGHT_RESOURCES"); !own.empty())
        places.push_back(own + "/" + name);
    places.push_back(executableDirectory() + "/../share/warpwright/resources/" + name);
    places.push_back(std::string(WW_SOURCE_DIR) + "/resources/" + name);
    return firstFolder(places, fmt::format("cannot find the folder of {}", name),
                       fmt::format("Set WARPWRIGHT_RESOURCES to the folder that holds {}", name));
}

Result<std::string> configDirectory()
{
    return userDirectory("XDG_CONFIG_HOME", "/.config");
}

Result<std::string> dataDirectory()
{
    return userDirectory("XDG_DATA_HOME", "/.local/share");
}

Result<std::string> cacheDirectory()
{
    return userDirectory("XDG_CACHE_HOME", "/.cache");
}

Result<std::string> readTextFile(const std::string &path, size_t limitBytes)
{
    const std::string what = "cannot read " + path;
    // Non-blocking, so that a named pipe in place of a file cannot hang us.
    const FileGuard file {::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (file.fd < 0)
        return ioFailure(what, errno);
    struct stat info { };
    if (::fstat(file.fd, &info) != 0)
        return ioFailure(what, errno);
    if (!S_ISREG(info.st_mode))
        return failure(ErrorCode::BadInput, what, "it is not a regular file", "Name a file");
    if (static_cast<uint64_t>(info.st_size) > limitBytes)
        return failure(ErrorCode::BadInput, what,
                       fmt::format("it has {} bytes, more than the limit of {}", info.st_size, limitBytes));
    std::string text;
    char buffer[65536];
    for (;;) {
        const ssize_t count = ::read(file.fd, buffer, sizeof buffer);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return ioFailure(what, errno);
        if (count == 0)
            return text;
        if (text.size() + static_cast<size_t>(count) > limitBytes)
            return failure(ErrorCode::BadInput, what,
                           fmt::format("it grew past the limit of {} bytes", limitBytes));
        text.append(buffer, static_cast<size_t>(count));
    }
}

Status writeFileAtomically(const std::string &path, std::string_view content)
{
    const std::string what = "cannot write " + path;
    std::string temporary = path + ".XXXXXX";
    const FileGuard file {::mkostemp(temporary.data(), O_CLOEXEC)};
    if (file.fd < 0)
        return ioFailure(what, errno);
    const auto giveUp = [&](int code) {
        ::unlink(temporary.c_str());
        return ioFailure(what, code);
    };
    for (size_t done = 0; done < content.size();) {
        const ssize_t count = ::write(file.fd, content.data() + done, content.size() - done);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return giveUp(errno);
        done += static_cast<size_t>(count);
    }
    // mkstemp makes the file private; a report is meant to be as readable as any new file.
    const mode_t mask = ::umask(0);
    ::umask(mask);
    if (::fchmod(file.fd, 0666 & ~mask) != 0 || ::fsync(file.fd) != 0
        || ::rename(temporary.c_str(), path.c_str()) != 0)
        return giveUp(errno);
    return {};
}

} // namespace ww
