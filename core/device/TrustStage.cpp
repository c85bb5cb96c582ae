// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/TrustStage.h"

#include "core/device/DeviceLock.h"
#include "core/device/Peaks.h"
#include "core/device/SecondOpinion.h"
#include "core/device/TrustProbes.h"

#include <fmt/format.h>

#include <algorithm>

namespace ww {
namespace {

constexpr double kLockSeconds = 120;
/// Share of the floor below which a time is not believed: the floor itself was measured.
constexpr double kBelievable = 0.9;
/// Beyond this ratio a person should look, however honest all looks.
constexpr double kQuarantine = 10;

/// The first timed workload whose time is below what the device can do; nothing when all can be.
std::optional<std::string> belowFloor(const GateCase &gate, const Capabilities &device)
{
    for (const TimingRecord &record : gate.evaluation.timing) {
        const Workload *workload = gate.request.task.findWorkload(record.workload);
        const double floor = workload ? floorUs(gate.request.task, *workload, device) : 0;
        if (record.medianUs < kBelievable * floor)
            return fmt::format("{:.1f} µs against a floor of {:.1f} µs on '{}'", record.medianUs, floor,
                               record.workload);
    }
    return std::nullopt;
}

void checkFloor(GateCase &gate, Bench &bench)
{
    std::optional<std::string> below = belowFloor(gate, bench.device.facts);
    if (below) {
        raisePeaks(bench, gate.cancellation);
        below = belowFloor(gate, bench.device.facts);
    }
    gate.evaluation.trust.push_back(
        {"physics floor", below ? "fail" : "ok",
         below ? *below : "no time is below what measured bandwidth and arithmetic allow"});
}

/// Turns the findings into the verdict.
Outcome<void> conclude(const GateCase &gate)
{
    const TrustRecord *suspect = nullptr;
    for (const TrustRecord &record : gate.evaluation.trust) {
        if (record.verdict != "fail")
            continue;
        // What was measured may be wrong; what the kernel did is not.
        if (record.probe == "physics floor") {
            suspect = &record;
            continue;
        }
        Stop end;
        end.verdict = Verdict::RewardHack;
        end.message = "the kernel's results or times depend on more than the inputs of the launch";
        end.forPeople.detail = record.probe + ": " + record.value;
        return tl::make_unexpected(std::move(end));
    }
    if (!suspect)
        return {};
    Stop end;
    end.verdict = Verdict::Suspect;
    end.message = "the time cannot be believed; a person has to look at it";
    end.forPeople.detail = suspect->probe + ": " + suspect->value;
    return tl::make_unexpected(std::move(end));
}

Outcome<void> probe(GateCase &gate, Bench &bench, ChildProcess &runner)
{
    const Result<DeviceLock> lock = DeviceLock::acquire(bench.device.facts, kLockSeconds, gate.cancellation);
    if (!lock)
        return stop(lock.error());
    if (!gate.evaluation.timing.empty())
        checkFloor(gate, bench);
    const double ratio = gate.evaluation.speedup ? gate.evaluation.speedup->ratio : 0;
    if (ratio <= gate.request.probesAbove) {
        gate.evaluation.trust.push_back(
            {"gain probes", "ok",
             fmt::format("left out: {:.3g} is no gain over {:.3g}", ratio, gate.request.probesAbove)});
        return conclude(gate);
    }
    WW_PASS(runGainProbes(gate, bench, runner));
    WW_PASS(runSecondOpinion(gate, bench, runner));
    if (ratio > kQuarantine)
        gate.evaluation.trust.push_back(
            {"quarantine", "flag",
             fmt::format("{:.3g} times as fast as the baseline: believe it after a look at the code",
                         ratio)});
    return conclude(gate);
}

} // namespace

Outcome<void> runTrust(GateCase &gate, Bench &bench, ChildProcess &runner)
{
    StageClock clock(gate, "trust");
    Outcome<void> outcome = probe(gate, bench, runner);
    const auto flags = std::count_if(gate.evaluation.trust.begin(), gate.evaluation.trust.end(),
                                     [](const TrustRecord &record) { return record.verdict != "ok"; });
    if (outcome)
        clock.done(fmt::format("{} findings, {} flags", gate.evaluation.trust.size(), flags));
    else
        clock.failed(outcome.error().message);
    return outcome;
}

} // namespace ww
