// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/AdmissionStage.h"

#include "core/device/CorrectnessStage.h"
#include "core/device/Gate.h"
#include "core/device/IntakeStage.h"
#include "core/device/Reference.h"
#include "core/judge/Digest.h"
#include "core/judge/Mutations.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace ww {
namespace {

/// Two references may differ by this share of the tolerance.
constexpr double kReferenceShare = 0.1;
/// Outputs, in units of their root mean square, have to vary by this much (robust-kbench asks for 0.01).
constexpr double kLeastVariation = 0.01;
/// Outputs that all lie this close to zero pass for zeros wherever tolerances are absolute.
constexpr double kTinyOutput = 0.01;

/// Unit roundoff of the type: two right answers may round to neighbours.
double roundoff(DType type)
{
    switch (type) {
    case DType::Float64: return 0x1p-53;
    case DType::Float32: return 0x1p-24;
    case DType::Float16: return 0x1p-11;
    case DType::BFloat16: return 0x1p-8;
    default: return 0;
    }
}

Result<std::shared_ptr<const InputData>> inputsFrom(const std::vector<std::span<const std::byte>> &tensors)
{
    auto data = std::make_shared<InputData>(1);
    for (const std::span<const std::byte> bytes : tensors) {
        WW_TRY(SharedMemory memory, SharedMemory::create(bytes.size()));
        copyBytes(bytes, memory.bytes());
        WW_CHECK(data->add(std::move(memory)));
    }
    return data;
}

std::vector<std::span<const std::byte>> spansOf(const InputData &inputs)
{
    std::vector<std::span<const std::byte>> spans;
    for (const SharedMemory &tensor : inputs.tensors)
        spans.push_back(tensor.bytes());
    return spans;
}

std::vector<std::span<const std::byte>> spansOf(const Tensors &tensors)
{
    return {tensors.begin(), tensors.end()};
}

/// What is known of one output over a few draws of the inputs.
struct Variation {
    double smallest = 0, largest = 0;
    double rms = 0;
    double overSeeds = 0; ///< mean spread of an element over the draws
    std::vector<double> alongAxis; ///< mean step from one slice to the next; negative for an axis of one
};

Variation variationOf(const TensorSpec &tensor, const std::vector<int64_t> &shape,
                      const std::vector<const Bytes *> &draws)
{
    Variation found;
    const auto count = static_cast<int64_t>(draws.front()->size() / sizeOf(tensor.dtype));
    const auto at = [&](size_t draw, int64_t i) { return loadElement(tensor.dtype, draws[draw]->data(), i); };
    double squares = 0, spread = 0;
    for (int64_t i = 0; i < count; ++i) {
        const double value = at(0, i);
        found.smallest = i == 0 ? value : std::min(found.smallest, value);
        found.largest = i == 0 ? value : std::max(found.largest, value);
        squares += value * value;
        double low = value, high = value;
        for (size_t draw = 1; draw < draws.size(); ++draw) {
            low = std::min(low, at(draw, i));
            high = std::max(high, at(draw, i));
        }
        spread += high - low;
    }
    const auto elements = static_cast<double>(std::max<int64_t>(count, 1));
    found.rms = std::sqrt(squares / elements);
    found.overSeeds = spread / elements;
    int64_t stride = count;
    for (const int64_t extent : shape) {
        stride = extent > 0 ? stride / extent : 0;
        double steps = 0;
        int64_t pairs = 0;
        for (int64_t i = 0; extent > 1 && i + stride < count; ++i) {
            if (i / stride % extent == extent - 1)
                continue;
            steps += std::abs(at(0, i + stride) - at(0, i));
            ++pairs;
        }
        found.alongAxis.push_back(pairs > 0 ? steps / static_cast<double>(pairs) : -1);
    }
    return found;
}

class TaskExamination {
public:
    TaskExamination(const AdmitRequest &request, Bench &bench, const GateListener &listener,
                    const Cancellation &cancellation)
        : m_request(request),
          m_bench(bench),
          m_listener(listener),
          m_cancellation(cancellation),
          m_evaluate(baselineRequest(request)),
          m_gate {m_evaluate, listener, cancellation, {}, {}, {}, {}, {}, {}}
    {
    }

    std::optional<AdmissionReport> run()
    {
        const auto start = std::chrono::steady_clock::now();
        std::optional<Evaluation> baseline = evaluate(m_evaluate, m_bench, m_listener, m_cancellation);
        if (!baseline)
            return std::nullopt;
        m_report.baseline = std::move(*baseline);
        if (m_bench.device.compilesOnly()) {
            say("examination", "fail", "nothing runs here, kernels are only compiled: name a device");
            return std::move(m_report);
        }
        judgeBaseline();
        if (correct(m_report.baseline.verdict)) {
            const Outcome<void> outcome = examine();
            if (!outcome && outcome.error().cancelled)
                return std::nullopt;
            if (!outcome)
                say("examination", "fail", outcome.error().message);
        }
        m_report.wallMs =
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
        return std::move(m_report);
    }

private:
    static EvaluateRequest baselineRequest(const AdmitRequest &request)
    {
        EvaluateRequest evaluation;
        evaluation.id = request.id;
        evaluation.nonce = request.nonce;
        evaluation.task = request.task;
        evaluation.candidate = {request.task.baseline.name, request.task.baseline.text, {}};
        evaluation.budgets = request.budgets;
        evaluation.seed = request.seed;
        return evaluation;
    }

    void say(std::string name, std::string verdict, std::string detail)
    {
        m_report.checks.push_back({std::move(name), std::move(verdict), std::move(detail)});
    }

    Outcome<void> examine()
    {
        WW_PASS(runIntake(m_gate, m_bench.device.facts));
        WW_PASS(checkOutputs());
        WW_PASS(checkInputs());
        WW_PASS(tryMutants());
        return {};
    }

    void judgeBaseline()
    {
        const Evaluation &baseline = m_report.baseline;
        if (!correct(baseline.verdict))
            return say("references agree", "fail",
                       fmt::format("{}: {}", toString(baseline.verdict), baseline.message));
        double worst = 0;
        std::string place;
        bool agree = true;
        for (const CorrectnessRecord &record : baseline.correctness) {
            const TensorSpec *tensor = m_request.task.findTensor(record.output);
            if (record.set != toString(DataSet::Default) || !tensor)
                continue;
            const Limits limits = limitsOf(m_request.task, tensor->dtype, DataSet::Default, false);
            agree = agree
                && record.maxRel <= std::max(kReferenceShare * limits.rtol, 2 * roundoff(tensor->dtype));
            if (record.maxRel >= worst) {
                worst = record.maxRel;
                place = fmt::format("'{}' on '{}'", record.output, record.workload);
            }
        }
        say("references agree", agree ? "ok" : "fail",
            fmt::format(
                "baseline and reference differ by at most {:.2g} relative ({}){}", worst, place,
                agree ? "" : ": more than a tenth of the tolerance, so one of them is wrong or imprecise"));
        for (const TimingRecord &timing : baseline.timing)
            say("baseline timed", timing.unstable ? "flag" : "ok",
                fmt::format("'{}': median {:.4g} µs [{:.4g}, {:.4g}] of {} samples", timing.workload,
                            timing.medianUs, timing.ci95LowUs, timing.ci95HighUs, timing.n));
        if (baseline.timing.empty())
            say("baseline timed", "flag", "no workload of this task is timed on this kind of device");
        const bool bounded = baseline.bound && baseline.bound->solUs > 0;
        say("bound known", bounded ? "ok" : "flag",
            bounded ? fmt::format("{:.4g} flop and {:.4g} bytes take {:.4g} µs at least",
                                  baseline.bound->flops, baseline.bound->bytes, baseline.bound->solUs)
                    : "the task has no cost expressions, or the device's peaks are not known");
    }

    [[nodiscard]] DataKey largest(uint64_t seed) const
    {
        return {m_request.task, *m_gate.workloads.back(), DataSet::Default, seed};
    }

    /// On the largest workload: an edge shape such as a single column may rightly give a constant.
    Outcome<void> checkOutputs()
    {
        constexpr uint64_t kDraws = 3;
        std::vector<std::shared_ptr<const ExpectedData>> draws;
        for (uint64_t draw = 0; draw < kDraws; ++draw) {
            WW_GO(auto expected, expectedFor(m_gate, m_bench, largest(m_request.seed + draw)));
            draws.push_back(std::move(expected));
        }
        for (size_t i = 0; i < m_request.task.outputs.size(); ++i) {
            std::vector<const Bytes *> bytes;
            for (const auto &draw : draws)
                bytes.push_back(&draw->outputs[i]);
            judgeVariation(m_request.task.outputs[i], bytes);
        }
        return {};
    }

    void judgeVariation(const TensorSpec &tensor, const std::vector<const Bytes *> &draws)
    {
        const Variation found = variationOf(tensor, shapeOf(tensor, *m_gate.workloads.back()), draws);
        const double least = kLeastVariation * found.rms;
        std::string fault;
        if (!(found.rms > 0))
            fault = "it is all zeros";
        else if (found.overSeeds < least)
            fault = "it hardly depends on the data";
        for (size_t axis = 0; axis < found.alongAxis.size() && fault.empty(); ++axis) {
            if (found.alongAxis[axis] >= 0 && found.alongAxis[axis] < least)
                fault = fmt::format("it hardly varies along dimension {}", axis);
        }
        const bool tiny = std::max(std::abs(found.smallest), std::abs(found.largest)) <= kTinyOutput;
        say("outputs vary",
            !fault.empty() ? "fail"
                : tiny     ? "flag"
                           : "ok",
            fmt::format("'{}' lies in [{:.3g}, {:.3g}], spreads by {:.2g} over three draws{}", tensor.name,
                        found.smallest, found.largest, found.overSeeds,
                        !fault.empty() ? ": " + fault
                            : tiny ? ": within ±0.01, where an absolute tolerance would take it for zeros"
                                   : ""));
    }

    /// Whether the reference's answer on these inputs differs from the known one beyond tolerance.
    Outcome<bool> differs(const DataKey &key, const ExpectedData &expected, const Tensors &outputs) const
    {
        for (size_t i = 0; i < outputs.size(); ++i) {
            const DType type = key.task.outputs[i].dtype;
            Limits limits = limitsOf(key.task, type, key.set, expected.facts[i].exact);
            limits.slack = expected.slack[i];
            if (!compare(type, outputs[i], expected.outputs[i], expected.facts[i], limits).ok)
                return true;
        }
        return false;
    }

    Outcome<void> checkInputs()
    {
        const DataKey key = largest(m_request.seed);
        WW_GO(const auto expected, expectedFor(m_gate, m_bench, key));
        const auto inputs = m_bench.data.inputs(key);
        const auto others = m_bench.data.inputs(largest(m_request.seed + 1));
        if (!inputs || !others)
            return stop(inputs ? others.error() : inputs.error());
        size_t tensor = 0;
        for (const TensorSpec &input : m_request.task.inputs) {
            Workload workload = key.workload;
            std::vector<std::span<const std::byte>> bytes = spansOf(**inputs);
            if (input.isScalar) {
                double &value = workload.scalars[input.name];
                value = isFloat(input.dtype) ? 1.5 * value + 0.5 : value + 1;
            } else {
                bytes[tensor] = (*others)->tensors[tensor].bytes();
                ++tensor;
            }
            const auto changed = inputsFrom(bytes);
            if (!changed)
                return stop(changed.error());
            const DataKey perturbed {m_request.task, workload, key.set, key.seed};
            WW_GO(const Tensors outputs, runReference(m_gate, m_bench, perturbed, *changed));
            WW_GO(const bool matters, differs(key, *expected, outputs));
            say("inputs matter", matters ? "ok" : "fail",
                fmt::format("'{}' {} changes the result{}", input.name,
                            input.isScalar ? "with another value" : "with other data",
                            matters ? "" : " by nothing beyond tolerance: a kernel may ignore it"));
        }
        return {};
    }

    /// The wrong outputs of a mutation; nothing where it changes nothing.
    Outcome<std::optional<Tensors>> mutated(const Mutation &mutation, const DataKey &key,
                                            const ExpectedData &expected)
    {
        std::optional<Tensors> outputs;
        if (mutation.kind == Mutation::Kind::Stale) {
            const DataKey earlier {key.task, key.workload, key.set, key.seed + 1};
            WW_GO(const auto stale, expectedFor(m_gate, m_bench, earlier));
            if (stale->usable)
                outputs = stale->outputs;
        } else {
            const auto inputs = m_bench.data.inputs(key);
            if (!inputs)
                return stop(inputs.error());
            const KnownAnswer answer {key.task, key.workload, spansOf(**inputs), expected.outputs};
            outputs = mutation.make(answer);
            if (mutation.kind == Mutation::Kind::Input) {
                const auto changed = inputsFrom(spansOf(*outputs));
                if (!changed)
                    return stop(changed.error());
                WW_GO(outputs, runReference(m_gate, m_bench, key, *changed));
            }
        }
        if (outputs && *outputs == expected.outputs)
            outputs.reset();
        return outputs;
    }

    /// Every mutant against the comparisons that a candidate would meet, until one rejects it.
    Outcome<void> tryMutants()
    {
        const auto start = std::chrono::steady_clock::now();
        for (const Mutation &mutation : knownMutations())
            m_report.mutants.push_back({mutation.name, "same", {}, {}});
        bool late = false;
        for (const Workload *workload : m_gate.everyShape()) {
            for (const DataSet set : dataSetsFor(m_gate, *workload)) {
                const DataKey key {m_request.task, *workload, set, m_request.seed};
                WW_GO(const auto expected, expectedFor(m_gate, m_bench, key));
                if (!expected->usable)
                    continue;
                for (size_t i = 0; i < m_report.mutants.size(); ++i) {
                    MutantRecord &record = m_report.mutants[i];
                    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
                    late = late || spent.count() > m_request.mutantSeconds;
                    if (record.outcome == "rejected")
                        continue;
                    if (late) {
                        record.outcome = "untried";
                        continue;
                    }
                    WW_GO(const auto outputs, mutated(knownMutations()[i], key, *expected));
                    if (!outputs)
                        continue;
                    WW_GO(const bool rejected, differs(key, *expected, *outputs));
                    record = {record.name, rejected ? "rejected" : "escaped", rejected ? workload->name : "",
                              rejected ? toString(set) : ""};
                }
            }
        }
        judgeMutants();
        return {};
    }

    void judgeMutants()
    {
        std::string trivial, others;
        for (size_t i = 0; i < m_report.mutants.size(); ++i) {
            if (m_report.mutants[i].outcome == "escaped")
                (knownMutations()[i].trivial ? trivial : others) +=
                    fmt::format(" '{}'", m_report.mutants[i].name);
        }
        say("trivial answers fail", trivial.empty() ? "ok" : "fail",
            trivial.empty() ? "every one of them is rejected" : "these pass:" + trivial);
        say("mutation score", others.empty() ? "ok" : "flag",
            m_report.score() + (others.empty() ? "" : "; these pass:" + others));
    }

    const AdmitRequest &m_request;
    Bench &m_bench;
    const GateListener &m_listener;
    const Cancellation &m_cancellation;
    EvaluateRequest m_evaluate;
    GateCase m_gate;
    AdmissionReport m_report;
};

} // namespace

std::optional<AdmissionReport> admit(const AdmitRequest &request, Bench &bench, const GateListener &listener,
                                     const Cancellation &cancellation)
{
    return TaskExamination(request, bench, listener, cancellation).run();
}

} // namespace ww
