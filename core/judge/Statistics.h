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

/// Median with the interval between order statistics, whose ranks follow from the binomial law; samples that
/// follow each other are alike (a busy machine, a clock that changes), and the interval is widened by as much
/// as they are.
[[nodiscard]] Estimate medianOf(std::span<const float> samples);

/// The record of one workload's samples in µs, in the order taken; `unstable` is left to the caller.
[[nodiscard]] TimingRecord timingOf(const std::string &workload, std::vector<float> samplesUs);

/// Samples of both sides on one workload, taken interleaved.
struct PairedSamples {
    std::string workload;
    std::vector<float> baselineUs;
    std::vector<float> candidateUs;
};

/// Resamples of a bootstrap.
constexpr int kResamples = 1000;

/// Ratio of medians baseline / candidate, per workload and as geometric mean, with intervals from a bootstrap
/// of pairs (a pure function of samples and seed), and the verdict: FASTER or SLOWER when the interval lies
/// beyond 1 ± δ, SAME when it lies within, AMBIGUOUS otherwise; δ = max(1 %, the baseline's own noise, the
/// noise floor that was measured on the device: 0 where it was not).
[[nodiscard]] SpeedupRecord speedupOf(const std::string &baseline,
                                      const std::vector<PairedSamples> &workloads, uint64_t seed,
                                      double noiseFloor = 0);

} // namespace ww
