// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/BoundWorkload.h"

#include "core/base/Random.h"
#include "core/judge/Digest.h"
#include "core/judge/RedZone.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace ww {
namespace {

/// What a runner takes without any buffers: driver, compiler library, flush memory.
constexpr uint64_t kRunnerBytes = uint64_t {1536} << 20;
/// Laying out and copying even a gigabyte takes a second or two.
constexpr double kBindSeconds = 20;
/// Clocks, temperature, power and what may slow a card down are a dozen.
constexpr size_t kMostReadings = 32;
constexpr size_t kMostFigures = 256;

std::vector<KernelUse> kernelUses(const PreparedKernel &kernel, const Task &task,
                                  const std::vector<const Workload *> &workloads)
{
    std::vector<KernelUse> uses;
    for (const Workload *workload : workloads) {
        const Result<ResolvedPlan> plan = resolvePlan(kernel.plan, kernel.choice.parameters, task, *workload);
        if (!plan)
            continue;
        for (const ResolvedLaunch &launch : plan->launches) {
            if (launch.isCall)
                continue;
            auto use = std::find_if(uses.begin(), uses.end(),
                                    [&](const KernelUse &known) { return known.line == launch.line; });
            if (use == uses.end())
                use = uses.insert(use, {launch.kernel, launch.line, launch.args.size(), 1, 0});
            use->groupSize = std::max(use->groupSize, launch.block[0] * launch.block[1] * launch.block[2]);
            use->sharedBytes = std::max(use->sharedBytes, launch.sharedBytes);
        }
    }
    return uses;
}

Outcome<BufferSpec> tensorBuffer(const TensorSpec &tensor, const Workload &workload, BufferSpec::Role role)
{
    const Result<int64_t> count = elementCount(tensor, workload.axes);
    if (!count)
        return stop(Verdict::InvalidReference, count.error().message());
    BufferSpec buffer;
    buffer.name = tensor.name;
    buffer.role = role;
    buffer.bytes = static_cast<uint64_t>(*count) * sizeOf(tensor.dtype);
    return buffer;
}

/// A buffer and a descriptor for every input of every set, and the scalars.
Outcome<void> addInputs(const DataKey &key, const std::vector<std::shared_ptr<const InputData>> &sets,
                        BindRequest &request, std::vector<int> &fds)
{
    for (const TensorSpec &tensor : key.task.inputs) {
        if (!tensor.isScalar)
            continue;
        const auto value = key.workload.scalars.find(tensor.name);
        request.scalars.push_back(
            {tensor.name, tensor.dtype, value == key.workload.scalars.end() ? 0 : value->second});
    }
    for (size_t set = 0; set < sets.size(); ++set) {
        size_t next = 0;
        for (const TensorSpec &tensor : key.task.inputs) {
            if (tensor.isScalar)
                continue;
            WW_GO(BufferSpec buffer, tensorBuffer(tensor, key.workload, BufferSpec::Role::Input));
            buffer.set = static_cast<uint32_t>(set);
            buffer.digest = sets[set]->digests[next];
            buffer.digestKey = sets[set]->key;
            fds.push_back(sets[set]->tensors[next++].fd());
            request.buffers.push_back(std::move(buffer));
        }
    }
    return {};
}

/// Moves every buffer by up to 4 KiB: a kernel may rely on no more than kPointerStep.
void shiftBuffers(uint64_t seed, std::vector<BufferSpec> &buffers)
{
    constexpr uint32_t kSteps = 16;
    if (seed == 0)
        return;
    RandomStream random(seed, 0);
    for (BufferSpec &buffer : buffers)
        buffer.shift = kPointerStep * random.below(kSteps);
}

} // namespace

BuildRequest buildRequestOf(const SeatedKernel &seated, const Task &task,
                            const std::vector<const Workload *> &workloads, const BuildOptions &options)
{
    BuildRequest request;
    request.freshModule = options.freshModule;
    request.code = options.code;
    request.seat = seated.seat;
    request.source = seated.kernel.choice.source;
    request.defines = seated.kernel.choice.parameters;
    request.binary = seated.kernel.binary;
    request.kernels = kernelUses(seated.kernel, task, workloads);
    return request;
}

Outcome<BuildReply> buildIn(ChildProcess &child, const SeatedKernel &seated, const Task &task,
                            const std::vector<const Workload *> &workloads, double compileSeconds,
                            const Cancellation &cancellation, const BuildOptions &options)
{
    const BuildRequest request = buildRequestOf(seated, task, workloads, options);
    CallLimits limits;
    limits.compileSeconds = compileSeconds;
    auto reply = child.call(request, {}, limits, cancellation);
    const std::string name = fmt::format("'{}'", seated.kernel.choice.name);
    if (!reply)
        return tl::make_unexpected(stopOf(reply.error(), seated.party, name));
    if (auto *build = std::get_if<BuildReply>(&*reply))
        return std::move(*build);
    return stop(Verdict::InfraError, "a child answered a build with something else");
}

CallLimits BoundWorkload::limits(double compileSeconds, double runSeconds) const
{
    const Result<ReturnedMemory *> returned = m_runner.returned(0);
    return {compileSeconds, runSeconds, kRunnerBytes + 4 * m_bytes + (*returned)->memory.bytes().size()};
}

Outcome<RunReply> BoundWorkload::call(const ToChild &request, std::span<const int> fds,
                                      const CallLimits &limits, Party party) const
{
    auto reply = m_runner.call(request, fds, limits, m_cancellation);
    if (!reply)
        return tl::make_unexpected(stopOf(reply.error(), party, m_key.place()));
    auto *run = std::get_if<RunReply>(&*reply);
    if (!run)
        return stop(Verdict::InfraError, "a runner answered with something else");
    if (run->problem != Problem::None)
        return tl::make_unexpected(stopOf(run->problem, run->message, party, m_key.place()));
    return std::move(*run);
}

Outcome<BoundWorkload> BoundWorkload::bind(ChildProcess &runner, const std::vector<SeatedKernel> &kernels,
                                           const DataKey &key,
                                           std::vector<std::shared_ptr<const InputData>> sets,
                                           const Cancellation &cancellation, const BindOptions &options)
{
    BoundWorkload bound(runner, key, cancellation);
    BindRequest &request = bound.m_request;
    std::vector<int> fds;
    WW_PASS(addInputs(key, sets, request, fds));
    for (const TensorSpec &tensor : key.task.outputs) {
        WW_GO(BufferSpec buffer, tensorBuffer(tensor, key.workload, BufferSpec::Role::Output));
        bound.m_outputBuffers.push_back(request.buffers.size());
        request.buffers.push_back(std::move(buffer));
    }
    Party party = Party::Reference;
    for (const SeatedKernel &seated : kernels) {
        party = std::min(party, seated.party);
        Result<ResolvedPlan> plan =
            resolvePlan(seated.kernel.plan, seated.kernel.choice.parameters, key.task, key.workload);
        if (!plan)
            return tl::make_unexpected(
                stopOf(Problem::Plan, plan.error().message(), seated.party, key.place()));
        for (const ResolvedScratch &scratch : plan->scratch)
            request.buffers.push_back({scratch.name, BufferSpec::Role::Scratch, seated.seat, scratch.bytes,
                                       scratch.zeroed, 0, 0, 0, 0});
        (seated.seat == Seat::Candidate ? request.candidate : request.baseline) = std::move(*plan);
    }
    shiftBuffers(options.shiftSeed, request.buffers);
    for (const BufferSpec &buffer : request.buffers)
        bound.m_bytes += buffer.bytes;
    request.redZoneKey = fillKey(key.seed, key.workload.name, key.set, "red zone");
    bound.m_zone.resize(kRedZoneBytes);
    fillRedZone(bound.m_zone, request.redZoneKey);
    bound.m_sets = std::move(sets);
    bound.m_layout = layoutOf(request.buffers);
    const Result<ReturnedMemory *> returned = runner.returned(kReturnSlots * bound.m_layout.totalBytes);
    if (!returned)
        return stop(returned.error());
    if (!(*returned)->known) {
        request.newReturned = (*returned)->memory.bytes().size();
        fds.push_back((*returned)->memory.fd());
    }
    const Outcome<RunReply> laidOut =
        bound.call(request, fds, bound.limits(kBindSeconds, kBindSeconds), party);
    (*returned)->known = laidOut.has_value() || (*returned)->known;
    if (!laidOut) {
        Stop end = laidOut.error();
        // Nothing of the kernel runs here: a runner that dies of it was damaged before.
        if (end.runnerDied)
            end.verdict = Verdict::InfraError;
        return tl::make_unexpected(std::move(end));
    }
    return bound;
}

Outcome<void> BoundWorkload::takeBack(const RunReply &reply, uint32_t slot, uint32_t set)
{
    if (reply.digests.size() != m_sets[set]->digests.size())
        return stop(Verdict::RuntimeError, "the runner told of another number of inputs than it has");
    m_digests = reply.digests;
    m_slot = slot;
    m_lastSet = set;
    return {};
}

Outcome<void> BoundWorkload::launch(const SeatedKernel &seated, uint8_t poison, double compileSeconds,
                                    double runSeconds, uint32_t set)
{
    WW_GO(const RunReply reply,
          call(LaunchRequest {{seated.seat, set}, poison, otherSlot()}, {},
               limits(compileSeconds, runSeconds), seated.party));
    return takeBack(reply, otherSlot(), set);
}

Outcome<TimedRuns> BoundWorkload::time(const std::vector<PlanRun> &order, uint64_t flushBytes, double seconds,
                                       Party party, After after, uint8_t poison)
{
    TimeRequest request {order, flushBytes, poison, std::nullopt};
    if (after == After::Judged && !order.empty())
        request.slot = otherSlot();
    WW_GO(RunReply reply, call(request, {}, limits(seconds, seconds), party));
    if (reply.us.size() != order.size() || (!reply.mhz.empty() && reply.mhz.size() != order.size()))
        return stop(Verdict::RuntimeError, "the runner gave another number of samples than it was asked for");
    const auto sane = [](float value) { return value >= 0 && value < 1e12f; };
    if (!std::all_of(reply.us.begin(), reply.us.end(), sane)
        || !std::all_of(reply.mhz.begin(), reply.mhz.end(), sane))
        return stop(Verdict::RuntimeError, "the runner gave times that are none");
    if (reply.figures.size() > kMostReadings)
        return stop(Verdict::RuntimeError, "the runner told more of the device than there is");
    if (request.slot)
        WW_PASS(takeBack(reply, *request.slot, order.back().set));
    return TimedRuns {std::move(reply.us), std::move(reply.mhz), std::move(reply.figures)};
}

Outcome<RunReply> BoundWorkload::observe(ObserveRequest::By by, const SeatedKernel &seated, uint32_t count,
                                         uint64_t flushBytes, double seconds)
{
    CallLimits allowed = limits(seconds, seconds);
    allowed.startsThreads = by != ObserveRequest::By::Graph;
    WW_GO(RunReply reply,
          call(ObserveRequest {by, {seated.seat, 0}, count, flushBytes}, {}, allowed, seated.party));
    m_lastSet = 0;
    const auto sane = [](float us) { return us >= 0 && us < 1e12f; };
    const bool timed = by != ObserveRequest::By::Counters;
    if ((timed && reply.us.size() != count) || !std::all_of(reply.us.begin(), reply.us.end(), sane)
        || reply.figures.size() > kMostFigures)
        return stop(Verdict::RuntimeError, "the runner observed something else than it was asked for");
    return reply;
}

Outcome<void> BoundWorkload::readAgain(double seconds, Party party)
{
    WW_GO(const RunReply reply, call(ReadRequest {otherSlot()}, {}, limits(seconds, seconds), party));
    return takeBack(reply, otherSlot(), m_lastSet);
}

std::span<const std::byte> BoundWorkload::slotBytes(uint32_t slot) const
{
    // It holds at least what was asked for when this was bound.
    const Result<ReturnedMemory *> returned = m_runner.returned(0);
    return std::span<const std::byte>((*returned)->memory.bytes())
        .subspan(slot * m_layout.totalBytes, m_layout.totalBytes);
}

std::span<const std::byte> BoundWorkload::outputIn(uint32_t slot, size_t index) const
{
    const BufferPlace &place = m_layout.places[m_outputBuffers[index]];
    return slotBytes(slot).subspan(place.data, place.dataBytes);
}

std::optional<std::string> BoundWorkload::changedOutput() const
{
    for (size_t i = 0; i < m_outputBuffers.size(); ++i) {
        if (!sameBytes(output(i), earlierOutput(i)))
            return m_key.task.outputs[i].name;
    }
    return std::nullopt;
}

std::optional<std::string> BoundWorkload::zoneDamage(size_t buffer) const
{
    const BufferPlace &place = m_layout.places[buffer];
    const BufferSpec &spec = m_request.buffers[buffer];
    const auto damaged = [&](size_t at) {
        const std::span<const std::byte> zone = slotBytes(m_slot).subspan(at, kRedZoneBytes);
        return std::memcmp(zone.data(), m_zone.data(), kRedZoneBytes) == 0
            ? std::nullopt
            : damagedAt(zone, m_request.redZoneKey);
    };
    const auto before = damaged(place.head);
    const auto after = damaged(place.tail);
    if (after)
        return fmt::format("it wrote past the end of '{1}' ({2} bytes long), at byte {0} after it", *after,
                           spec.name, spec.bytes);
    if (before)
        return fmt::format("it wrote {} bytes before the start of '{}'", kRedZoneBytes - *before, spec.name);
    return std::nullopt;
}

std::optional<std::string> BoundWorkload::damage() const
{
    for (size_t i = 0; i < m_request.buffers.size(); ++i) {
        if (auto damaged = zoneDamage(i))
            return damaged;
    }
    size_t input = 0;
    for (const BufferSpec &spec : m_request.buffers) {
        if (spec.role != BufferSpec::Role::Input || spec.set != m_lastSet)
            continue;
        if (m_digests[input++] != spec.digest)
            return fmt::format("it changed its input '{}'", spec.name);
    }
    return std::nullopt;
}

Tensors copyOutputs(const BoundWorkload &bound)
{
    Tensors outputs;
    for (size_t i = 0; i < bound.key().task.outputs.size(); ++i) {
        const auto bytes = bound.output(i);
        copyBytes(bytes, outputs.emplace_back(bytes.size()));
    }
    return outputs;
}

} // namespace ww
