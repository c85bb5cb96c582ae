// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/IntakeStage.h"

#include "core/candidate/TaskAdmission.h"
#include "core/device/SourceLint.h"
#include "core/judge/Shapes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ww {
namespace {

/// The most one workload's tensors may take; a runner holds them twice.
constexpr uint64_t kMaxTensorBytes = uint64_t {1} << 30;
constexpr std::array kStages {"intake", "compile", "smoke", "correctness", "timing", "trust", "profile"};

tl::unexpected<Stop> rejected(std::vector<Diagnostic> diagnostics)
{
    const auto error = std::find_if(diagnostics.begin(), diagnostics.end(), [](const Diagnostic &d) {
        return d.severity == Diagnostic::Severity::Error;
    });
    Stop end;
    end.verdict = Verdict::Rejected;
    if (error != diagnostics.end())
        end.message =
            error->line > 0 ? fmt::format("line {}: {}", error->line, error->message) : error->message;
    end.diagnostics = std::move(diagnostics);
    return tl::make_unexpected(std::move(end));
}

tl::unexpected<Stop> rejectedAt(int line, std::string message)
{
    return rejected({{Diagnostic::Severity::Error, line, 0, std::move(message)}});
}

/// The line in an error's "line 12" or "line 12, column 3", so that an editor can point there.
int lineOf(const Error &error)
{
    const size_t at = error.where.find("line ");
    return at == std::string::npos ? 0 : std::atoi(error.where.c_str() + at + 5);
}

tl::unexpected<Stop> rejected(const Error &error)
{
    std::string message = error.why.empty() ? error.what : error.why;
    if (!error.remedy.empty())
        message += ". " + error.remedy;
    return rejectedAt(lineOf(error), std::move(message));
}

int lineAt(const std::string &source, size_t offset)
{
    return static_cast<int>(
        1 + std::count(source.begin(), source.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
}

Outcome<void> checkForm(const std::string &source, const std::string &language)
{
    // Bytes that are no UTF-8 become this on their way over the protocol.
    constexpr std::string_view kReplacement = "\xef\xbf\xbd";
    if (source.empty())
        return stop(Verdict::Rejected, "the source is empty");
    if (source.size() > kMaxSourceBytes)
        return stop(
            Verdict::Rejected,
            fmt::format("the source has {} bytes; at most {} are taken", source.size(), kMaxSourceBytes));
    if (const size_t nul = source.find('\0'); nul != std::string::npos)
        return rejectedAt(lineAt(source, nul), "the source holds a NUL byte: remove it");
    if (const size_t bad = source.find(kReplacement); bad != std::string::npos)
        return rejectedAt(lineAt(source, bad), "the source is not UTF-8, or holds U+FFFD: save it as UTF-8");
    std::vector<Diagnostic> findings = lintSource(source, language);
    if (!findings.empty())
        return rejected(std::move(findings));
    return {};
}

/// `place` says where in words that may be told: "workload 'small'".
Outcome<void> checkLaunches(const PreparedKernel &kernel, const Task &task, const Workload &workload,
                            const std::string &place, const Capabilities &device)
{
    const Result<ResolvedPlan> plan = resolvePlan(kernel.plan, kernel.choice.parameters, task, workload);
    if (!plan)
        return rejected(plan.error());
    for (const ResolvedLaunch &launch : plan->launches) {
        const uint64_t items = launch.block[0] * launch.block[1] * launch.block[2];
        if (device.maxWorkGroup > 0 && items > static_cast<uint64_t>(device.maxWorkGroup))
            return rejectedAt(
                launch.line,
                fmt::format("a block of {} work-items is more than the {} that the device allows "
                            "({})",
                            items, device.maxWorkGroup, place));
        if (device.localMemoryBytes > 0
            && launch.sharedBytes > static_cast<uint64_t>(device.localMemoryBytes))
            return rejectedAt(
                launch.line,
                fmt::format("{} bytes of shared memory are more than the {} that the device has "
                            "({})",
                            launch.sharedBytes, device.localMemoryBytes, place));
    }
    return {};
}

Outcome<void> chooseWorkloads(GateCase &gate, const std::string &deviceKind)
{
    const EvaluateRequest &request = gate.request;
    for (const std::string &name : request.workloads) {
        if (!request.task.findWorkload(name))
            return stop(Verdict::Rejected,
                        fmt::format("the task '{}' has no workload '{}'", request.task.name, name));
    }
    for (const Workload &workload : request.task.workloads) {
        const auto &wanted = request.workloads;
        const bool chosen = wanted.empty()
            ? suits(workload, deviceKind)
            : std::find(wanted.begin(), wanted.end(), workload.name) != wanted.end();
        if (chosen)
            gate.workloads.push_back(&workload);
    }
    if (gate.workloads.empty())
        return stop(Verdict::InvalidReference,
                    fmt::format("the task '{}' has no workload for a device of kind '{}'", request.task.name,
                                deviceKind));
    for (const Workload *workload : gate.workloads) {
        const uint64_t bytes = tensorBytes(request.task, *workload);
        if (bytes > kMaxTensorBytes)
            return stop(Verdict::InvalidReference,
                        fmt::format("workload '{}' needs {} MiB of tensors; a worker takes {}",
                                    workload->name, bytes >> 20, kMaxTensorBytes >> 20));
    }
    // A wrong kernel is found out soonest on little data.
    std::stable_sort(gate.workloads.begin(), gate.workloads.end(), [&](const Workload *a, const Workload *b) {
        return tensorBytes(request.task, *a) < tensorBytes(request.task, *b);
    });
    return {};
}

Outcome<void> chooseSets(GateCase &gate)
{
    gate.sets = dataSetsOf(gate.request.task);
    if (gate.request.sets.empty())
        return {};
    std::vector<DataSet> wanted;
    for (const std::string &name : gate.request.sets) {
        const std::optional<DataSet> set = dataSetFromName(name);
        if (!set)
            return stop(
                Verdict::Rejected,
                fmt::format("there is no data set '{}'; they are {}", name, fmt::join(dataSetNames(), ", ")));
        if (std::find(gate.sets.begin(), gate.sets.end(), *set) == gate.sets.end())
            return stop(
                Verdict::Rejected,
                fmt::format("the data set '{}' does not fit the task '{}'", name, gate.request.task.name));
        wanted.push_back(*set);
    }
    gate.sets = std::move(wanted);
    return {};
}

/// True when the plan's own requirements allow the shape: what a candidate openly leaves out is no fault.
bool requirementsHold(const PreparedKernel &kernel, const Workload &workload)
{
    Bindings names = workload.axes;
    names.insert(kernel.choice.parameters.begin(), kernel.choice.parameters.end());
    return std::all_of(kernel.plan.requirements.begin(), kernel.plan.requirements.end(),
                       [&](const Requirement &requirement) {
                           return requirement.condition.evaluate(names).value_or(0) != 0;
                       });
}

/// Draws shapes that nobody can have prepared for, unless the request asks for something in particular.
Outcome<void> drawHiddenShapes(GateCase &gate, const Capabilities &device)
{
    constexpr size_t kHiddenShapes = 3;
    const EvaluateRequest &request = gate.request;
    if (!request.workloads.empty() || !request.sets.empty())
        return {};
    const std::vector<Workload> drawn = hiddenShapes(request.task, request.seed, kHiddenShapes);
    for (const Workload &shape : drawn) {
        if (!requirementsHold(gate.candidate, shape))
            continue;
        WW_PASS(checkLaunches(gate.candidate, request.task, shape, "a shape that the task allows", device));
        gate.hidden.push_back(shape);
    }
    if (!drawn.empty())
        gate.evaluation.trust.push_back({"hidden shapes", gate.hidden.empty() ? "flag" : "ok",
                                         fmt::format("the plan's requirements allow {} of {} drawn shapes",
                                                     gate.hidden.size(), drawn.size())});
    return {};
}

} // namespace

uint64_t tensorBytes(const Task &task, const Workload &workload)
{
    uint64_t bytes = 0;
    for (const std::vector<TensorSpec> *tensors : {&task.inputs, &task.outputs}) {
        for (const TensorSpec &tensor : *tensors) {
            const Result<int64_t> count = elementCount(tensor, workload.axes);
            if (count)
                bytes += static_cast<uint64_t>(*count) * sizeOf(tensor.dtype);
        }
    }
    return bytes;
}

Outcome<PreparedKernel> prepareKernel(const Task &task, KernelChoice choice, PlanUse use)
{
    PreparedKernel kernel;
    PlanParse parse = parsePlan(choice.source, &task, use);
    if (!parse.ok())
        return rejected(std::move(parse.diagnostics));
    Result<Parameters> parameters = resolveParameters(parse.plan, choice.parameters);
    if (!parameters)
        return rejected(parameters.error());
    kernel.plan = std::move(parse.plan);
    kernel.choice = std::move(choice);
    kernel.choice.parameters = std::move(*parameters);
    return kernel;
}

Outcome<void> runIntake(GateCase &gate, const Capabilities &device)
{
    StageClock clock(gate, "intake");
    const EvaluateRequest &request = gate.request;
    const auto run = [&]() -> Outcome<void> {
        const std::string &last = request.lastStage;
        if (!last.empty() && std::find(kStages.begin(), kStages.end(), last) == kStages.end())
            return stop(Verdict::Rejected,
                        fmt::format("there is no stage '{}'; they are {}", last, fmt::join(kStages, ", ")));
        if (request.task.language != device.backend)
            return stop(
                Verdict::Rejected,
                fmt::format("the task's kernels are in the language '{}' and this worker's is '{}': use the "
                            "worker, or the task, of the other",
                            request.task.language, device.backend));
        WW_PASS(checkForm(request.candidate.source, request.task.language));
        if (const Status admitted = admitTask(request.task); !admitted)
            return stop(Verdict::InvalidReference, admitted.error().message());
        WW_PASS(chooseWorkloads(gate, device.deviceKind));
        WW_PASS(chooseSets(gate));
        WW_GO(gate.candidate, prepareKernel(request.task, request.candidate));
        for (const Workload *workload : gate.workloads)
            WW_PASS(checkLaunches(gate.candidate, request.task, *workload,
                                  fmt::format("workload '{}'", workload->name), device));
        WW_PASS(drawHiddenShapes(gate, device));
        const KernelSource &own = request.task.baseline;
        auto baseline =
            prepareKernel(request.task, request.baseline.value_or(KernelChoice {own.name, own.text, {}}));
        if (!baseline)
            return stop(Verdict::InvalidReference, "the baseline's plan: " + baseline.error().message);
        gate.baseline = std::move(*baseline);
        return {};
    };
    Outcome<void> outcome = run();
    if (outcome)
        clock.done(fmt::format("{} launches, {} parameters, {} workloads, {} drawn shapes",
                               gate.candidate.plan.launches.size(), gate.candidate.choice.parameters.size(),
                               gate.workloads.size(), gate.hidden.size()));
    else
        clock.failed(outcome.error().message);
    return outcome;
}

} // namespace ww
