// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/BubblewrapCommand.h"

#include <array>
#include <filesystem>

namespace ww {
namespace {

namespace fs = std::filesystem;

/// /bin, /lib and the like are links into /usr on most systems and folders on others.
void addRootFolder(std::vector<std::string> &command, const char *path)
{
    std::error_code code;
    const fs::path target = fs::read_symlink(path, code);
    if (!code)
        command.insert(command.end(), {"--symlink", target.string(), path});
    else if (fs::is_directory(path, code))
        command.insert(command.end(), {"--ro-bind", path, path});
}

void addGraphicsDevices(std::vector<std::string> &command)
{
    std::error_code code;
    for (fs::directory_iterator entry("/dev", code), end; !code && entry != end; entry.increment(code)) {
        const std::string name = entry->path().filename();
        if (name.starts_with("nvidia") || name == "dri" || name == "kfd")
            command.insert(command.end(), {"--dev-bind-try", entry->path().string(), entry->path().string()});
    }
    command.insert(command.end(), {"--ro-bind", "/sys", "/sys"});
}

} // namespace

std::vector<std::string> bubblewrapCommand(const std::vector<std::string> &readable, uint64_t tmpBytes,
                                           bool gpu)
{
    std::vector<std::string> command {
        "bwrap",      "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL",
        "--hostname", "sandbox",       "--ro-bind",         "/usr",          "/usr"};
    for (const char *path : {"/bin", "/sbin", "/lib", "/lib32", "/lib64"})
        addRootFolder(command, path);
    for (const char *path : {"/opt", "/etc/OpenCL", "/etc/ld.so.cache", "/etc/alternatives"})
        command.insert(command.end(), {"--ro-bind-try", path, path});
    command.insert(command.end(), {"--dev", "/dev", "--proc", "/proc"});
    if (gpu)
        addGraphicsDevices(command);
    else
        command.insert(command.end(), {"--ro-bind-try", "/sys/devices/system", "/sys/devices/system"});
    command.insert(command.end(), {"--size", std::to_string(tmpBytes), "--tmpfs", "/tmp"});
    for (const std::string &path : readable)
        command.insert(command.end(), {"--ro-bind-try", path, path});
    command.insert(command.end(), {"--chdir", "/tmp"});
    return command;
}

} // namespace ww
