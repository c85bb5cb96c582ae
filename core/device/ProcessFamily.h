// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <set>

#include <sys/types.h>

namespace ww {

/// What a child and everything it started take of the machine.
struct FamilyFacts {
    int processes = 0; ///< zombies not counted
    uint64_t tasks = 0; ///< their threads, the main ones included
    uint64_t residentBytes = 0;
};

/// Facts about the process, its process group and all descendants, from /proc.
[[nodiscard]] FamilyFacts familyOf(pid_t root);

/// Processes and threads that the user has now: what RLIMIT_NPROC counts from.
[[nodiscard]] uint64_t tasksOfUser(uid_t user);

/// Reaps children of this process that have ended and that nobody waits for: orphans that came to it as a
/// child subreaper. `waitedFor` are left to their owners.
void reapOrphans(const std::set<pid_t> &waitedFor);

} // namespace ww
