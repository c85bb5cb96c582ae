// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ww {

/// What a child process takes away from itself before it touches a stranger's code.
struct JailPolicy {
    bool landlock = false;
    bool systemCalls = false; ///< seccomp filter
    bool limits = false; ///< rlimits
    std::string writable; ///< the only folder that may be written to
    std::vector<std::string> readable; ///< folders and files beyond the system's own that may be read
    uint64_t addressSpaceBytes = 0; ///< 0 = no limit
    uint64_t fileBytes = 0; ///< largest file it may write
    uint64_t tasks = 0; ///< processes and threads of its user; 0 = no limit
    bool gpu = false; ///< the driver needs device nodes and calls that a CPU device does not
};

/// What is in force after applyJail().
struct JailReport {
    bool landlock = false;
    bool systemCalls = false;
    bool limits = false;
    std::string note; ///< what could not be applied and why; empty when all was
};

/// Applies the policy to this process for good: no_new_privs, non-dumpable, then limits, Landlock and
/// the system call filter. What the kernel refuses is in the note; the caller decides whether to go on.
[[nodiscard]] JailReport applyJail(const JailPolicy &policy);

/// Landlock (files, and TCP and signals where the kernel can): read and execute in the system's folders
/// and `readable`, write in `writable` alone.
[[nodiscard]] Status restrictFiles(const JailPolicy &policy);

/// Allow-list of system calls. One that only hostile code makes (sockets, ptrace, signals to others)
/// ends the process with SIGSYS; any other that is not on the list fails with EPERM. Beside a graphics driver
/// (`gpu`), which makes more calls than can be listed, everything is allowed but what reaches other processes,
/// the network and the kernel.
[[nodiscard]] Status restrictSystemCalls(bool gpu);

} // namespace ww
