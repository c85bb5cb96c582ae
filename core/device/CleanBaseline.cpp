// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/CleanBaseline.h"

#include "core/base/Hash.h"
#include "core/device/OutputJudge.h"
#include "core/device/WorkloadTiming.h"
#include "core/judge/Statistics.h"

#include <fmt/format.h>

namespace ww {
namespace {

constexpr uint8_t kPoison = 0xa5;
/// Beyond this three runs are as good as five.
constexpr double kSlowUs = 20e3;

} // namespace

Outcome<CleanBaseline> cleanBaseline(GateCase &gate, Bench &bench, const DataKey &key, double seconds)
{
    const KernelChoice &choice = gate.baseline.choice;
    // Where time does not depend on data, one set of them tells it for all.
    DataKey measured = key;
    if (!key.task.policy.timeDependsOnData)
        measured.seed = 0;
    std::string name = measured.text() + '\n' + sha256Hex(choice.source);
    for (const auto &[parameter, value] : choice.parameters)
        name += fmt::format("\n{}={}", parameter, value);
    if (const auto kept = bench.baselines.find(name))
        return *kept;
    const Result<ChildProcess *> runner = bench.runners.referenceRunner(gate.cancellation);
    if (!runner)
        return stop(runner.error());
    const SeatedKernel seated {gate.baseline, Seat::Baseline, Party::Baseline};
    WW_GO(const auto expected, expectedFor(gate, bench, key));
    WW_GO(const BuildReply build,
          buildIn(**runner, seated, key.task, {&key.workload}, gate.request.budgets.compileSeconds,
                  gate.cancellation));
    if (build.problem != Problem::None)
        return stop(
            Verdict::InvalidReference,
            fmt::format("the baseline '{}' does not build: {}\n{}", choice.name, build.message, build.log));
    auto inputs = bench.data.inputs(key);
    if (!inputs)
        return stop(inputs.error());
    WW_GO(BoundWorkload bound, BoundWorkload::bind(**runner, {seated}, key, {*inputs}, gate.cancellation));
    WW_PASS(bound.launch(seated, kPoison, gate.request.budgets.compileSeconds, seconds));
    std::vector<CorrectnessRecord> records;
    std::swap(records, gate.evaluation.correctness);
    const Outcome<void> right = judgeOutputs(gate, bound, key, *expected, "baseline");
    std::swap(records, gate.evaluation.correctness);
    if (!right)
        return stop(Verdict::InvalidReference,
                    fmt::format("the baseline '{}' is wrong: {}", choice.name, right.error().message));
    std::vector<float> samples;
    constexpr size_t kRuns = 5, kSlowRuns = 3;
    while (samples.size() < kRuns && (samples.size() < kSlowRuns || samples.front() < kSlowUs)) {
        WW_GO(const TimedRuns runs,
              bound.time({{Seat::Baseline, 0}}, flushBytes(bench.device.facts), seconds, Party::Baseline));
        samples.push_back(runs.us.front());
    }
    const CleanBaseline clean {quantile(samples, 0.5)};
    bench.baselines.keep(name, std::make_shared<const CleanBaseline>(clean), 0);
    return clean;
}

} // namespace ww
