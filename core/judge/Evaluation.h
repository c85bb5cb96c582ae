// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/candidate/LaunchPlan.h"
#include "core/judge/CodeRecord.h"
#include "core/judge/ProfileRecord.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ww {

/// What the gate says of a candidate (evaluation.md, 3).
enum class Verdict {
    Passed,
    IncorrectShape,
    IncorrectDtype,
    IncorrectNumerical,
    CompileError,
    RuntimeError,
    Timeout,
    ResourceLimit,
    Sanitizer,
    Suspect,
    RewardHack,
    InvalidReference,
    NotReproduced,
    InfraError,
    Rejected,
};
/// The name in records: "PASSED", "INCORRECT_NUMERICAL", …
[[nodiscard]] const char *toString(Verdict verdict);
[[nodiscard]] std::optional<Verdict> verdictFromName(std::string_view name);
/// True where the source compiled: the verdict was reached after the compile stage.
[[nodiscard]] bool compiled(Verdict verdict);
/// True for Passed alone.
[[nodiscard]] bool correct(Verdict verdict);

/// One stage of the gate: intake, compile, smoke, correctness, timing, …
struct StageRecord {
    std::string name;
    std::string status; ///< "ok" | "failed" | "skipped" | "running"
    double ms = 0; ///< wall time
    std::string detail; ///< a sentence
};

/// Result of one comparison with the reference.
struct CorrectnessRecord {
    std::string workload;
    std::string set; ///< data set: "default", "shifted", "exact", "poison", …
    std::string output; ///< tensor
    double maxAbs = 0; ///< largest |out − ref|
    double maxRel = 0; ///< largest |out − ref| / max(|ref|, RMS(ref))
    double matched = 1; ///< share of elements within tolerance, 0…1
    int64_t worstIndex = -1; ///< flat index of the worst element, −1 when none
    double expected = 0; ///< value of the reference there
    double actual = 0;
    uint64_t seedTag = 0; ///< which data; reproduces the case with the same run key
    bool ok = true;
    std::string shape; ///< "rows=37,cols=129": axes and scalars of the workload
    std::string place; ///< coordinates of the worst element: "[2, 17]"; empty when none
    bool hidden = false; ///< a shape that was drawn for this run: for people only
};

/// Timing of one workload.
struct TimingRecord {
    std::string workload;
    /// "cold": last-level cache flushed before each sample; "graph": the same with the plan replayed as a
    /// graph.
    std::string mode = "cold";
    int n = 0; ///< samples kept
    int discarded = 0;
    double medianUs = 0;
    double ci95LowUs = 0, ci95HighUs = 0; ///< bootstrap interval of the median
    double p10Us = 0, p90Us = 0, minUs = 0;
    bool unstable = false; ///< the stop rule was not met within its budget
    std::vector<float> samplesUs; ///< raw, in the order taken
    double clockMhz = 0; ///< median device clock of the samples; 0 where the device does not tell
    double solUs = 0; ///< speed of light of this workload; 0 when no peaks are known
    double solScore = 0; ///< solUs / medianUs, 0…1; 0 when unknown
    /// What the device told of itself after each batch of samples: "temperature_c", "power_w", "sm_mhz",
    /// "memory_mhz", "throttled: power cap" (1) and its kin; empty where it tells nothing.
    std::vector<std::map<std::string, double>> readings;
    /// Median by the device's own records of the kernels (first start to last end), a second opinion beside
    /// events; 0 where it was not asked for.
    double tracedUs = 0;
};

/// The readings as a line for people: "41–43 °C, 310–420 W, SM 1980 MHz, memory 3201 MHz, throttled: power
/// cap in 2 of 9 batches"; empty where there are none.
[[nodiscard]] std::string readingsText(const TimingRecord &record);

/// Ratio baseline time / candidate time: above 1 is faster.
struct SpeedupRecord {
    std::string baseline; ///< name of what it was compared with
    double ratio = 0;
    double ci95Low = 0, ci95High = 0;
    std::string verdict; ///< "FASTER" | "SLOWER" | "SAME" | "AMBIGUOUS"
    std::string reason; ///< why this verdict, a sentence
    struct PerWorkload {
        std::string workload;
        double ratio = 0, ci95Low = 0, ci95High = 0;
        double baselineMedianUs = 0;
        double candidateMedianUs = 0;
    };
    std::vector<PerWorkload> workloads; ///< the ratio above is their geometric mean
};

/// The vendor library on the same workloads: a second baseline, timed for itself in a process that runs no
/// candidate.
struct LibraryRecord {
    std::string name; ///< "cublas.sgemm"
    double ratio = 0; ///< library time / candidate time, geometric mean: above 1 the candidate is faster
    struct PerWorkload {
        std::string workload;
        double medianUs = 0, ci95LowUs = 0, ci95HighUs = 0; ///< of the library
        double ratio = 0;
    };
    std::vector<PerWorkload> workloads;
    std::string problem; ///< why there is no figure, with the remedy; empty where there is
};

/// Speed of light for the timed workload with the most bytes.
struct BoundRecord {
    double flops = 0, bytes = 0;
    double solUs = 0; ///< 0 when no peaks are known
    double solScore = 0; ///< solUs / medianUs, 0…1; 0 when unknown
};

/// One trust probe's finding. For people only: who proposes candidates must not learn what is probed.
struct TrustRecord {
    std::string probe;
    std::string verdict; ///< "ok" | "flag" | "fail"
    std::string value;
};

/// What a published harness would have said of the candidate by its own rules (ForeignRules.h), beside ours.
struct ForeignRecord {
    std::string profile; ///< "kernelbench", "robust-kbench", "flashinfer-bench", "sol-execbench"
    std::string verdict; ///< "CORRECT" | "INCORRECT"
    std::string reason; ///< a sentence
    double speedup = 0; ///< by its own statistic; 0 when it would not have timed it
};

/// What a proposer must never see, because it names data, hidden shapes or probes.
struct ForPeople {
    std::string detail; ///< where exactly it went wrong
    std::string reproduce; ///< options of `evaluate` that bring about the same failure; empty when passed
};

/// The evidence record of one candidate on one device: everything a person or policy may ask later.
struct Evaluation {
    Verdict verdict = Verdict::InfraError;
    std::string message; ///< one sentence a person or a model can act on; empty when passed
    ForPeople forPeople;
    std::vector<StageRecord> stages;
    std::vector<Diagnostic> diagnostics; ///< from plan parser and compiler
    std::string buildLog;
    std::vector<CorrectnessRecord> correctness;
    std::vector<TimingRecord> timing;
    std::optional<SpeedupRecord> speedup;
    std::optional<BoundRecord> bound;
    std::optional<LibraryRecord> library; ///< where the task names one
    std::optional<ProfileRecord> profile; ///< where the request asked for it and there are counters
    std::map<std::string, std::string> resources; ///< "local_mem_bytes": "2048", …
    std::vector<TrustRecord> trust;
    std::vector<ForeignRecord> foreign; ///< one a profile; empty when no output was compared
    std::map<std::string, std::string> environment; ///< device, driver, host, sandbox, worker, …
    std::map<std::string, std::string> hashes; ///< source, task, …
    double wallMs = 0; ///< request to verdict, on the worker
    std::optional<CodeRecord> code; ///< where the request asked for it and the compiler can tell
    /// Where that time went, whatever the stage: "making data", "comparing", "runner: laying out", …
    std::map<std::string, double> costsMs;

    /// Speed-up against the baseline, 0 when not correct or not timed.
    [[nodiscard]] double speedupRatio() const;
    /// Sum of median times over timed workloads, µs; 0 when not timed.
    [[nodiscard]] double totalMedianUs() const;
};

} // namespace ww
