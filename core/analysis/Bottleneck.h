// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/judge/ProfileRecord.h"

#include <map>
#include <string>
#include <vector>

namespace ww {

/// What holds a kernel back, by rules on its profile.
struct Bottleneck {
    /// "memory bandwidth", "matrix units", "arithmetic", "cache and shared memory", "too little work",
    /// "latency"; "unknown" where the figures that decide are missing.
    std::string name;
    std::vector<std::string> reasons; ///< a sentence each with its figures, the weightiest first
};

/// The class of a profile: the unit that is at 60 % of what it can do or more decides (the rule of thumb of
/// the vendor's "Speed of Light" section); where none is, too few busy multiprocessors, else latency. Missing
/// metrics take part in no rule. Pure.
[[nodiscard]] Bottleneck bottleneckOf(const std::map<std::string, double> &metrics);

/// The profile in a few lines for a prompt or a person: class, reasons, then each metric with its unit.
[[nodiscard]] std::string profileText(const ProfileRecord &profile);

} // namespace ww
