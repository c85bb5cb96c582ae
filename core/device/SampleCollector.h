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
    SampleCollector(std::string workload, uint64_t seed, double wallSeconds);

    /// The order of the next batch, about 60 ms of work in ABBA blocks; empty when there is enough.
    [[nodiscard]] std::vector<Seat> nextBatch() const;

    /// Takes the batch's samples and the wall time it took.
    void add(const std::vector<Seat> &order, const std::vector<float> &us, double wallSeconds);

    /// True when the stop rule is met: enough samples of both sides, and both medians known to 2 %.
    [[nodiscard]] bool settled() const;
    /// True once it is plain that the candidate is far slower than the baseline: few samples then do.
    [[nodiscard]] bool hopeless() const;
    [[nodiscard]] const PairedSamples &samples() const { return m_samples; }
    [[nodiscard]] double spentSeconds() const { return m_spentSeconds; }

private:
    [[nodiscard]] bool enough() const;
    [[nodiscard]] bool undecided() const;
    [[nodiscard]] size_t wantedSamples(const std::vector<float> &us) const;
    [[nodiscard]] bool quiet(const std::vector<float> &us) const;

    PairedSamples m_samples;
    uint64_t m_seed;
    double m_wallSeconds;
    double m_spentSeconds = 0;
};

} // namespace ww
