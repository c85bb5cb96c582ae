// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/Gate.h"

#include "core/base/Hash.h"
#include "core/base/Utf8.h"
#include "core/base/Version.h"
#include "core/device/BinaryLint.h"
#include "core/device/BoundWorkload.h"
#include "core/device/BuildLog.h"
#include "core/device/CorrectnessStage.h"
#include "core/device/IntakeStage.h"
#include "core/device/Peaks.h"
#include "core/device/ProfileStage.h"
#include "core/device/TimingStage.h"
#include "core/device/TrustStage.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace ww {
namespace {

std::string processorName()
{
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("model name"))
            return line.substr(std::min(line.size(), line.find(':') + 2));
    }
    return {};
}

void addEnvironment(Evaluation &evaluation, const Bench &bench)
{
    const Capabilities &device = bench.device.facts;
    auto &environment = evaluation.environment;
    environment["backend"] = device.backend;
    environment["device"] = device.device;
    environment["device_kind"] = device.deviceKind;
    environment["driver"] = device.driver;
    environment["platform"] = device.platform;
    environment["host"] = device.host;
    environment["cpu"] = processorName();
    environment["toolchain"] = device.toolchain;
    environment["sandbox"] = bench.sandbox.level();
    environment["worker"] = kProgramVersion;
    if (device.noiseFloor > 0)
        environment["noise_floor"] =
            fmt::format("{:.2f} % between runs of one kernel", device.noiseFloor * 100);
    if (device.backend == "opencl")
        environment["pocl"] =
            fmt::format("POCL_AFFINITY=1, own POCL_CACHE_DIR, {} compute units", device.computeUnits);
    if (device.deviceKind == "cpu")
        environment["label"] = "CPU: not comparable with a GPU";
}

void addHashes(GateCase &gate)
{
    auto &hashes = gate.evaluation.hashes;
    hashes["source"] = sha256Hex(gate.request.candidate.source);
    hashes["task"] = gate.request.task.hash;
    std::string parameters;
    for (const auto &[name, value] : gate.candidate.choice.parameters)
        parameters += fmt::format("{}={}\n", name, value);
    hashes["parameters"] = sha256Hex(parameters);
}

/// What the compiler made of the candidate beforehand, else what it makes of it now; `how` says which.
Outcome<BuildReply> compiled(GateCase &gate, Bench &bench, const SeatedKernel &candidate, std::string &how)
{
    const BuildOptions options {false, gate.request.code};
    const std::vector<const Workload *> shapes = gate.everyShape();
    if (bench.ahead) {
        std::optional<CompiledAhead> done =
            bench.ahead->take(gate.request.id, buildRequestOf(candidate, gate.request.task, shapes, options),
                              gate.cancellation);
        if (done) {
            gate.evaluation.costsMs["compiler: ahead"] = done->ms;
            how = fmt::format("built ahead in {:.0f} ms, beside another candidate", done->ms);
            if (!done->reply)
                return tl::make_unexpected(stopOf(done->reply.error(), Party::Candidate,
                                                  fmt::format("'{}'", candidate.kernel.choice.name)));
            return std::move(*done->reply);
        }
    }
    how = "built for checking";
    Result<ChildProcess *> compiler = bench.runners.compiler(gate.cancellation);
    if (!compiler)
        return stop(compiler.error());
    return buildIn(**compiler, candidate, gate.request.task, shapes, gate.request.budgets.compileSeconds,
                   gate.cancellation, options);
}

/// Compiles in the compiler child, which says what is wrong, then in the runner, which keeps the program. A
/// CUDA runner loads what the compiler made; an OpenCL runner builds from source too: PoCL hands a binary out
/// only after compiling every kernel once more (0.3 s for a softmax), and compiles again from it (0.1 s);
/// building from source takes 0.1 s.
Outcome<ChildProcess *> runCompile(GateCase &gate, Bench &bench)
{
    StageClock clock(gate, "compile");
    const SeatedKernel candidate {gate.candidate, Seat::Candidate, Party::Candidate};
    std::string how;
    const auto run = [&]() -> Outcome<ChildProcess *> {
        gate.candidate.binary.clear();
        WW_GO(BuildReply build, compiled(gate, bench, candidate, how));
        BuildLog log = readBuildLog(clipped(build.log, kMaxLogBytes));
        gate.evaluation.buildLog = std::move(log.text);
        gate.evaluation.diagnostics.insert(gate.evaluation.diagnostics.end(), log.diagnostics.begin(),
                                           log.diagnostics.end());
        gate.evaluation.resources = std::move(build.resources);
        for (TrustRecord &record : lintBinary(gate.request.task, gate.evaluation.resources))
            gate.evaluation.trust.push_back(std::move(record));
        if (!build.binaryHash.empty())
            gate.evaluation.hashes["binary"] = build.binaryHash;
        gate.candidate.binary = std::move(build.binary);
        gate.evaluation.code = std::move(build.code);
        if (build.problem != Problem::None) {
            Stop end = stopOf(build.problem, build.message, Party::Candidate, "compiling");
            const auto first =
                std::find_if(log.diagnostics.begin(), log.diagnostics.end(),
                             [](const Diagnostic &d) { return d.severity == Diagnostic::Severity::Error; });
            if (build.problem == Problem::Source && first != log.diagnostics.end())
                end.message = first->line > 0 ? fmt::format("line {}: {}", first->line, first->message)
                                              : first->message;
            if (build.line > 0) {
                end.message = fmt::format("line {}: {}", build.line, build.message);
                end.diagnostics.push_back({Diagnostic::Severity::Error, build.line, 0, build.message});
            }
            return tl::make_unexpected(std::move(end));
        }
        if (gate.request.lastStage == "compile" || bench.device.compilesOnly())
            return nullptr;
        Result<ChildProcess *> runner = bench.runners.candidateRunner(gate.cancellation);
        if (!runner)
            return stop(runner.error());
        WW_GO(build,
              buildIn(**runner, candidate, gate.request.task, gate.everyShape(),
                      gate.request.budgets.compileSeconds, gate.cancellation));
        if (build.problem != Problem::None)
            return stop(
                Verdict::InfraError,
                fmt::format("the compiler took the source and the runner did not: {}", build.message));
        return *runner;
    };
    Outcome<ChildProcess *> outcome = run();
    if (outcome)
        clock.done(*outcome ? how + " and for running" : how);
    else
        clock.failed(outcome.error().message);
    return outcome;
}

bool wants(const GateCase &gate, const char *stage)
{
    static constexpr std::array kOrder {"intake", "compile", "smoke",  "correctness",
                                        "timing", "trust",   "profile"};
    const std::string &last = gate.request.lastStage;
    const auto wanted = last.empty() ? kOrder.end() - 1 : std::find(kOrder.begin(), kOrder.end(), last);
    return std::find(kOrder.begin(), kOrder.end(), std::string_view(stage)) <= wanted;
}

/// Everything after intake; may be repeated in a fresh runner.
Outcome<void> runInRunner(GateCase &gate, Bench &bench)
{
    if (!wants(gate, "compile"))
        return {};
    WW_GO(ChildProcess * runner, runCompile(gate, bench));
    if (bench.device.compilesOnly()) {
        gate.evaluation.stages.push_back(
            {"smoke", "skipped", 0, "there is no device here: the kernel was compiled and not run"});
        return {};
    }
    bench.runners.countCandidate();
    if (wants(gate, "smoke"))
        WW_PASS(runSmoke(gate, bench, *runner));
    if (wants(gate, "correctness"))
        WW_PASS(runCorrectness(gate, bench, *runner));
    if (wants(gate, "timing")) {
        ensurePeaks(bench, gate.cancellation);
        WW_PASS(runTiming(gate, bench, *runner));
    }
    if (wants(gate, "trust"))
        WW_PASS(runTrust(gate, bench, *runner));
    if (wants(gate, "profile"))
        WW_PASS(runProfile(gate, bench));
    return {};
}

/// Forgets what a first attempt wrote, except that it happened.
void forgetAttempt(Evaluation &evaluation)
{
    Evaluation fresh;
    if (!evaluation.stages.empty())
        fresh.stages.push_back(evaluation.stages.front());
    // What intake found does not depend on the runner.
    std::copy_if(evaluation.trust.begin(), evaluation.trust.end(), std::back_inserter(fresh.trust),
                 [](const TrustRecord &record) { return record.probe == "hidden shapes"; });
    evaluation = std::move(fresh);
    evaluation.trust.push_back(
        {"runner", "ok",
         "the runner died; it had run other candidates, so the kernel was tried again in a fresh one"});
}

} // namespace

std::optional<Evaluation> evaluate(const EvaluateRequest &request, Bench &bench, const GateListener &listener,
                                   const Cancellation &cancellation)
{
    const auto start = std::chrono::steady_clock::now();
    GateCase gate {request, listener, cancellation, {}, {}, {}, {}, {}, {}};
    if (request.freshRunner)
        bench.runners.parkCandidateRunner();
    // What was spent between evaluations is nobody's.
    [[maybe_unused]] const auto before = bench.runners.takeSpent();
    Outcome<void> outcome = runIntake(gate, bench.device.facts);
    if (outcome) {
        const int served = bench.runners.candidatesServed();
        outcome = runInRunner(gate, bench);
        if (!outcome && outcome.error().runnerDied && served > 0 && !cancellation.requested()) {
            bench.runners.discardCandidateRunner();
            forgetAttempt(gate.evaluation);
            outcome = runInRunner(gate, bench);
        }
    }
    gate.evaluation.costsMs.merge(bench.runners.takeSpent());
    // What went wrong after code of the candidate's ran may have left its mark on the process.
    constexpr std::array kHarmful {Verdict::RuntimeError, Verdict::ResourceLimit, Verdict::Timeout,
                                   Verdict::InfraError, Verdict::RewardHack};
    if (!outcome && std::find(kHarmful.begin(), kHarmful.end(), outcome.error().verdict) != kHarmful.end())
        bench.runners.discardCandidateRunner();
    if (request.freshRunner)
        bench.runners.unparkCandidateRunner();
    Evaluation &evaluation = gate.evaluation;
    if (outcome) {
        evaluation.verdict = Verdict::Passed;
    } else {
        const Stop &end = outcome.error();
        if (end.cancelled)
            return std::nullopt;
        evaluation.verdict = end.verdict;
        evaluation.message = end.message;
        evaluation.forPeople = end.forPeople;
        evaluation.diagnostics.insert(evaluation.diagnostics.end(), end.diagnostics.begin(),
                                      end.diagnostics.end());
    }
    bench.runners.retireWorn(gate.workloads.empty() ? 0 : tensorBytes(request.task, *gate.workloads.back()));
    addEnvironment(evaluation, bench);
    addHashes(gate);
    evaluation.foreign = gate.foreign.records(gate.samples, evaluation.timing);
    evaluation.wallMs =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    return std::move(evaluation);
}

} // namespace ww
