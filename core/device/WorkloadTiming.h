// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/Reference.h"
#include "core/device/SampleCollector.h"

namespace ww {

/// Bytes to read so that the last-level cache holds nothing of a kernel's: twice its size.
[[nodiscard]] uint64_t flushBytes(const Capabilities &device);

/// The workload's key with data of its own: `purpose` and the request's seed decide them.
[[nodiscard]] DataKey derivedKey(const DataKey &key, std::string_view purpose);

/// Untimed launches: page tables, thread pools and branch predictors. The first is a watched one, because a
/// driver may generate code in it. `knownUs`, where not 0, is what a run is known to take: a slow kernel has
/// warmed up after one.
[[nodiscard]] Outcome<void> warmUp(BoundWorkload &bound, const SeatedKernel &seated, double compileSeconds,
                                   double seconds, double knownUs = 0);

/// One workload's samples of candidate and baseline, interleaved. Inputs rotate, outputs are poisoned before
/// each sample, and what timed runs left is judged; then once more on data that no run has seen, and whether
/// anything is written after the end. Adds its records to the evaluation and tells the listener.
class WorkloadTiming {
public:
    WorkloadTiming(GateCase &gate, Bench &bench, ChildProcess &runner, const DataKey &key)
        : m_gate(gate), m_bench(bench), m_runner(runner), m_key(key)
    {
    }
    [[nodiscard]] Outcome<PairedSamples> run(double seconds);

private:
    [[nodiscard]] Outcome<void> prepareCases();
    [[nodiscard]] Outcome<void> collect(BoundWorkload &bound, SampleCollector &collector, double seconds);
    [[nodiscard]] Outcome<void> judgeTimed(const BoundWorkload &bound, uint32_t set);
    [[nodiscard]] Outcome<void> checkLast(BoundWorkload &bound, double seconds);
    void checkClock(const TimedRuns &runs);
    void checkDrift(const PairedSamples &samples, double cleanUs);
    void tell(const std::vector<Seat> &order, const std::vector<float> &us) const;
    void keep(const SampleCollector &collector);
    [[nodiscard]] std::vector<PlanRun> rotated(const std::vector<Seat> &order);

    GateCase &m_gate;
    Bench &m_bench;
    ChildProcess &m_runner;
    DataKey m_key;
    std::vector<Case> m_cases; ///< the sets that rotate, and behind them the fresh one
    std::array<uint32_t, 2> m_next {}; ///< the set that each seat gets next
    size_t m_recordsBefore = 0;
    std::vector<std::map<std::string, double>> m_readings; ///< one a batch, where the device tells any
};

} // namespace ww
