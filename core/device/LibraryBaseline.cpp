// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/LibraryBaseline.h"

#include "core/base/Hash.h"
#include "core/device/BoundWorkload.h"
#include "core/device/IntakeStage.h"
#include "core/device/OutputJudge.h"
#include "core/device/Reference.h"
#include "core/device/WorkloadTiming.h"
#include "core/judge/Statistics.h"

#include <fmt/format.h>

#include <cmath>

namespace ww {
namespace {

constexpr uint8_t kPoison = 0xa5;
constexpr double kSeconds = 20;
constexpr int kWarmUps = 3;
constexpr size_t kSamples = 30;

Outcome<LibraryTime> measure(GateCase &gate, Bench &bench, const PreparedKernel &library, const DataKey &key)
{
    const Result<ChildProcess *> runner = bench.runners.referenceRunner(gate.cancellation);
    if (!runner)
        return stop(runner.error());
    const SeatedKernel seated {library, Seat::Baseline, Party::Baseline};
    WW_GO(const Case usual, caseFor(gate, bench, key));
    WW_GO(const BuildReply build,
          buildIn(**runner, seated, key.task, {&key.workload}, gate.request.budgets.compileSeconds,
                  gate.cancellation));
    if (build.problem != Problem::None)
        return stop(Verdict::InfraError, build.message);
    WW_GO(BoundWorkload bound,
          BoundWorkload::bind(**runner, {seated}, key, {usual.inputs}, gate.cancellation));
    WW_PASS(bound.launch(seated, kPoison, gate.request.budgets.compileSeconds, kSeconds));
    std::vector<CorrectnessRecord> records;
    std::swap(records, gate.evaluation.correctness);
    Outcome<void> right = judgeOutputs(gate, bound, key, *usual.expected, "library");
    std::swap(records, gate.evaluation.correctness);
    if (!right)
        return tl::make_unexpected(std::move(right.error()));
    for (int i = 0; i < kWarmUps; ++i)
        WW_PASS(bound.time({{seated.seat, 0}}, 0, kSeconds, seated.party));
    WW_GO(const TimedRuns runs,
          bound.time(std::vector<PlanRun>(kSamples, PlanRun {seated.seat, 0}), flushBytes(bench.device.facts),
                     kSeconds, seated.party));
    const Estimate median = medianOf(runs.us);
    return LibraryTime {median.value, median.low, median.high};
}

Outcome<LibraryTime> libraryTime(GateCase &gate, Bench &bench, const PreparedKernel &library,
                                 const DataKey &key)
{
    // Its time does not depend on the data: what one request's told is good for all.
    DataKey any = key;
    any.seed = 0;
    const std::string name = any.text() + '\n' + sha256Hex(library.choice.source);
    if (const auto kept = bench.libraries.find(name))
        return *kept;
    WW_GO(const LibraryTime time, measure(gate, bench, library, key));
    bench.libraries.keep(name, std::make_shared<const LibraryTime>(time), 0);
    return time;
}

} // namespace

Outcome<void> compareWithLibrary(GateCase &gate, Bench &bench)
{
    const Task &task = gate.request.task;
    if (!task.library || bench.device.facts.backend != task.language)
        return {};
    LibraryRecord record;
    record.name = task.library->name;
    const auto library = prepareKernel(task, {task.library->name, task.library->text, {}}, PlanUse::Library);
    if (!library)
        return stop(Verdict::InvalidReference, "the library's plan: " + library.error().message);
    if (!library->plan.launches.empty())
        record.name = library->plan.launches.front().kernel;
    double logarithms = 0;
    for (const TimingRecord &timed : gate.evaluation.timing) {
        const Workload *workload = task.findWorkload(timed.workload);
        if (timed.mode != "cold" || !workload || timed.medianUs <= 0)
            continue;
        const DataKey key {task, *workload, DataSet::Default, gate.request.seed};
        const Outcome<LibraryTime> time = libraryTime(gate, bench, *library, key);
        if (!time && time.error().cancelled)
            return tl::make_unexpected(time.error());
        if (!time) {
            record.problem = time.error().message;
            break;
        }
        const double ratio = time->medianUs / timed.medianUs;
        record.workloads.push_back({timed.workload, time->medianUs, time->lowUs, time->highUs, ratio});
        logarithms += std::log(ratio);
    }
    if (!record.workloads.empty())
        record.ratio = std::exp(logarithms / static_cast<double>(record.workloads.size()));
    if (!record.workloads.empty() || !record.problem.empty())
        gate.evaluation.library = std::move(record);
    return {};
}

} // namespace ww
