// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/Jail.h"
#include "core/device/OwnedFd.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>

namespace ww {
namespace {

// Rights and fields that came after the oldest header this must build with (kernel 6.1).
constexpr uint64_t kRefer = 1ull << 13, kTruncate = 1ull << 14, kIoctlDevice = 1ull << 15;
constexpr uint64_t kBindTcp = 1ull << 0, kConnectTcp = 1ull << 1;
constexpr uint64_t kScopeAbstractSocket = 1ull << 0, kScopeSignal = 1ull << 1;

struct RulesetAttributes {
    uint64_t files = 0;
    uint64_t network = 0; ///< from ABI 4
    uint64_t scoped = 0; ///< from ABI 6
};

constexpr uint64_t kRead =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr uint64_t kWrite = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR
    | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG
    | LANDLOCK_ACCESS_FS_MAKE_SYM | kRefer | kTruncate;
constexpr uint64_t kOther = LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_SOCK
    | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | kIoctlDevice;
/// Rights that a rule on something other than a folder may carry.
constexpr uint64_t kOfFiles = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE
    | LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate | kIoctlDevice;

/// What a compiler and a driver read. Nothing here holds a user's data.
constexpr std::array kSystemPaths {
    "/usr",          "/lib",          "/lib64",           "/bin",
    "/opt",          "/etc/OpenCL",   "/etc/ld.so.cache", "/etc/alternatives",
    "/proc/cpuinfo", "/proc/meminfo", "/proc/self",       "/sys/devices/system"};
constexpr std::array kDevicePaths {"/dev/null", "/dev/zero", "/dev/urandom"};

uint64_t rightsOfAbi(long abi)
{
    uint64_t rights = (kRead | kWrite | kOther) & ~(kRefer | kTruncate | kIoctlDevice);
    if (abi >= 2)
        rights |= kRefer;
    if (abi >= 3)
        rights |= kTruncate;
    if (abi >= 5)
        rights |= kIoctlDevice;
    return rights;
}

tl::unexpected<Error> landlockFailure(const std::string &what)
{
    const int code = errno;
    const bool missing = code == ENOSYS || code == EOPNOTSUPP;
    return failure(ErrorCode::Unsupported, what, std::strerror(code),
                   missing ? "The kernel needs Landlock (5.13 or later, 'landlock' in the lsm= list)" : "");
}

/// Allows `rights` beneath a path; a path that does not exist needs no rule.
Status allow(int ruleset, const std::string &path, uint64_t rights)
{
    const OwnedFd fd(::open(path.c_str(), O_PATH | O_CLOEXEC));
    struct stat facts { };
    if (!fd.valid() || ::fstat(fd.get(), &facts) != 0)
        return {};
    landlock_path_beneath_attr rule {};
    rule.parent_fd = fd.get();
    rule.allowed_access = S_ISDIR(facts.st_mode) ? rights : rights & kOfFiles;
    if (::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
        return landlockFailure("cannot add a rule for " + path);
    return {};
}

} // namespace

Status restrictFiles(const JailPolicy &policy)
{
    const long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 1)
        return landlockFailure("there is no Landlock");
    const uint64_t handled = rightsOfAbi(abi);
    RulesetAttributes attributes;
    attributes.files = handled;
    attributes.network = abi >= 4 ? kBindTcp | kConnectTcp : 0;
    attributes.scoped = abi >= 6 ? kScopeAbstractSocket | kScopeSignal : 0;
    const size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
    const OwnedFd ruleset(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, size, 0)));
    if (!ruleset.valid())
        return landlockFailure("cannot make a Landlock ruleset");
    for (const char *path : kSystemPaths)
        WW_CHECK(allow(ruleset.get(), path, kRead & handled));
    for (const std::string &path : policy.readable)
        WW_CHECK(allow(ruleset.get(), path, kRead & handled));
    for (const char *path : kDevicePaths)
        WW_CHECK(allow(ruleset.get(), path,
                       (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate) & handled));
    if (policy.gpu) {
        // Graphics drivers open their nodes, read sysfs and name their threads in /proc.
        WW_CHECK(allow(ruleset.get(), "/dev",
                       (kRead | LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate | kIoctlDevice) & handled));
        WW_CHECK(allow(ruleset.get(), "/sys", kRead & handled));
        WW_CHECK(
            allow(ruleset.get(), "/proc", (kRead | LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate) & handled));
    }
    WW_CHECK(allow(ruleset.get(), policy.writable, (kRead | kWrite) & handled));
    if (::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0)
        return landlockFailure("cannot enforce Landlock");
    return {};
}

} // namespace ww
