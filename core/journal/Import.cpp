// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/journal/Import.h"

#include "core/base/Hash.h"
#include "core/base/Paths.h"
#include "core/base/Utf8.h"
#include "core/base/Version.h"
#include "core/journal/AdaExploreRunJson.h"
#include "core/journal/Gzip.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <unordered_map>

namespace ww {
namespace {

constexpr size_t kMostBytes = size_t {256} << 20;
constexpr const char *kOrigin = "import:adaexplore";

tl::unexpected<Error> badRun(const std::string &path, std::string why)
{
    return failure(ErrorCode::BadInput, fmt::format("cannot import {}", path), std::move(why),
                   "Name a packed AdaExplore run: one JSON document with 'steps', gzip or not");
}

Result<AdaExploreRun> readRun(const std::string &path)
{
    WW_TRY(std::string text, readTextFile(path, kMostBytes));
    if (isGzip(text)) {
        Result<std::string> content = gunzip(text, kMostBytes);
        if (!content)
            return badRun(path, content.error().why);
        text = std::move(*content);
    }
    Result<AdaExploreRun> run = adaExploreRunFromJson(text);
    if (!run)
        return badRun(path, run.error().message());
    return run;
}

/// Words of an error text and the verdict that they stand for; the first that occurs decides. Triton
/// compiles when a kernel first runs, so `compiled` in the file says only that the module was imported.
struct ErrorSign {
    const char *words;
    Verdict verdict;
};
constexpr std::array kErrorSigns {
    ErrorSign {"OutOfResources", Verdict::ResourceLimit},
    ErrorSign {"out of memory", Verdict::ResourceLimit},
    ErrorSign {"triton.compiler", Verdict::CompileError},
    ErrorSign {"CompilationError", Verdict::CompileError},
    ErrorSign {"SyntaxError", Verdict::CompileError},
    ErrorSign {"compile failed", Verdict::CompileError},
    ErrorSign {"timeout", Verdict::Timeout},
    ErrorSign {"shape mismatch", Verdict::IncorrectShape},
    ErrorSign {"incorrect output", Verdict::IncorrectNumerical},
    ErrorSign {"Output mismatch", Verdict::IncorrectNumerical},
};

Verdict verdictOf(const AdaExploreStep &step)
{
    if (step.compiled && step.correct)
        return Verdict::Passed;
    for (const ErrorSign &sign : kErrorSigns) {
        if (step.error.find(sign.words) != std::string::npos)
            return sign.verdict;
    }
    if (!step.compiled)
        return Verdict::CompileError;
    return step.error.empty() ? Verdict::IncorrectNumerical : Verdict::RuntimeError;
}

SpeedupRecord speedupOf(const AdaExploreStep &step)
{
    SpeedupRecord speedup;
    speedup.baseline = "reference";
    speedup.ratio = speedup.ci95Low = speedup.ci95High = step.speedup;
    speedup.verdict = step.speedup > 1 ? "FASTER" : step.speedup < 1 ? "SLOWER" : "SAME";
    speedup.reason = "By the source's rounded mean; it recorded no interval.";
    const double baselineUs = step.baselineMs > 0 ? step.baselineMs * 1e3 : 0;
    speedup.workloads.push_back(
        {"recorded", step.speedup, step.speedup, step.speedup, baselineUs, step.runtimeMs * 1e3});
    return speedup;
}

Evaluation evaluationOf(const AdaExploreStep &step)
{
    Evaluation evaluation;
    evaluation.verdict = verdictOf(step);
    evaluation.message = clipped(step.error, 2000);
    if (!step.hardware.empty())
        evaluation.environment["device"] = step.hardware;
    evaluation.environment["imported_from"] = "adaexplore";
    evaluation.resources["module_imported"] = step.compiled ? "true" : "false";
    if (evaluation.verdict != Verdict::Passed)
        return evaluation;
    evaluation.speedup = speedupOf(step);
    if (step.runtimeMs > 0) {
        TimingRecord timing;
        timing.workload = "recorded";
        timing.mode = "imported";
        timing.medianUs = timing.ci95LowUs = timing.ci95HighUs = step.runtimeMs * 1e3;
        timing.p10Us = timing.p90Us = timing.minUs = timing.medianUs;
        evaluation.timing.push_back(std::move(timing));
    }
    return evaluation;
}

/// A task to hold the run's reference; it is never run.
Task taskOf(const AdaExploreRun &run, const std::string &path)
{
    const std::string folder = run.directory.empty() ? path : run.directory;
    Task task;
    task.name = "adaexplore-" + std::filesystem::path(folder).filename().string();
    task.description = run.label;
    task.tags = {"imported"};
    task.language = "triton";
    task.reference = {"reference", "", run.reference};
    task.baseline = task.reference;
    task.hash = sha256Hex(run.reference);
    return task;
}

/// Turns steps into events, checking that they tell one story.
class RunReader {
public:
    RunReader(const std::string &path, double time) : m_path(path), m_time(time) { }

    Status readAll(const AdaExploreRun &run)
    {
        if (run.steps.empty() || run.steps.front().createdBy != "dummy_root")
            return badRun(m_path, "its first step is not the dummy root");
        SessionCreated created {randomToken(), kOrigin, kProgramVersion,
                                std::make_shared<const Task>(taskOf(run, m_path)), SearchConfig {}};
        created.config.proposer = "llm";
        created.config.seed = 0;
        created.config.steps = static_cast<int>(run.steps.size()) - 1;
        created.config.confirmBest = false;
        RunStarted started {devicesOf(run), created.config, false};
        push(std::move(created));
        push(std::move(started));
        m_ids[run.steps.front().node] = 0;
        for (size_t i = 1; i < run.steps.size(); ++i)
            WW_CHECK(read(run.steps[i]));
        push(RunStopped {"steps", "end of the recorded run"});
        return {};
    }

    std::vector<Event> events;
    int restaged = 0; ///< "compiled" by the file, build error by its own error text

private:
    void push(EventBody body) { events.push_back({0, m_time, std::move(body)}); }

    static std::vector<Capabilities> devicesOf(const AdaExploreRun &run)
    {
        Capabilities device;
        for (const AdaExploreStep &step : run.steps) {
            if (device.device.empty())
                device.device = step.hardware;
        }
        device.backend = "triton";
        device.deviceKind = "gpu";
        return {device};
    }

    Result<CandidateId> idOf(int64_t node, const AdaExploreStep &step, const char *what) const
    {
        const auto found = m_ids.find(node);
        if (found == m_ids.end())
            return badRun(
                m_path,
                fmt::format("step {} names {} {}, which is not an earlier node", step.step, what, node));
        return found->second;
    }

    Status read(const AdaExploreStep &step)
    {
        if (step.createdBy != "large_step" && step.createdBy != "small_step")
            return badRun(m_path,
                          fmt::format("step {} was created by '{}'", step.step,
                                      clipped(toValidUtf8(step.createdBy), 40)));
        if (step.step <= m_lastStep)
            return badRun(m_path, fmt::format("step {} comes after step {}", step.step, m_lastStep));
        m_lastStep = step.step;

        CandidateProposed proposed;
        proposed.step = step.step;
        Candidate &candidate = proposed.candidate;
        candidate.id = static_cast<CandidateId>(m_ids.size());
        WW_TRY(candidate.parent, idOf(step.parent, step, "the parent"));
        candidate.kind = step.createdBy == "small_step" ? MoveKind::Small : MoveKind::Large;
        candidate.origin = kOrigin;
        candidate.title = fmt::format("step {}", step.step);
        candidate.source = step.code;
        proposed.move.kind = candidate.kind;
        proposed.move.parent = candidate.parent;
        for (const int64_t node : step.context) {
            WW_TRY(const CandidateId id, idOf(node, step, "the context"));
            proposed.move.context.push_back(
                {id, id == candidate.parent ? LineageRole::Parent : LineageRole::Context});
        }
        candidate.lineage = proposed.move.context;
        if (!m_ids.emplace(step.node, candidate.id).second)
            return badRun(m_path, fmt::format("node {} occurs twice", step.node));
        const CandidateId id = candidate.id;
        push(std::move(proposed));

        EvaluationFinished finished {id, false, evaluationOf(step),
                                     PolicyOutcome {step.compiled, step.correct, step.speedup, step.reward}};
        restaged += step.compiled && finished.evaluation.verdict == Verdict::CompileError ? 1 : 0;
        push(std::move(finished));
        return {};
    }

    const std::string &m_path;
    double m_time;
    int m_lastStep = 0;
    std::unordered_map<int64_t, CandidateId> m_ids; ///< by node of the file
};

} // namespace

Result<ImportReport> importAdaExplore(const std::string &path, const std::string &sessionPath)
{
    WW_TRY(const AdaExploreRun run, readRun(path));
    const double now =
        std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    RunReader reader(path, now);
    WW_CHECK(reader.readAll(run));
    // What contradicts itself must not leave a file behind that cannot be opened.
    Session trial;
    for (Event &event : reader.events) {
        event.seq = trial.lastSeq + 1;
        WW_CHECK(trial.apply(event));
    }
    WW_TRY(std::unique_ptr<Journal> journal, Journal::create(sessionPath));
    if (const Status written = journal->appendAll(std::move(reader.events)); !written) {
        journal.reset();
        std::error_code ignored; // the failure to write is what matters
        std::filesystem::remove(sessionPath, ignored);
        return tl::make_unexpected(written.error());
    }

    ImportReport report;
    report.candidates = static_cast<int>(run.steps.size()) - 1;
    report.notes = {
        "Times stand in fields named *_us and are milliseconds; they were converted.",
        "The file has no dates and no intervals: every time is that of the import, and speed-ups are rounded "
        "means.",
        fmt::format("{} candidates that the file calls compiled are build errors by their own error text.",
                    reader.restaged),
        "Visits and rewards in the file are snapshots at creation; the tree's were computed anew.",
    };
    return report;
}

} // namespace ww
