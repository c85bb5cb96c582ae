// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Machine.h"

#include <algorithm>
#include <fstream>

#include <unistd.h>

namespace ww {

uint64_t memoryOfThisMachine()
{
    const auto pages = static_cast<uint64_t>(std::max(0l, ::sysconf(_SC_PHYS_PAGES)));
    uint64_t bytes = pages * static_cast<uint64_t>(std::max(0l, ::sysconf(_SC_PAGESIZE)));
    // Control groups of version 2 and 1; "max" and what cannot be read set no limit.
    for (const char *path : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
        std::ifstream file(path);
        uint64_t limit = 0;
        if (file >> limit && limit > 0)
            bytes = std::min(bytes, limit);
    }
    return bytes;
}

} // namespace ww
