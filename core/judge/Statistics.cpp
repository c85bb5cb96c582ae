// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/Statistics.h"

#include "core/base/Random.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ww {
namespace {

constexpr double kSmallestEffect = 0.01;
/// The normal quantile of 97.5 %.
constexpr double kTwoSided95 = 1.96;

template <class T> double quantileOfSorted(const std::vector<T> &sorted, double q)
{
    if (sorted.empty())
        return 0;
    const double place = q * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<size_t>(place);
    const size_t above = std::min(below + 1, sorted.size() - 1);
    const double fraction = place - static_cast<double>(below);
    return static_cast<double>(sorted[below]) * (1 - fraction)
        + static_cast<double>(sorted[above]) * fraction;
}

Estimate estimateFrom(double value, std::vector<double> draws)
{
    std::sort(draws.begin(), draws.end());
    return {value, quantileOfSorted(draws, 0.025), quantileOfSorted(draws, 0.975)};
}

/// Median of `values`, which it reorders.
double medianInPlace(std::vector<float> &values)
{
    const size_t middle = values.size() / 2;
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(middle);
    std::nth_element(values.begin(), at, values.end());
    if (values.size() % 2 != 0)
        return static_cast<double>(*at);
    return (static_cast<double>(*at) + static_cast<double>(*std::max_element(values.begin(), at))) / 2;
}

/// By how much samples that follow each other are alike: the factor on the variance of their median. One plus
/// twice the autocorrelations of their signs about the median, up to the second lag that shows none; each lag
/// is corrected for its bias of −1/n.
double varianceInflation(std::span<const float> samples, double median)
{
    const size_t count = samples.size();
    std::vector<double> signs(count);
    double mean = 0;
    for (size_t i = 0; i < count; ++i) {
        const auto value = static_cast<double>(samples[i]);
        signs[i] = value > median ? 1 : value < median ? -1 : 0;
        mean += signs[i] / static_cast<double>(count);
    }
    double variance = 0;
    for (double &sign : signs) {
        sign -= mean;
        variance += sign * sign;
    }
    double inflation = 1;
    int without = 0;
    for (size_t lag = 1; variance > 0 && lag <= count / 3 && without < 2; ++lag) {
        double product = 0;
        for (size_t i = 0; i + lag < count; ++i)
            product += signs[i] * signs[i + lag];
        const double correlation = product / variance + 1 / static_cast<double>(count);
        without += correlation <= 0 ? 1 : 0;
        inflation += 2 * std::max(correlation, 0.0);
    }
    return inflation;
}

/// Baseline over candidate; a clock that does not tick must not become an infinite speed-up.
double ratio(double baselineUs, double candidateUs)
{
    const double least = 1e-3;
    return std::max(baselineUs, least) / std::max(candidateUs, least);
}

/// Ratios of medians over resamples (Efron 1979). Drawn are groups of samples that were taken side by side,
/// so that what slows both sides down together cancels out as it does in the measurement.
std::vector<double> bootstrapRatios(const PairedSamples &pair, RandomStream &random)
{
    const size_t groups = std::min(pair.candidateUs.size(), pair.baselineUs.size());
    const auto append = [&](const std::vector<float> &from, size_t group, std::vector<float> &to) {
        for (size_t i = group * from.size() / groups; i < (group + 1) * from.size() / groups; ++i)
            to.push_back(from[i]);
    };
    std::vector<double> ratios;
    ratios.reserve(kResamples);
    std::vector<float> candidate, baseline;
    for (int i = 0; i < kResamples; ++i) {
        candidate.clear();
        baseline.clear();
        for (size_t k = 0; k < groups; ++k) {
            const size_t group = random.below(static_cast<uint32_t>(groups));
            append(pair.candidateUs, group, candidate);
            append(pair.baselineUs, group, baseline);
        }
        ratios.push_back(ratio(medianInPlace(baseline), medianInPlace(candidate)));
    }
    return ratios;
}

void decide(SpeedupRecord &record, double delta)
{
    const std::string interval = fmt::format("{:.3f}–{:.3f}", record.ci95Low, record.ci95High);
    const std::string band = fmt::format("1 ± {:.1f} %", delta * 100);
    if (record.ci95Low > 1 + delta) {
        record.verdict = "FASTER";
        record.reason = fmt::format("the interval {} lies above {}", interval, band);
    } else if (record.ci95High < 1 - delta) {
        record.verdict = "SLOWER";
        record.reason = fmt::format("the interval {} lies below {}", interval, band);
    } else if (record.ci95Low >= 1 - delta && record.ci95High <= 1 + delta) {
        record.verdict = "SAME";
        record.reason = fmt::format("the interval {} lies within {}", interval, band);
    } else {
        record.verdict = "AMBIGUOUS";
        record.reason = fmt::format("the interval {} reaches into {} and out of it", interval, band);
    }
}

} // namespace

double Estimate::relativeHalfWidth() const
{
    return value != 0 ? (high - low) / 2 / std::abs(value) : 0;
}

double quantile(std::span<const float> samples, double q)
{
    std::vector<float> sorted(samples.begin(), samples.end());
    std::sort(sorted.begin(), sorted.end());
    return quantileOfSorted(sorted, q);
}

Estimate medianOf(std::span<const float> samples)
{
    std::vector<float> sorted(samples.begin(), samples.end());
    std::sort(sorted.begin(), sorted.end());
    const double median = quantileOfSorted(sorted, 0.5);
    if (sorted.size() < 2)
        return {median, median, median};
    const auto last = static_cast<double>(sorted.size() - 1);
    const double ranks =
        kTwoSided95 * std::sqrt(static_cast<double>(sorted.size()) * varianceInflation(samples, median)) / 2;
    return {median, quantileOfSorted(sorted, std::max(0.0, 0.5 - ranks / last)),
            quantileOfSorted(sorted, std::min(1.0, 0.5 + ranks / last))};
}

TimingRecord timingOf(const std::string &workload, std::vector<float> samplesUs)
{
    const Estimate median = medianOf(samplesUs);
    TimingRecord record;
    record.workload = workload;
    record.n = static_cast<int>(samplesUs.size());
    record.medianUs = median.value;
    record.ci95LowUs = median.low;
    record.ci95HighUs = median.high;
    record.p10Us = quantile(samplesUs, 0.1);
    record.p90Us = quantile(samplesUs, 0.9);
    record.minUs = quantile(samplesUs, 0);
    record.samplesUs = std::move(samplesUs);
    return record;
}

SpeedupRecord speedupOf(const std::string &baseline, const std::vector<PairedSamples> &workloads,
                        uint64_t seed, double noiseFloor)
{
    SpeedupRecord record;
    record.baseline = baseline;
    double logSum = 0, noise = noiseFloor;
    std::vector<double> logDraws(kResamples, 0.0);
    for (const PairedSamples &pair : workloads) {
        if (pair.baselineUs.empty() || pair.candidateUs.empty())
            continue;
        SpeedupRecord::PerWorkload entry;
        entry.workload = pair.workload;
        const Estimate base = medianOf(pair.baselineUs);
        entry.baselineMedianUs = base.value;
        entry.candidateMedianUs = quantile(pair.candidateUs, 0.5);
        RandomStream random(seed, record.workloads.size());
        std::vector<double> draws = bootstrapRatios(pair, random);
        for (size_t i = 0; i < draws.size(); ++i)
            logDraws[i] += std::log(draws[i]);
        const Estimate estimate =
            estimateFrom(ratio(entry.baselineMedianUs, entry.candidateMedianUs), std::move(draws));
        entry.ratio = estimate.value;
        entry.ci95Low = estimate.low;
        entry.ci95High = estimate.high;
        logSum += std::log(estimate.value);
        noise = std::max(noise, base.relativeHalfWidth());
        record.workloads.push_back(std::move(entry));
    }
    if (record.workloads.empty()) {
        record.verdict = "AMBIGUOUS";
        record.reason = "nothing was timed";
        return record;
    }
    const auto count = static_cast<double>(record.workloads.size());
    for (double &draw : logDraws)
        draw = std::exp(draw / count);
    const Estimate mean = estimateFrom(std::exp(logSum / count), std::move(logDraws));
    record.ratio = mean.value;
    record.ci95Low = mean.low;
    record.ci95High = mean.high;
    decide(record, std::max(kSmallestEffect, noise));
    return record;
}

} // namespace ww
