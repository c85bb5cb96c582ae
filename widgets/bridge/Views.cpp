// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/bridge/Views.h"

namespace ww::ui {

namespace {

QMap<QString, QString> textMap(const std::map<std::string, std::string> &values)
{
    QMap<QString, QString> made;
    for (const auto &[name, value] : values)
        made.insert(text(name), text(value));
    return made;
}

QList<DiagnosticView> diagnosticViews(const std::vector<Diagnostic> &diagnostics)
{
    QList<DiagnosticView> views;
    for (const Diagnostic &diagnostic : diagnostics) {
        DiagnosticView view;
        switch (diagnostic.severity) {
        case Diagnostic::Severity::Note: view.severity = DiagnosticView::Severity::Note; break;
        case Diagnostic::Severity::Warning: view.severity = DiagnosticView::Severity::Warning; break;
        case Diagnostic::Severity::Error: view.severity = DiagnosticView::Severity::Error; break;
        }
        view.line = diagnostic.line;
        view.column = diagnostic.column;
        view.message = text(diagnostic.message);
        views.append(view);
    }
    return views;
}

TimingView timingView(const TimingRecord &record, const Evaluation &evaluation)
{
    TimingView view;
    view.workload = text(record.workload);
    view.mode = text(record.mode);
    view.n = record.n;
    view.discarded = record.discarded;
    view.medianUs = record.medianUs;
    view.lowUs = record.ci95LowUs;
    view.highUs = record.ci95HighUs;
    view.p10Us = record.p10Us;
    view.p90Us = record.p90Us;
    view.minUs = record.minUs;
    view.clockMhz = record.clockMhz;
    view.solUs = record.solUs;
    view.solScore = record.solScore;
    view.unstable = record.unstable;
    view.samplesUs = QList<float>(record.samplesUs.begin(), record.samplesUs.end());
    view.readings = text(readingsText(record));
    view.tracedUs = record.tracedUs;
    // The comparison with the baseline is of cold runs alone.
    if (!evaluation.speedup || record.mode != "cold")
        return view;
    for (const SpeedupRecord::PerWorkload &part : evaluation.speedup->workloads) {
        if (part.workload == record.workload) {
            view.baselineMedianUs = part.baselineMedianUs;
            view.speedup = {part.ratio, part.ci95Low, part.ci95High};
        }
    }
    return view;
}

RatioView ratioView(const std::optional<Evaluation> &evaluation)
{
    if (!evaluation || !evaluation->speedup || !correct(evaluation->verdict))
        return {};
    return {evaluation->speedup->ratio, evaluation->speedup->ci95Low, evaluation->speedup->ci95High};
}

StepKind stepKind(MoveKind kind)
{
    switch (kind) {
    case MoveKind::Root: return StepKind::Start;
    case MoveKind::Large: return StepKind::Large;
    case MoveKind::Small: return StepKind::Small;
    case MoveKind::Tune: return StepKind::Tune;
    case MoveKind::Edit: return StepKind::Edit;
    case MoveKind::Crossover: return StepKind::Crossover;
    }
    return StepKind::Start;
}

} // namespace

QString text(const std::string &utf8)
{
    return QString::fromStdString(utf8);
}

ProblemView problemView(const Error &error)
{
    return {text(error.what), text(error.why), text(error.remedy), text(error.where)};
}

DeviceView deviceView(const Capabilities &device)
{
    DeviceView view;
    view.spec = text(device.spec);
    view.name = text(device.device);
    // PoCL names its device after the compiler's target: right, and unreadable in a toolbar.
    const bool pocl = device.platform == "Portable Computing Language";
    view.shortName = pocl ? QStringLiteral("PoCL %1").arg(text(device.deviceKind).toUpper()) : view.name;
    view.kind = text(device.deviceKind);
    view.driver = text(device.driver);
    view.host = text(device.host);
    view.toolchain = text(device.toolchain);
    view.sandbox = text(device.sandbox);
    view.sandboxNote = text(device.sandboxNote);
    view.computeUnits = device.computeUnits;
    return view;
}

Result<Endpoint> endpointOf(const ModelSettingsView &settings)
{
    const auto wire = wireKindFromName(settings.wire.toStdString());
    if (!wire)
        return failure(ErrorCode::BadInput, "cannot ask a model",
                       "unknown format " + settings.wire.toStdString(),
                       "The formats are chat, responses and messages");
    if (settings.url.trimmed().isEmpty() || settings.model.trimmed().isEmpty())
        return failure(ErrorCode::BadInput, "cannot ask a model", "no address or no model's name is given",
                       "Set up a model: Search, Model settings");
    Endpoint endpoint;
    endpoint.url = settings.url.trimmed().toStdString();
    endpoint.wire = *wire;
    endpoint.keyVariable = settings.keyVariable.trimmed().toStdString();
    endpoint.keyName = settings.keyName.trimmed().toStdString();
    endpoint.allowPlainHttp = settings.allowPlainHttp;
    return checkedEndpoint(std::move(endpoint));
}

TaskView taskView(const Task &task)
{
    TaskView view;
    view.name = text(task.name);
    view.description = text(task.description);
    view.directory = text(task.directory);
    view.language = text(task.language);
    view.baselineSource = text(task.baseline.text);
    view.variants = static_cast<int>(task.variants.size());
    for (const Workload &workload : task.workloads)
        view.workloads.append({text(workload.name), workload.timed, text(workload.device)});
    return view;
}

PlanView planView(const PlanParse &parse)
{
    PlanView view;
    for (const Tunable &tunable : parse.plan.tunables)
        view.tunables.append(
            {text(tunable.name), QList<qint64>(tunable.values.begin(), tunable.values.end()), tunable.line});
    view.diagnostics = diagnosticViews(parse.diagnostics);
    return view;
}

StageView stageView(const StageRecord &stage)
{
    return {text(stage.name), text(stage.status), text(stage.detail), stage.ms};
}

SamplesView samplesView(CandidateId id, bool confirmation, const SamplesMessage &samples)
{
    return {id, confirmation, samples.baseline, text(samples.workload),
            QList<float>(samples.us.begin(), samples.us.end())};
}

EvaluationView evaluationView(const Evaluation &evaluation)
{
    EvaluationView view;
    view.present = true;
    view.verdict = text(toString(evaluation.verdict));
    view.message = text(evaluation.message);
    view.where = text(evaluation.forPeople.detail);
    view.reproduce = text(evaluation.forPeople.reproduce);
    for (const StageRecord &stage : evaluation.stages)
        view.stages.append(stageView(stage));
    view.diagnostics = diagnosticViews(evaluation.diagnostics);
    view.buildLog = text(evaluation.buildLog);
    for (const CorrectnessRecord &record : evaluation.correctness)
        view.correctness.append({text(record.workload), text(record.set), text(record.output), record.maxAbs,
                                 record.maxRel, record.matched, record.worstIndex, record.expected,
                                 record.actual, record.ok});
    for (const TimingRecord &record : evaluation.timing)
        view.timing.append(timingView(record, evaluation));
    if (evaluation.speedup) {
        view.speedup = {evaluation.speedup->ratio, evaluation.speedup->ci95Low, evaluation.speedup->ci95High};
        view.baseline = text(evaluation.speedup->baseline);
        view.comparison = text(evaluation.speedup->verdict);
        view.reason = text(evaluation.speedup->reason);
    }
    if (evaluation.bound) {
        view.flops = evaluation.bound->flops;
        view.bytes = evaluation.bound->bytes;
        view.solUs = evaluation.bound->solUs;
        view.solScore = evaluation.bound->solScore;
    }
    view.resources = textMap(evaluation.resources);
    for (const ForeignRecord &record : evaluation.foreign)
        view.foreign.append(
            {text(record.profile), text(record.verdict), text(record.reason), record.speedup});
    for (const TrustRecord &record : evaluation.trust)
        view.trust.append({text(record.probe), text(record.verdict), text(record.value)});
    view.environment = textMap(evaluation.environment);
    view.hashes = textMap(evaluation.hashes);
    view.wallMs = evaluation.wallMs;
    return view;
}

Outcome outcomeOf(const Evaluation &evaluation)
{
    switch (evaluation.verdict) {
    case Verdict::Passed: break;
    case Verdict::CompileError:
    case Verdict::Rejected: return Outcome::BuildError;
    case Verdict::RuntimeError:
    case Verdict::Timeout:
    case Verdict::ResourceLimit: return Outcome::Crashed;
    case Verdict::InvalidReference:
    case Verdict::InfraError: return Outcome::Fault;
    case Verdict::IncorrectShape:
    case Verdict::IncorrectDtype:
    case Verdict::IncorrectNumerical:
    case Verdict::Sanitizer:
    case Verdict::Suspect:
    case Verdict::RewardHack:
    case Verdict::NotReproduced: return Outcome::Wrong;
    }
    if (!evaluation.speedup)
        return Outcome::NotFaster;
    if (evaluation.speedup->verdict == "FASTER")
        return Outcome::Faster;
    return evaluation.speedup->verdict == "AMBIGUOUS" ? Outcome::Ambiguous : Outcome::NotFaster;
}

NodeView nodeView(const Node &node, bool inFlight, double seconds)
{
    const Candidate &candidate = node.candidate;
    NodeView view;
    view.id = candidate.id;
    view.kind = stepKind(candidate.kind);
    view.title = text(candidate.title);
    view.origin = text(candidate.origin);
    view.step = candidate.step;
    view.seconds = seconds;
    view.human = candidate.origin == "human" || candidate.kind == MoveKind::Edit;
    if (candidate.kind == MoveKind::Root)
        return view;
    view.parent = candidate.parent;
    view.outcome = inFlight ? Outcome::Running : Outcome::Waiting;
    if (!node.evaluation)
        return view;
    view.outcome = outcomeOf(*node.evaluation);
    view.verdict = text(toString(node.evaluation->verdict));
    view.medianUs = node.evaluation->totalMedianUs();
    view.speedup = ratioView(node.evaluation);
    view.confirmationFailed = !node.refutation().empty();
    if (view.confirmationFailed && view.outcome == Outcome::Faster)
        view.outcome = Outcome::Ambiguous; // two measurements that disagree decide nothing
    if (node.confirmed())
        view.confirmed = ratioView(node.confirmation);
    return view;
}

} // namespace ww::ui
