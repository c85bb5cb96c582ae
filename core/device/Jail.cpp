// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/Jail.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include <sys/prctl.h>
#include <sys/resource.h>

namespace ww {
namespace {

// An address sanitizer reserves terabytes of address space that it never touches.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kLimitAddressSpace = false;
#else
constexpr bool kLimitAddressSpace = true;
#endif

/// A process that computes for two hours is not coming back; the supervisor's own limits are far lower.
constexpr uint64_t kCpuSeconds = 7200;
constexpr uint64_t kOpenFiles = 512;

Status limit(__rlimit_resource_t which, const char *name, uint64_t value)
{
    rlimit current {};
    if (::getrlimit(which, &current) != 0)
        return failure(ErrorCode::Infrastructure, name, std::strerror(errno));
    const rlim_t wanted = std::min<rlim_t>(value, current.rlim_max);
    const rlimit next {wanted, wanted};
    if (::setrlimit(which, &next) != 0)
        return failure(ErrorCode::Infrastructure, name, std::strerror(errno));
    return {};
}

Status applyLimits(const JailPolicy &policy)
{
    WW_CHECK(limit(RLIMIT_CORE, "core", 0));
    WW_CHECK(limit(RLIMIT_CPU, "cpu", kCpuSeconds));
    WW_CHECK(limit(RLIMIT_NOFILE, "nofile", kOpenFiles));
    if (policy.fileBytes > 0)
        WW_CHECK(limit(RLIMIT_FSIZE, "fsize", policy.fileBytes));
    if (policy.tasks > 0)
        WW_CHECK(limit(RLIMIT_NPROC, "nproc", policy.tasks));
    if (policy.addressSpaceBytes > 0 && kLimitAddressSpace)
        WW_CHECK(limit(RLIMIT_AS, "as", policy.addressSpaceBytes));
    return {};
}

} // namespace

JailReport applyJail(const JailPolicy &policy)
{
    JailReport report;
    const auto attempt = [&](bool wanted, const char *name, Status (*apply)(const JailPolicy &)) {
        if (!wanted)
            return false;
        const Status done = apply(policy);
        if (!done)
            report.note +=
                fmt::format("{}{}: {}", report.note.empty() ? "" : "; ", name, done.error().message());
        return done.has_value();
    };
    if (policy.landlock || policy.systemCalls)
        ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    // A graphics driver opens files of its own in /proc, which then would be root's; no native code of a
    // candidate runs beside it.
    if (policy.limits && !policy.gpu)
        ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    report.limits = attempt(policy.limits, "rlimits", applyLimits);
    report.landlock = attempt(policy.landlock, "Landlock", restrictFiles);
    report.systemCalls =
        attempt(policy.systemCalls, "seccomp", [](const JailPolicy &p) { return restrictSystemCalls(p.gpu); });
    return report;
}

} // namespace ww
