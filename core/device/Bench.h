// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/CompileAhead.h"
#include "core/device/RunnerPool.h"
#include "core/device/WorkloadData.h"

#include <map>

namespace ww {

/// What is known of a baseline from a runner that no candidate has touched.
struct CleanBaseline {
    double medianUs = 0;
};

/// What the task's library takes on a workload: median with its interval.
struct LibraryTime {
    double medianUs = 0, lowUs = 0, highUs = 0;
};

/// Everything that outlives one evaluation on one device.
struct Bench {
    Bench(const Sandbox &walls, const ChosenDevice &chosen)
        : sandbox(walls), device(chosen), runners(walls, chosen), baselines(0, 400), libraries(0, 400)
    {
        if (chosen.facts.compilers > 1)
            ahead = std::make_unique<CompileAhead>(walls, chosen, chosen.facts.compilers - 1);
    }

    const Sandbox &sandbox;
    ChosenDevice device; ///< facts include measured peaks once they are known
    RunnerPool runners;
    WorkloadData data;
    LruCache<CleanBaseline> baselines;
    LruCache<LibraryTime> libraries;
    std::unique_ptr<CompileAhead> ahead; ///< where there are compilers beside the one of the runners' pool
    bool peaksKnown = false;
    bool peaksRaised = false; ///< measured a second time
};

} // namespace ww
