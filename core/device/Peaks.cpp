// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/Peaks.h"

#include "core/device/DeviceLock.h"
#include "core/device/Golden.h"

#include <algorithm>

namespace ww {
namespace {

constexpr double kMeasureSeconds = 20;
constexpr double kQuietFloor = 0.03;

double peak(const Peaks &peaks, const char *name)
{
    const auto found = peaks.find(name);
    return found == peaks.end() ? 0 : found->second;
}

Peaks measure(Bench &bench, const Cancellation &cancellation)
{
    const Result<ChildProcess *> runner = bench.runners.referenceRunner(cancellation);
    if (!runner)
        return {};
    bench.runners.settle(cancellation);
    const auto reply = (*runner)->call(PeaksRequest {}, {}, {kMeasureSeconds, kMeasureSeconds}, cancellation);
    const auto *run = reply ? std::get_if<RunReply>(&*reply) : nullptr;
    return run && run->problem == Problem::None ? run->figures : Peaks {};
}

/// The matrix units' peak that a task's inputs allow to be used; a task that must be exact in float32 has
/// none.
const char *matrixPeak(const Task &task)
{
    size_t widest = 0;
    bool isReal = false;
    for (const TensorSpec &input : task.inputs) {
        if (input.isScalar || input.dtype == DType::Int32)
            continue;
        widest = std::max(widest, sizeOf(input.dtype));
        isReal = isReal || isFloat(input.dtype);
    }
    if (widest == 1)
        return "flops_8bit_gflops";
    if (widest == 2)
        return "flops_f16_gflops";
    return isReal && widest == 4 && task.policy.tf32Allowed ? "flops_tf32_gflops" : "";
}

} // namespace

void ensurePeaks(Bench &bench, const Cancellation &cancellation)
{
    if (bench.peaksKnown)
        return;
    Capabilities &facts = bench.device.facts;
    loadMeasured(facts);
    // A floor from a busy moment is measured again until a quiet one comes.
    const bool quiet = facts.noiseFloor > 0 && facts.noiseFloor <= kQuietFloor;
    if (facts.peaks.empty() || !quiet) {
        const Result<DeviceLock> lock = DeviceLock::acquire(facts, kMeasureSeconds, cancellation);
        if (!lock)
            return;
        if (facts.peaks.empty())
            facts.peaks = measure(bench, cancellation);
        const double now = measureNoiseFloor(bench, cancellation);
        if (now > 0 && (facts.noiseFloor <= 0 || now < facts.noiseFloor))
            facts.noiseFloor = now;
        // A cache that cannot be written costs two seconds at the next start, no more.
        if (!facts.peaks.empty()) [[maybe_unused]]
            const Status saved = saveMeasured(facts);
    }
    bench.peaksKnown = !facts.peaks.empty();
}

void raisePeaks(Bench &bench, const Cancellation &cancellation)
{
    if (bench.peaksRaised)
        return;
    bench.peaksRaised = true;
    Peaks &peaks = bench.device.facts.peaks;
    for (const auto &[name, value] : measure(bench, cancellation))
        peaks[name] = std::max(peaks[name], value);
    [[maybe_unused]] const Status saved = saveMeasured(bench.device.facts);
}

double floorUs(const Task &task, const Workload &workload, const Capabilities &device)
{
    const Result<double> flops = task.cost.flops.empty() ? 0.0 : task.cost.flops.evaluateReal(workload.axes);
    const Result<double> bytes = task.cost.bytes.empty() ? 0.0 : task.cost.bytes.evaluateReal(workload.axes);
    if (!flops || !bytes)
        return 0;
    const double gbps = std::max(peak(device.peaks, "copy_gbps"), peak(device.peaks, "read_gbps"));
    const double gflops = peak(device.peaks, "flops_f32_gflops");
    // Narrower types have units of their own, faster than the peak that was measured.
    const auto isWide = [](const TensorSpec &tensor) { return sizeOf(tensor.dtype) >= sizeof(float); };
    const bool wide = !task.policy.tf32Allowed && std::all_of(task.inputs.begin(), task.inputs.end(), isWide)
        && std::all_of(task.outputs.begin(), task.outputs.end(), isWide);
    const double computeUs = wide && gflops > 0 ? *flops / gflops * 1e-3 : 0;
    const bool fromMemory = *bytes > static_cast<double>(device.globalCacheBytes);
    return std::max(computeUs, fromMemory && gbps > 0 ? *bytes / gbps * 1e-3 : 0);
}

std::optional<BoundRecord> boundOf(const Task &task, const Workload &workload, const Peaks &peaks,
                                   double medianUs)
{
    BoundRecord bound;
    const Result<double> flops = task.cost.flops.empty() ? 0.0 : task.cost.flops.evaluateReal(workload.axes);
    const Result<double> bytes = task.cost.bytes.empty() ? 0.0 : task.cost.bytes.evaluateReal(workload.axes);
    if (!flops || !bytes || (*flops <= 0 && *bytes <= 0))
        return std::nullopt;
    bound.flops = *flops;
    bound.bytes = *bytes;
    // A task that only reads can be faster than a copy; a bound must hold for both.
    const double gbps = std::max(peak(peaks, "copy_gbps"), peak(peaks, "read_gbps"));
    const double gflops = std::max(peak(peaks, "flops_f32_gflops"), peak(peaks, matrixPeak(task)));
    const double memoryUs = gbps > 0 ? bound.bytes / gbps * 1e-3 : 0;
    const double computeUs = gflops > 0 ? bound.flops / gflops * 1e-3 : 0;
    bound.solUs = std::max(memoryUs, computeUs);
    if (medianUs > 0)
        bound.solScore = std::min(1.0, bound.solUs / medianUs);
    return bound;
}

} // namespace ww
