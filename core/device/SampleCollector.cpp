// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/SampleCollector.h"

#include <algorithm>
#include <cmath>

namespace ww {
namespace {

constexpr double kBatchSeconds = 0.06;
/// Half the 95 % interval of the median, relative. On PoCL with pinned threads and an idle machine kernels
/// of 0.1–10 ms reach it with the least number of samples; on a busy one some never do.
constexpr double kQuiet = 0.02;
constexpr size_t kMostSamples = 1000;
/// Noise that has not settled by then is the machine's, and waiting does not help; a verdict within a second
/// does.
constexpr double kNoisySeconds = 0.6;
/// How long two nearly equal kernels are told apart.
constexpr double kUndecidedSeconds = 0.4;
/// The same for a candidate that may be a new best: there it matters most.
constexpr double kRacingSeconds = 1.0;
/// A launch this slow is measured well enough by few samples, and many would eat the budget.
constexpr double kSlowUs = 20e3, kVerySlowUs = 100e3;
constexpr size_t kSamples = 20, kSlowSamples = 10, kVerySlowSamples = 6;
/// Beyond this the exact ratio interests nobody.
constexpr double kHopelessRatio = 3;
/// The same against the best so far (evaluation.md, 3, screen).
constexpr double kHopelessAgainstBest = 1.5;
/// Launches of the faster side against one of the slower, in each half of a block.
constexpr double kMostRepeats = 4;

/// Of the running median clock: below it a device is throttled (evaluation.md, 5.7).
constexpr double kThrottledShare = 0.75;
constexpr size_t kClocksKnown = 8;
constexpr double kMostDiscarded = 0.2;
constexpr double kLeastRest = 0.05, kMostRest = 0.5;

double medianUs(const std::vector<float> &us)
{
    return quantile(us, 0.5);
}

} // namespace

SampleCollector::SampleCollector(std::string workload, uint64_t seed, double wallSeconds, double toBeat,
                                 double noiseFloor)
    : m_seed(seed), m_wallSeconds(wallSeconds), m_toBeat(std::max(toBeat, 1.0)), m_noiseFloor(noiseFloor)
{
    m_samples.workload = std::move(workload);
}

bool SampleCollector::hopeless() const
{
    constexpr size_t kEnoughToTell = 4;
    const double ratio =
        m_toBeat > 1 ? std::min(kHopelessRatio, kHopelessAgainstBest / m_toBeat) : kHopelessRatio;
    return m_samples.candidateUs.size() >= kEnoughToTell && m_samples.baselineUs.size() >= kEnoughToTell
        && quantile(m_samples.candidateUs, 0.25) > ratio * medianUs(m_samples.baselineUs);
}

size_t SampleCollector::wantedSamples(const std::vector<float> &us) const
{
    const double median = medianUs(us);
    if (hopeless() || median >= kVerySlowUs)
        return kVerySlowSamples;
    return median >= kSlowUs ? kSlowSamples : kSamples;
}

bool SampleCollector::quiet(const std::vector<float> &us) const
{
    return us.size() >= wantedSamples(us) && (hopeless() || medianOf(us).relativeHalfWidth() <= kQuiet);
}

bool SampleCollector::settled() const
{
    return quiet(m_samples.candidateUs) && quiet(m_samples.baselineUs);
}

/// Whether the samples leave open if the candidate beats the baseline, or what is to beat.
bool SampleCollector::undecided() const
{
    const SpeedupRecord speedup = speedupOf({}, {m_samples}, m_seed, m_noiseFloor);
    const bool racing = m_toBeat > 1 && speedup.ci95Low <= m_toBeat && m_toBeat <= speedup.ci95High;
    return racing || speedup.verdict == "AMBIGUOUS";
}

/// How long is enough: the first, or the second where the interval still holds what is to beat.
double SampleCollector::patienceSeconds(double settledSeconds, double racingSeconds) const
{
    if (m_toBeat <= 1 || m_spentSeconds < settledSeconds || hopeless())
        return settledSeconds;
    const SpeedupRecord speedup = speedupOf({}, {m_samples}, m_seed, m_noiseFloor);
    return speedup.ci95Low <= m_toBeat && m_toBeat <= speedup.ci95High ? racingSeconds : settledSeconds;
}

bool SampleCollector::enough() const
{
    const std::vector<float> &candidate = m_samples.candidateUs, &baseline = m_samples.baselineUs;
    if (m_spentSeconds >= m_wallSeconds || std::min(candidate.size(), baseline.size()) >= kMostSamples)
        return true;
    if (candidate.size() < wantedSamples(candidate) || baseline.size() < wantedSamples(baseline))
        return false;
    if (m_spentSeconds >= patienceSeconds(kNoisySeconds, kRacingSeconds))
        return true;
    return settled()
        && (m_spentSeconds >= patienceSeconds(kUndecidedSeconds, kRacingSeconds) || hopeless()
            || !undecided());
}

std::vector<Seat> SampleCollector::nextBatch() const
{
    const std::vector<float> &candidate = m_samples.candidateUs, &baseline = m_samples.baselineUs;
    // The first block tells how long things take.
    if (candidate.empty() || baseline.empty())
        return {Seat::Candidate, Seat::Baseline, Seat::Baseline, Seat::Candidate};
    if (enough())
        return {};
    const double candidateUs = std::max(medianUs(candidate), 1e-3);
    const double baselineUs = std::max(medianUs(baseline), 1e-3);
    // Several launches of the faster side stand against one of the slower, so that a baseline of 150 ms
    // does not leave the candidate with a handful of samples.
    const auto repeats = [](double slower, double faster) {
        return static_cast<size_t>(std::clamp(std::round(slower / faster / kMostRepeats), 1.0, kMostRepeats));
    };
    const size_t candidates = repeats(baselineUs, candidateUs), baselines = repeats(candidateUs, baselineUs);
    // What a sample costs beyond its own time: flushing, launching.
    const double overhead = m_spentSeconds / static_cast<double>(candidate.size() + baseline.size());
    const double blockSeconds = 2
        * (static_cast<double>(candidates) * std::max(candidateUs * 1e-6, overhead)
           + static_cast<double>(baselines) * std::max(baselineUs * 1e-6, overhead));
    const auto blocks = static_cast<size_t>(std::clamp(kBatchSeconds / blockSeconds, 1.0, 16.0));
    std::vector<Seat> order;
    for (size_t block = 0; block < blocks; ++block) {
        order.insert(order.end(), candidates, Seat::Candidate);
        order.insert(order.end(), 2 * baselines, Seat::Baseline);
        order.insert(order.end(), candidates, Seat::Candidate);
    }
    return order;
}

bool SampleCollector::isThrottled(float mhz) const
{
    // Where most samples are slow, slow is what the device is.
    const bool givenUp = m_discardedOfAll > kMostDiscarded * static_cast<double>(m_mhz.size());
    return m_mhz.size() >= kClocksKnown && !givenUp
        && static_cast<double>(mhz) < kThrottledShare * quantile(m_mhz, 0.5);
}

void SampleCollector::add(const std::vector<Seat> &order, const std::vector<float> &us, double wallSeconds,
                          const std::vector<float> &mhz)
{
    const int before = m_discardedOfAll;
    for (size_t i = 0; i < order.size() && i < us.size(); ++i) {
        const bool candidate = order[i] == Seat::Candidate;
        if (i < mhz.size()) {
            if (isThrottled(mhz[i])) {
                ++m_discardedOfAll;
                m_discarded += candidate ? 1 : 0;
                continue;
            }
            m_mhz.push_back(mhz[i]);
        }
        (candidate ? m_samples.candidateUs : m_samples.baselineUs).push_back(us[i]);
    }
    m_restSeconds = m_discardedOfAll == before ? 0 : std::clamp(2 * m_restSeconds, kLeastRest, kMostRest);
    m_spentSeconds += wallSeconds;
}

double SampleCollector::clockMhz() const
{
    return quantile(m_mhz, 0.5);
}

} // namespace ww
