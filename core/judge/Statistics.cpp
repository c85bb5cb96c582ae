// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/Statistics.h"

#include "core/base/Random.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ww {
namespace {

constexpr double kSmallestEffect = 0.01;

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
    return { value, quantileOfSorted(draws, 0.025), quantileOfSorted(draws, 0.975) };
}

/// Median of `values`, which it reorders.
double medianInPlace(std::vector<float> &values)
{
    const size_t middle = values.size() / 2;
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(middle);
    std::nth_element(values.begin(), at, values.end());
    if (values.size() % 2 != 0)
        return *at;
    return (double{ *at } + double{ *std::max_element(values.begin(), at) }) / 2;
}

/// One element-wise operation over two lists of draws.
template <class F>
std::vector<double> combined(const std::vector<double> &a, const std::vector<double> &b, F f)
{
    std::vector<double> out(std::min(a.size(), b.size()));
    for (size_t i = 0; i < out.size(); ++i)
        out[i] = f(a[i], b[i]);
    return out;
}

/// Baseline over candidate; a clock that does not tick must not become an infinite speed-up.
double ratio(double baselineUs, double candidateUs)
{
    const double least = 1e-3;
    return std::max(baselineUs, least) / std::max(candidateUs, least);
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

std::vector<double> bootstrapMedians(std::span<const float> samples, uint64_t seed)
{
    std::vector<double> medians;
    if (samples.empty())
        return medians;
    medians.reserve(kResamples);
    RandomStream random(seed, samples.size());
    std::vector<float> resample(samples.size());
    for (int i = 0; i < kResamples; ++i) {
        for (float &value : resample)
            value = samples[random.below(static_cast<uint32_t>(samples.size()))];
        medians.push_back(medianInPlace(resample));
    }
    return medians;
}

Estimate medianOf(std::span<const float> samples, uint64_t seed)
{
    return estimateFrom(quantile(samples, 0.5), bootstrapMedians(samples, seed));
}

TimingRecord timingOf(const std::string &workload, std::vector<float> samplesUs, uint64_t seed)
{
    const Estimate median = medianOf(samplesUs, seed);
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
                        uint64_t seed)
{
    SpeedupRecord record;
    record.baseline = baseline;
    double logSum = 0, noise = 0;
    std::vector<double> logDraws(kResamples, 0.0);
    for (const PairedSamples &pair : workloads) {
        if (pair.baselineUs.empty() || pair.candidateUs.empty())
            continue;
        SpeedupRecord::PerWorkload entry;
        entry.workload = pair.workload;
        const std::vector<double> before = bootstrapMedians(pair.baselineUs, seed);
        const std::vector<double> after = bootstrapMedians(pair.candidateUs, seed + 1);
        const Estimate base = estimateFrom(quantile(pair.baselineUs, 0.5), before);
        entry.baselineMedianUs = base.value;
        entry.candidateMedianUs = quantile(pair.candidateUs, 0.5);
        std::vector<double> draws = combined(before, after, ratio);
        logDraws = combined(logDraws, draws, [](double sum, double r) { return sum + std::log(r); });
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
