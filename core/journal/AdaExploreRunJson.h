// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ww {

/// One step of a packed AdaExplore run, as the file has it.
struct AdaExploreStep {
    int step = 0;
    int64_t node = 0;
    int64_t parent = -1; ///< −1 for the dummy root
    std::vector<int64_t> context;
    std::string createdBy; ///< "dummy_root" | "large_step" | "small_step"
    bool compiled = false; ///< that the module could be imported, no more
    bool correct = false;
    double speedup = 0;
    double reward = 0; ///< max_reward, a snapshot at the node's creation: its own reward
    double runtimeMs = 0; ///< runtime_us, which holds milliseconds; not positive when unknown
    double baselineMs = 0; ///< baseline_time_us, likewise
    std::string hardware;
    std::string error;
    std::string code;
};

/// A packed run: one JSON document.
struct AdaExploreRun {
    std::string label;
    std::string directory;
    std::string reference;
    std::vector<AdaExploreStep> steps;
};

/// Reads the document; it comes from a stranger, so types and sizes are checked, not its meaning.
[[nodiscard]] Result<AdaExploreRun> adaExploreRunFromJson(std::string_view text);

} // namespace ww
