// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/bridge/ModelViews.h"

#include <QList>
#include <QMap>
#include <QMetaType>
#include <QString>

/// What the window shows, as plain values: the bridge makes them from core values, widgets know nothing else.
namespace ww::ui {

/// Number of a candidate within its session; 0 is the start (the baseline), −1 is none.
using CandidateId = qint64;
constexpr CandidateId kNoCandidate = -1;

/// What became of a candidate, as far as a person looking at the tree cares.
enum class Outcome {
    Start, ///< the root: the baseline, never evaluated as a candidate
    Waiting, ///< proposed; cut off before it was evaluated
    Running, ///< in the gate now
    BuildError, ///< rejected or not compiled
    Wrong, ///< compiled, wrong or untrustworthy result
    Crashed, ///< run-time error, hang or resource limit
    NotFaster, ///< correct, not faster than the baseline
    Ambiguous, ///< correct, the interval does not decide
    Faster, ///< correct and faster
    Fault, ///< a fault of ours or the device's; not held against the candidate
};
constexpr int kOutcomeCount = 10;

enum class StepKind { Start, Large, Small, Tune, Edit, Crossover };

/// A measured ratio with its 95 % interval; value 0 means not measured.
struct RatioView {
    double value = 0, low = 0, high = 0;
    [[nodiscard]] bool measured() const { return value > 0; }
};

/// A candidate as trees, tables and charts show it.
struct NodeView {
    CandidateId id = 0;
    CandidateId parent = kNoCandidate;
    StepKind kind = StepKind::Start;
    Outcome outcome = Outcome::Start;
    QString verdict; ///< name in records: "PASSED", "COMPILE_ERROR"; empty before it is known
    QString title;
    QString origin; ///< "catalogue", "human", …
    int step = 0;
    double seconds = 0; ///< of running time when it was evaluated
    double medianUs = 0; ///< sum of medians over timed workloads; 0 when not timed
    RatioView speedup; ///< first measurement
    RatioView confirmed; ///< independent re-measurement
    bool confirmationFailed = false;
    bool human = false;
};

struct StageView {
    QString name, status, detail; ///< status: "ok" | "failed" | "skipped" | "running"
    double ms = 0;
};

struct DiagnosticView {
    enum class Severity { Note, Warning, Error };
    Severity severity = Severity::Error;
    int line = 0; ///< from 1; 0 when it belongs to no line
    int column = 0; ///< from 1; 0 when unknown
    QString message;
};

struct CorrectnessView {
    QString workload, set, output;
    double maxAbs = 0, maxRel = 0, matched = 1;
    qint64 worstIndex = -1;
    double expected = 0, actual = 0;
    bool ok = true;
};

struct TimingView {
    QString workload, mode;
    int n = 0, discarded = 0;
    double medianUs = 0, lowUs = 0, highUs = 0, p10Us = 0, p90Us = 0, minUs = 0;
    double baselineMedianUs = 0; ///< interleaved with this measurement; 0 when unknown
    RatioView speedup; ///< on this workload
    double clockMhz = 0; ///< 0 where the device does not tell
    double solUs = 0, solScore = 0; ///< speed of light of this workload; 0 when unknown
    bool unstable = false;
    QList<float> samplesUs;
    QString readings; ///< temperature, power, clocks while it was timed; empty where the device tells nothing
    double tracedUs = 0; ///< median by the device's own records; 0 where not asked for
};

/// What a published harness would have said, beside our verdict.
struct ForeignView {
    QString profile;
    QString verdict; ///< "CORRECT" | "INCORRECT"
    QString reason;
    double speedup = 0; ///< by its own statistic; 0 when it would not have timed it
};

struct TrustView {
    QString probe, verdict, value;
};

struct LineageView {
    CandidateId id = 0;
    bool ancestor = false; ///< on the way from the start; else shown to its maker
    QString role; ///< "parent", "context", …
};

/// `//@ tune NAME = …` of a source.
struct TunableView {
    QString name;
    QList<qint64> values; ///< the first is the default
    int line = 0;
};

/// The launch plan of a source as the editor needs it.
struct PlanView {
    QList<TunableView> tunables;
    QList<DiagnosticView> diagnostics;
};

/// One pass through the gate.
struct EvaluationView {
    QString verdict, message;
    QString where; ///< for people only: what data and which shape it failed on
    QString reproduce; ///< options of `warpwright-cli evaluate` that bring the failure about again
    QList<StageView> stages;
    QList<DiagnosticView> diagnostics;
    QString buildLog;
    QList<CorrectnessView> correctness;
    QList<TimingView> timing;
    RatioView speedup;
    QString baseline, comparison, reason; ///< comparison: FASTER, SLOWER, SAME, AMBIGUOUS or empty
    double flops = 0, bytes = 0, solUs = 0, solScore = 0;
    QMap<QString, QString> resources;
    QList<TrustView> trust;
    QList<ForeignView> foreign;
    QMap<QString, QString> environment;
    QMap<QString, QString> hashes;
    double wallMs = 0;
    bool present = false; ///< false: not evaluated
};

/// A line of PTX or machine code.
struct CodeLineView {
    QString text;
    int sourceLine = 0; ///< from 1; 0: of no line of the source
};

/// What the compiler says of a source that nobody has evaluated.
struct CheckView {
    QString source; ///< what was compiled, with these parameters
    QMap<QString, qint64> parameters;
    bool compiled = false;
    QString message; ///< why not, in one line
    QList<DiagnosticView> diagnostics;
    QMap<QString, QString> resources; ///< as in a record: "softmax.registers" → "29"
    QList<CodeLineView> ptx, sass; ///< empty where it was not asked for, or there is none
    QString codeProblem; ///< why there is no machine code; empty where there is
    QStringList findings; ///< what a reader should know of the code
    double ms = 0;
    QString problem; ///< why nothing could be compiled at all; empty when the compiler answered
};

/// Everything known of one candidate.
struct CandidateView {
    NodeView node;
    QString source;
    QString parentSource; ///< what it was made from; empty for the start
    QMap<QString, qint64> parameters;
    QMap<QString, qint64> parentParameters;
    PlanView plan;
    QList<LineageView> lineage; ///< oldest ancestor first, then context
    QList<CandidateId> children;
    EvaluationView evaluation;
    EvaluationView confirmation;
    QString refutation; ///< why the re-measurement did not confirm it; empty where it did
    QList<ModelCallView> calls; ///< what a model was asked for it; none for other candidates
    QString hint; ///< a person's advice for the next candidate made from it
};

/// Samples as they are taken.
struct SamplesView {
    CandidateId id = 0;
    bool confirmation = false;
    bool baseline = false; ///< of the kernel it is compared with, interleaved
    QString workload;
    QList<float> us;
};

/// What the engine is doing, as the window sees it.
enum class RunState { Empty, Loading, Review, Starting, Running, Paused, Stopping };

/// The chosen settings of a search.
struct SearchSettings {
    QString task; ///< name, or directory
    QString device; ///< "opencl:0"
    QString policy = QStringLiteral("adaexplore");
    QString proposer = QStringLiteral("catalogue"); ///< or "llm", "human"
    ModelSettingsView model; ///< of the proposer "llm"
    double money = 0; ///< US dollars; 0 = no limit
    int steps = 60; ///< 0 = no limit
    double seconds = 0; ///< 0 = no limit
    int stagnation = 0; ///< 0 = no limit
    quint64 seed = 1;
    bool tuneWhenIdle = true; ///< devices that only wait for a model measure more parameters
};

/// Where the session stands.
struct SummaryView {
    QString path, name, origin, task, language, workload, device, deviceName, sandbox, sandboxNote, proposer;
    SearchSettings settings;
    int stepsDone = 0;
    int candidates = 0;
    int counts[kOutcomeCount] = {};
    double runSeconds = 0;
    double busyShare = 0; ///< of the devices' time spent in the gate, 0…1
    CandidateId best = kNoCandidate;
    CandidateId confirmedBest = kNoCandidate;
    RatioView bestSpeedup; ///< confirmed where it is
    QString stopReason, stopDetail;
    QString pausedWhy; ///< why the search waits for a person, and what to do; empty while it goes on
    SpendingView spending;
    QString cannotContinue; ///< why it can only be looked at; empty when it can go on
};

struct DeviceView {
    QString spec, name;
    QString shortName; ///< for narrow places: "PoCL CPU"
    QString kind, driver, host, toolchain, sandbox, sandboxNote;
    int computeUnits = 0;
};

struct WorkloadView {
    QString name;
    bool timed = true;
    QString device; ///< "cpu" or "gpu": left out on the other kind; empty: for all
};

struct TaskView {
    QString name, description, directory, language, baselineSource;
    QList<WorkloadView> workloads;
    int variants = 0;
    /// The workloads for a kind of device ("cpu", "gpu"; empty: all).
    [[nodiscard]] QList<WorkloadView> workloadsFor(const QString &deviceKind) const;
    /// Name of the first timed one of them and how many more there are: "512", "1024 +1".
    [[nodiscard]] QString timedLabel(const QString &deviceKind) const;
};

/// A failure as a banner shows it.
struct ProblemView {
    QString what, why, remedy, where;
    [[nodiscard]] QString text() const; ///< all of it, for the clipboard
};

/// Lower-case words for a person: "build error", "faster", …
[[nodiscard]] QString outcomeName(Outcome outcome);
/// "large step", "edit", …
[[nodiscard]] QString stepName(StepKind kind);

} // namespace ww::ui

Q_DECLARE_METATYPE(ww::ui::NodeView)
