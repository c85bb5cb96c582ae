// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/Cancellation.h"
#include "core/device/ChildProcess.h"
#include "core/judge/Evaluation.h"
#include "core/judge/Fill.h"
#include "core/judge/ForeignRules.h"
#include "core/worker/Messages.h"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace ww {

/// The end of the way through the gate before all stages are done: the verdict and its reason.
struct Stop {
    Verdict verdict = Verdict::InfraError;
    std::string message;
    ForPeople forPeople;
    std::vector<Diagnostic> diagnostics;
    bool cancelled = false;
    bool runnerDied = false; ///< in a way that an earlier candidate may have caused: worth a fresh runner
};
template <class T> using Outcome = tl::expected<T, Stop>;

[[nodiscard]] tl::unexpected<Stop> stop(Verdict verdict, std::string message);
/// A failure of ours as a verdict.
[[nodiscard]] tl::unexpected<Stop> stop(const Error &error);

// A declaration cannot stand in parentheses.
// NOLINTBEGIN(bugprone-macro-parentheses)
/// Evaluates an Outcome expression; returns its Stop from the enclosing function, else goes on.
#define WW_GO(declaration, expression)                                                                       \
    auto WW_TRY_JOIN(wwGo, __LINE__) = (expression);                                                         \
    if (!WW_TRY_JOIN(wwGo, __LINE__))                                                                        \
        return tl::make_unexpected(std::move(WW_TRY_JOIN(wwGo, __LINE__).error()));                          \
    declaration = std::move(*WW_TRY_JOIN(wwGo, __LINE__))
#define WW_PASS(expression)                                                                                  \
    do {                                                                                                     \
        auto wwOutcome = (expression);                                                                       \
        if (!wwOutcome)                                                                                      \
            return tl::make_unexpected(std::move(wwOutcome.error()));                                        \
    } while (false)
// NOLINTEND(bugprone-macro-parentheses)

/// Whose code a runner was running.
enum class Party { Candidate, Baseline, Reference };

/// A failed call or a refused request as a verdict: the candidate answers for its own faults, the task for
/// its reference's and baseline's, the infrastructure for the rest. `doing` is "on workload 'small'" or the
/// like.
[[nodiscard]] Stop stopOf(const CallFailure &failed, Party party, const std::string &doing);
[[nodiscard]] Stop stopOf(Problem problem, const std::string &message, Party party, const std::string &doing);

/// A kernel with its plan understood and its parameters chosen.
struct PreparedKernel {
    KernelChoice choice; ///< parameters: all of them, defaults filled in
    LaunchPlan plan;
    std::string binary {}; ///< what a compiler child made of it, for runners to load; empty: they compile
};

/// What is told while an evaluation goes on.
struct GateListener {
    std::function<void(const StageRecord &)> onStage;
    std::function<void(const std::string &workload, bool baseline, const std::vector<float> &us)> onSamples;
};

/// One candidate on its way through the gate.
struct GateCase {
    const EvaluateRequest &request;
    const GateListener &listener;
    const Cancellation &cancellation;
    PreparedKernel candidate;
    PreparedKernel baseline;
    std::vector<const Workload *> workloads; ///< small ones first
    std::vector<Workload> hidden; ///< shapes drawn for this run, checked but never named to a proposer
    std::vector<DataSet> sets; ///< those to check on
    Evaluation evaluation;
    std::vector<PairedSamples> samples {}; ///< of each timed workload
    ForeignJudges foreign {}; ///< what other harnesses would say

    /// Adds what has passed since `start` to a cost of the evaluation.
    void addCost(const char *name, std::chrono::steady_clock::time_point start);

    /// The workloads with the hidden shapes: all that the candidate will meet.
    [[nodiscard]] std::vector<const Workload *> everyShape() const;
};

/// A stage from its begin to its end, told to the listener and kept in the evaluation.
class StageClock {
public:
    StageClock(GateCase &gate, std::string name);
    /// Ends the stage well.
    void done(std::string detail);
    /// Ends the stage without its result, which is none that the verdict needs.
    void skipped(std::string detail);
    /// Ends the stage as the one that failed.
    void failed(std::string detail);
    [[nodiscard]] double seconds() const;

private:
    void finish(const char *status, std::string detail);
    GateCase &m_gate;
    std::string m_name;
    std::chrono::steady_clock::time_point m_start = std::chrono::steady_clock::now();
};

} // namespace ww
