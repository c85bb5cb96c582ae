// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/SampleCollector.h"

#include <algorithm>
#include <cmath>

namespace ww {
namespace {

constexpr double kBatchSeconds = 0.06;
/// Half the 95 % interval of the median, relative. Calibrated on PoCL with pinned threads, where kernels of
/// 0.1–3 ms reach it in 20 to 60 samples.
constexpr double kQuiet = 0.02;
constexpr size_t kMostSamples = 1000;
/// A launch this slow is measured well enough by few samples, and many would eat the budget.
constexpr double kSlowUs = 20e3;
constexpr size_t kSamples = 20, kSlowSamples = 6;
/// Beyond this the exact ratio interests nobody.
constexpr double kHopelessRatio = 3;

double medianUs(const std::vector<float> &us)
{
    return quantile(us, 0.5);
}

} // namespace

SampleCollector::SampleCollector(std::string workload, uint64_t seed, double wallSeconds)
    : m_seed(seed), m_wallSeconds(wallSeconds)
{
    m_samples.workload = std::move(workload);
}

size_t SampleCollector::wantedSamples(double median) const
{
    if (hopeless() || median >= 5 * kSlowUs)
        return kSlowSamples;
    return median >= kSlowUs ? kSamples / 2 : kSamples;
}

bool SampleCollector::hopeless() const
{
    constexpr size_t kEnoughToTell = 4;
    return m_samples.candidateUs.size() >= kEnoughToTell && m_samples.baselineUs.size() >= kEnoughToTell
        && quantile(m_samples.candidateUs, 0.25) > kHopelessRatio * medianUs(m_samples.baselineUs);
}

bool SampleCollector::quiet(const std::vector<float> &us) const
{
    return us.size() >= wantedSamples(medianUs(us))
        && (hopeless() || medianOf(us, m_seed).relativeHalfWidth() <= kQuiet);
}

bool SampleCollector::settled() const
{
    return quiet(m_samples.candidateUs) && quiet(m_samples.baselineUs);
}

std::vector<Seat> SampleCollector::nextBatch() const
{
    const std::vector<float> &candidate = m_samples.candidateUs;
    const std::vector<float> &baseline = m_samples.baselineUs;
    const size_t taken = candidate.size() + baseline.size();
    // The first block tells how long things take.
    const std::vector<Seat> first {Seat::Candidate, Seat::Baseline, Seat::Baseline, Seat::Candidate};
    if (taken == 0)
        return first;
    const bool full = std::min(candidate.size(), baseline.size()) >= kMostSamples;
    if (full || m_spentSeconds >= m_wallSeconds || settled())
        return {};
    // Several launches of the faster side stand against one of the slower, so that a baseline of 150 ms
    // does not leave the candidate with a handful of samples.
    const double candidateUs = std::max(medianUs(candidate), 1e-3),
                 baselineUs = std::max(medianUs(baseline), 1e-3);
    const auto repeats = [](double slower, double faster) {
        return static_cast<size_t>(std::clamp(std::round(slower / faster / 4), 1.0, 4.0));
    };
    const size_t candidates = repeats(baselineUs, candidateUs), baselines = repeats(candidateUs, baselineUs);
    const double perSample = m_spentSeconds / static_cast<double>(taken);
    const double blockSeconds = 2
        * std::max(perSample,
                   (static_cast<double>(candidates) * candidateUs
                    + static_cast<double>(baselines) * baselineUs)
                       * 1e-6);
    const auto blocks = static_cast<size_t>(std::clamp(kBatchSeconds / blockSeconds, 1.0, 16.0));
    std::vector<Seat> order;
    for (size_t block = 0; block < blocks; ++block) {
        order.insert(order.end(), candidates, Seat::Candidate);
        order.insert(order.end(), 2 * baselines, Seat::Baseline);
        order.insert(order.end(), candidates, Seat::Candidate);
    }
    return order;
}

void SampleCollector::add(const std::vector<Seat> &order, const std::vector<float> &us, double wallSeconds)
{
    for (size_t i = 0; i < order.size() && i < us.size(); ++i)
        (order[i] == Seat::Candidate ? m_samples.candidateUs : m_samples.baselineUs).push_back(us[i]);
    m_spentSeconds += wallSeconds;
}

} // namespace ww
