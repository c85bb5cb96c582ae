// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/CudaArchitecture.h"

namespace ww {

/// What one block of a kernel asks of a multiprocessor.
struct BlockNeeds {
    int64_t threads = 1;
    int64_t registersPerThread = 0;
    int64_t sharedBytes = 0; ///< static and dynamic together
    int64_t barriers = 0;
};

/// How many blocks one multiprocessor holds at once, and what allows no more of them.
struct Occupancy {
    int blocksPerSm = 0; ///< 0: the block does not fit at all
    int warpsPerSm = 0;
    double ratio = 0; ///< warps there are of warps there could be, 0…1
    std::string
        limiter; ///< "warps", "blocks", "registers", "shared memory", "barriers"; several are joined by ", "
};

/// Theoretical occupancy: each resource in its allocation steps, the scarcest decides. Agrees with
/// cuda_occupancy.h of toolkit 13.0 (tests/device/tst_cuda_occupancy.cpp).
[[nodiscard]] Occupancy occupancyOf(const CudaArchitecture &architecture, const BlockNeeds &block);

} // namespace ww
