// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/cuda/Disassembler.h"

#include "core/base/Subprocess.h"
#include "core/device/OwnedFd.h"
#include "core/device/cuda/CudaToolkit.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace ww {
namespace {

constexpr size_t kMostPrinted = 16u << 20;
constexpr double kEndSeconds = 5;

/// A file that is gone when this dies.
class TemporaryFile {
public:
    [[nodiscard]] static Result<TemporaryFile> create(const std::string &content)
    {
        const char *folder = std::getenv("TMPDIR");
        TemporaryFile file;
        file.m_path = fmt::format("{}/cubin-XXXXXX", folder ? folder : "/tmp");
        const OwnedFd fd(::mkstemp(file.m_path.data()));
        if (!fd.valid()) {
            file.m_path.clear();
            return failure(ErrorCode::Infrastructure, "cannot make a temporary file", std::strerror(errno));
        }
        WW_CHECK(writeAll(fd.get(), content));
        return file;
    }
    ~TemporaryFile()
    {
        if (!m_path.empty())
            ::unlink(m_path.c_str());
    }
    TemporaryFile(TemporaryFile &&other) noexcept { std::swap(m_path, other.m_path); }
    TemporaryFile &operator=(TemporaryFile &&) = delete;
    TemporaryFile(const TemporaryFile &) = delete;
    TemporaryFile &operator=(const TemporaryFile &) = delete;
    [[nodiscard]] const std::string &path() const { return m_path; }

private:
    TemporaryFile() = default;
    std::string m_path;
};

/// The tool and the options with which it prints instructions alone; empty where there is none.
std::vector<std::string> toolCommand()
{
    std::vector<std::string> folders;
    for (const std::string &toolkit : toolkitFolders())
        folders.push_back(toolkit + "/bin");
    folders.emplace_back("/usr/bin");
    constexpr std::array kTools {std::array {"nvdisasm", "-c"}, std::array {"cuobjdump", "-sass"}};
    for (const auto &[name, option] : kTools) {
        for (const std::string &folder : folders) {
            const std::string path = folder + '/' + name;
            if (::access(path.c_str(), X_OK) == 0)
                return {path, option};
        }
    }
    return {};
}

std::string readAll(int fd, size_t most)
{
    std::string text;
    std::array<char, 65536> buffer;
    for (;;) {
        const ssize_t count = ::read(fd, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return text;
        // Read on beyond the limit: the tool must be able to end.
        if (text.size() < most)
            text.append(buffer.data(), static_cast<size_t>(count));
    }
}

} // namespace

Result<std::string> disassembled(const std::string &cubin)
{
    const char *what = "the machine code cannot be shown";
    SpawnOptions options;
    options.command = toolCommand();
    if (options.command.empty())
        return failure(ErrorCode::NotFound, what, "there is neither nvdisasm nor cuobjdump here",
                       "Install the CUDA Toolkit's binary utilities (Debian and Ubuntu: "
                       "cuda-nvdisasm-13-0) where the worker runs");
    const std::string tool = options.command.front();
    WW_TRY(const TemporaryFile file, TemporaryFile::create(cubin));
    options.command.push_back(file.path());
    // The sandbox takes a process group of its own for an attempt to escape.
    options.newProcessGroup = false;
    WW_TRY(Subprocess process, Subprocess::spawn(options));
    process.closeStdin();
    std::string printed = readAll(process.stdoutFd(), kMostPrinted);
    const std::optional<int> status = process.wait(kEndSeconds);
    if (status.value_or(-1) != 0 || printed.empty())
        return failure(ErrorCode::Infrastructure, what,
                       fmt::format("{} ended with status {}", tool, status.value_or(-1)),
                       "Use the tool of the toolkit that NVRTC is from");
    return printed;
}

} // namespace ww
