// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

namespace ww {

/// What hardware counters say of one run of a candidate, and what that means.
struct ProfileRecord {
    std::string source; ///< who counted: "CUPTI", "ncu"
    std::string workload; ///< empty where it came from a file that does not say
    std::map<std::string, double> metrics; ///< by the names of analysis/ProfileMetrics.h
    std::string bottleneck; ///< class (analysis/Bottleneck.h): "memory bandwidth", "latency", …
    std::vector<std::string> reasons; ///< why that class, a sentence each, the weightiest first
    double passes = 0; ///< runs that it took to count everything; 0 when unknown
};

} // namespace ww
