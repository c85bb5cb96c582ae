// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/candidate/LaunchPlan.h"
#include "core/judge/Admission.h"
#include "core/task/Task.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// Worker protocol, version 1: JSON Lines over stdin/stdout, one message a line, each with "v":1 and
/// "type". These structs are the messages; MessagesJson.h is their wire form.
namespace ww {

constexpr int kProtocolVersion = 1;
/// A longer line ends the connection.
constexpr size_t kMaxLineBytes = 64u << 20;
/// A worker sends a heartbeat this often …
constexpr double kHeartbeatSeconds = 2;
/// … and is taken for dead after this much silence.
constexpr double kSilenceSeconds = 10;

/// Time limits of the stages in seconds, and how much the timing stage gathers.
struct Budgets {
    double compileSeconds = 30;
    double smokeSeconds = 2;
    double correctnessSeconds = 30;
    double timingSeconds = 15; ///< wall, all workloads together
};

/// A kernel to run: what the candidate is compared with, or the candidate itself.
struct KernelChoice {
    std::string name; ///< for records: "baseline", "#31", a file name
    std::string source;
    Parameters parameters;
};

/// Asks for one candidate to go through the gate.
struct EvaluateRequest {
    std::string id; ///< echoed in every answer
    std::string nonce; ///< echoed in the result, so that an old one is never taken for a new one
    Task task;
    KernelChoice candidate;
    std::optional<KernelChoice> baseline; ///< the task's own when not set
    std::string lastStage; ///< stop after this one ("compile", "correctness", …); empty = all
    std::vector<std::string> workloads; ///< names; empty = all, and shapes drawn from the seed
    std::vector<std::string> sets; ///< data sets by name; empty = all that make sense
    double probesAbove =
        1; ///< the speed-up to beat: costly trust probes and most samples are for those above
    Budgets budgets;
    uint64_t seed = 1; ///< of the test data and the bootstrap
    bool freshRunner = false; ///< a runner process of its own: confirmation
    bool profile = false; ///< count what the candidate does, where there are counters (Evaluation::profile)
    bool code = false; ///< the record shall hold what the compiler made (Evaluation::code)
};

/// Asks whether a task can be searched on, with its mutation score.
struct AdmitRequest {
    std::string id; ///< echoed in every answer
    std::string nonce; ///< echoed in the report
    Task task;
    Budgets budgets;
    uint64_t seed = 1; ///< of the test data
    double mutantSeconds = 60; ///< wall; mutants that are not told by then are reported as untried
};

/// What a worker is: the answer to hello.
struct Capabilities {
    std::string backend; ///< "opencl", "cuda"
    std::string device; ///< as the driver names it
    std::string
        deviceKind; ///< "cpu" | "gpu" | "accelerator" | "compiler": nothing runs, kernels are compiled
    std::string spec; ///< "opencl:0", "cuda:0", "cuda:sm_90"
    std::string driver; ///< its version; for a compiler why there is none
    std::string platform;
    std::string host;
    std::string toolchain;
    std::string sandbox; ///< level in force: "bwrap+landlock+seccomp", "landlock+seccomp", "rlimits", "none"
    std::string sandboxNote; ///< what could not be applied, and how to get it; empty when all is in force
    std::string counters; ///< "none" or what there is
    int computeUnits = 0;
    int64_t globalCacheBytes = 0; ///< last level cache, for the flush
    int64_t localMemoryBytes = 0;
    int64_t maxWorkGroup = 0;
    double noiseFloor = 0; ///< relative: what a kernel seems to differ from itself; 0 when not measured
    std::map<std::string, double> peaks; ///< "copy_gbps", "flops_f32_gflops": measured ceilings, may be empty
    int compilers = 1; ///< compiler children; with more than one, candidates can be prepared (PrepareRequest)
};

struct StageMessage {
    std::string id;
    StageRecord stage;
};
struct SamplesMessage {
    std::string id;
    std::string workload;
    std::vector<float> us;
    bool baseline = false;
};
struct ResultMessage {
    std::string id;
    std::string nonce;
    Evaluation evaluation;
};
struct AdmissionMessage {
    std::string id;
    std::string nonce;
    AdmissionReport report;
};
struct ErrorMessage {
    std::string id;
    std::string code;
    std::string message;
};
struct HeartbeatMessage { };
using FromWorker = std::variant<Capabilities, StageMessage, SamplesMessage, ResultMessage, AdmissionMessage,
                                ErrorMessage, HeartbeatMessage>;

/// Tells of a candidate whose evaluation will be asked for, so that it can be compiled while another is in
/// the gate. Never answered; a worker with one compiler takes no notice. The evaluation has the same id.
struct PrepareRequest {
    EvaluateRequest evaluation;
};
struct HelloRequest { };
struct CancelRequest {
    std::string id;
};
struct ShutdownRequest { };
/// A message whose type is unknown: the worker answers it with an error and goes on.
struct UnknownRequest {
    std::string type;
};
using ToWorker = std::variant<HelloRequest, EvaluateRequest, PrepareRequest, AdmitRequest, CancelRequest,
                              ShutdownRequest, UnknownRequest>;

} // namespace ww
