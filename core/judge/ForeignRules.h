// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/judge/Compare.h"
#include "core/judge/Statistics.h"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ww {

/// The rule of a published harness for one kind of element, for showing what it would have said of a
/// candidate (harnesses.md, 1.1 to 1.4; each harness's own defaults).
struct ForeignRule {
    std::string profile; ///< "kernelbench", "robust-kbench", "flashinfer-bench", "sol-execbench"
    double atol = 0; ///< absolute, not scaled by the reference's size
    double rtol = 0;
    bool eitherSuffices = false; ///< an element is wrong only when both limits are broken
    bool nonFiniteFails = false; ///< a NaN or infinity on either side fails the output
    bool zerosFail = false; ///< an output of zeros fails where the reference has others
    double matchedRatio = 1; ///< share of elements that must be within
    bool mean = false; ///< speeds are ratios of means, else of medians
};
/// The four profiles for elements of that type.
[[nodiscard]] std::vector<ForeignRule> foreignRules(DType type);

/// Why the rule refuses the output; nothing where it takes it.
[[nodiscard]] std::optional<std::string> refusalBy(const ForeignRule &rule, DType type,
                                                   std::span<const std::byte> actual,
                                                   std::span<const std::byte> expected);

/// Baseline over candidate by the rule's own statistic, as geometric mean over workloads; 0 of nothing.
[[nodiscard]] double foreignSpeedup(const ForeignRule &rule, const std::vector<PairedSamples> &workloads);

/// Gathers what the profiles say of one candidate. They look at the task's own data alone, as those harnesses
/// do: what our further data sets find is for comparison.
class ForeignJudges {
public:
    /// One output on the task's own data; `found` is our comparison of the two, which spares most scans.
    void see(const std::string &workload, const TensorSpec &output, std::span<const std::byte> actual,
             std::span<const std::byte> expected, const Comparison &found);

    /// One record a profile, with speeds from the samples and scores from the speed of light in `timing`;
    /// empty when no output was seen.
    [[nodiscard]] std::vector<ForeignRecord> records(const std::vector<PairedSamples> &samples,
                                                     const std::vector<TimingRecord> &timing) const;

private:
    struct Seen {
        DType type = DType::Float32;
        std::map<std::string, std::string> refusals; ///< by profile
    };
    std::map<std::string, Seen> m_seen; ///< by "'output' on 'workload'"
};

} // namespace ww
