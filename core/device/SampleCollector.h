// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/ChildMessages.h"
#include "core/judge/Statistics.h"

#include <vector>

namespace ww {

/// Decides, from the samples so far, what to measure next on one workload and when there is enough.
/// Pure: no clock, no process.
class SampleCollector {
public:
    /// `wallSeconds` bounds everything; quiet samples that do not yet tell fast from slow get a part of it.
    /// `toBeat` is the best speed-up so far, 1 where there is none: candidates near it get more samples,
    /// those far below it few.
    /// `noiseFloor` is the device's own, by which equal is told from different (speedupOf()).
    SampleCollector(std::string workload, uint64_t seed, double wallSeconds, double toBeat = 1,
                    double noiseFloor = 0);

    /// The order of the next batch, about 60 ms of work in ABBA blocks; empty when there is enough.
    [[nodiscard]] std::vector<Seat> nextBatch() const;

    /// Takes the batch's samples, the device clock of each where it is known, and the wall time it took. A
    /// sample at less than 75 % of the running median clock is discarded, until a fifth of all were.
    void add(const std::vector<Seat> &order, const std::vector<float> &us, double wallSeconds,
             const std::vector<float> &mhz = {});

    /// How long a device that slowed down should rest before the next batch; 0 when it kept its pace.
    [[nodiscard]] double restSeconds() const { return m_restSeconds; }
    /// Samples of the candidate that were discarded.
    [[nodiscard]] int discarded() const { return m_discarded; }
    /// Median clock of what was kept; 0 where the device does not tell.
    [[nodiscard]] double clockMhz() const;

    /// True when the stop rule is met: enough samples of both sides, and both medians known to 2 %.
    [[nodiscard]] bool settled() const;
    /// True once it is plain that the candidate is far slower than the baseline, or than what is to beat: few
    /// samples then do.
    [[nodiscard]] bool hopeless() const;
    [[nodiscard]] const PairedSamples &samples() const { return m_samples; }
    [[nodiscard]] double spentSeconds() const { return m_spentSeconds; }

private:
    [[nodiscard]] bool enough() const;
    [[nodiscard]] bool isThrottled(float mhz) const;
    [[nodiscard]] bool undecided() const;
    [[nodiscard]] double patienceSeconds(double settledSeconds, double racingSeconds) const;
    [[nodiscard]] size_t wantedSamples(const std::vector<float> &us) const;
    [[nodiscard]] bool quiet(const std::vector<float> &us) const;

    PairedSamples m_samples;
    uint64_t m_seed;
    double m_wallSeconds;
    double m_toBeat;
    double m_noiseFloor;
    double m_spentSeconds = 0;
    double m_restSeconds = 0;
    std::vector<float> m_mhz; ///< of the samples kept, both sides
    int m_discarded = 0, m_discardedOfAll = 0;
};

} // namespace ww
