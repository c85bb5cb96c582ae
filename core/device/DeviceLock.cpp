// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/DeviceLock.h"

#include "core/base/Hash.h"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace ww {
namespace {

/// One file a device for the whole host, so /tmp and not the user's runtime folder.
std::string lockPath(const Capabilities &device)
{
    const std::string what =
        device.deviceKind == "cpu" ? "cpu" : sha256Hex(device.platform + '\n' + device.device).substr(0, 12);
    return "/tmp/warpwright-lock-" + what;
}

OwnedFd openLockFile(const std::string &path)
{
    OwnedFd file(::open(path.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
    // In a sticky folder the system may refuse O_CREAT on a file of somebody else's.
    if (!file.valid())
        file = OwnedFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    return file;
}

} // namespace

Result<DeviceLock> DeviceLock::acquire(const Capabilities &device, double seconds,
                                       const Cancellation &cancellation)
{
    using Clock = std::chrono::steady_clock;
    constexpr int kRetryMilliseconds = 10;
    const std::string path = lockPath(device);
    DeviceLock lock;
    lock.m_file = openLockFile(path);
    if (!lock.m_file.valid())
        return failure(ErrorCode::Infrastructure, "cannot open the device lock " + path,
                       std::strerror(errno));
    const auto start = Clock::now();
    while (::flock(lock.m_file.get(), LOCK_EX | LOCK_NB) != 0) {
        lock.m_waitedSeconds = std::chrono::duration<double>(Clock::now() - start).count();
        if (lock.m_waitedSeconds > seconds)
            return failure(ErrorCode::Timeout, "the device is busy",
                           fmt::format("another worker has held {} for {:g} s", path, seconds),
                           "Wait for the other search, or end the worker that hangs");
        pollfd entry {cancellation.fd(), POLLIN, 0};
        if (::poll(&entry, 1, kRetryMilliseconds) > 0)
            return failure(ErrorCode::Cancelled, "waiting for the device was cancelled");
    }
    return lock;
}

} // namespace ww
