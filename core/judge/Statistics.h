// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/judge/Evaluation.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ww {

/// An estimate with its 95 % interval.
struct Estimate {
    double value = 0;
    double low = 0, high = 0;

    /// Half the interval's width over the value; 0 for a value of 0.
    [[nodiscard]] double relativeHalfWidth() const;
};

/// The q-quantile, 0…1, between neighbours where it falls between them; 0 of nothing.
[[nodiscard]] double quantile(std::span<const float> samples, double q);

/// Medians of `kResamples` bootstrap resamples (Efron 1979), in the order drawn: a pure function of
/// samples and seed.
constexpr int kResamples = 1000;
[[nodiscard]] std::vector<double> bootstrapMedians(std::span<const float> samples, uint64_t seed);

/// Median with the percentile interval of its bootstrap.
[[nodiscard]] Estimate medianOf(std::span<const float> samples, uint64_t seed);

/// The record of one workload's samples in µs; `unstable` is left to the caller.
[[nodiscard]] TimingRecord timingOf(const std::string &workload, std::vector<float> samplesUs, uint64_t seed);

/// Samples of both sides on one workload, taken interleaved.
struct PairedSamples {
    std::string workload;
    std::vector<float> baselineUs;
    std::vector<float> candidateUs;
};

/// Ratio of medians baseline / candidate, per workload and as geometric mean, with bootstrap intervals,
/// and the verdict: FASTER or SLOWER when the interval lies beyond 1 ± δ, SAME when it lies within,
/// AMBIGUOUS otherwise; δ = max(1 %, the baseline's own noise).
[[nodiscard]] SpeedupRecord speedupOf(const std::string &baseline,
                                      const std::vector<PairedSamples> &workloads, uint64_t seed);

} // namespace ww
