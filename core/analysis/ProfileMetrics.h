// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

namespace ww {

/// One figure that a profile holds, whoever counted it.
struct ProfileMetric {
    std::string_view name; ///< ours: "dram_pct"
    std::string_view counter; ///< NVIDIA's, the same for CUPTI and ncu
    double scale; ///< ours = theirs · scale
    std::string_view unit; ///< of ours: "%", "µs", "bytes", "" for a ratio
    std::string_view meaning; ///< a few words
};

/// The figures of a profile, in the order in which they are shown. The counters' names were checked against
/// the host part of CUPTI 13.0 for GH100, GA100, AD102 and TU102; a chip that lacks one leaves it out.
[[nodiscard]] std::span<const ProfileMetric> profileMetrics();

/// The metric of that name of ours, or null.
[[nodiscard]] const ProfileMetric *findProfileMetric(std::string_view name);

/// A range of CUPTI's begins some 25 µs before its first kernel and ends as long after its last. Brings
/// figures per elapsed time, and the time itself, to the cycles in which the busiest multiprocessor had work;
/// without those two counts nothing changes.
void leaveOutIdleEnds(std::map<std::string, double> &metrics);

/// A sentence where the counters ran for much longer than the plan takes when it is timed, as they do for one
/// of less than some 50 µs; empty where they did not, or where either time is not known.
[[nodiscard]] std::string remarkOnShortPlan(const std::map<std::string, double> &metrics, double timedUs);

} // namespace ww
