// SPDX-License-Identifier: GPL-3.0-or-later
// Session files with made-up evaluations, written through the real journal: the window's tests need many
// candidates with every kind of verdict, at once and the same each time. Nothing here was measured.
#pragma once

#include "core/base/Random.h"
#include "core/candidate/TaskAdmission.h"
#include "core/journal/Journal.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace ww::test {

/// What kind of verdict to make up.
enum class MadeUp { Faster, NotFaster, Ambiguous, Wrong, BuildError, Crash, Fault };

inline Evaluation failedEvaluation(MadeUp kind)
{
    Evaluation evaluation;
    evaluation.stages = {{"intake", "ok", 1.2, ""}, {"compile", "ok", 140, ""}};
    switch (kind) {
    case MadeUp::BuildError: {
        evaluation.verdict = Verdict::CompileError;
        evaluation.message = "The kernel does not compile: line 12 uses an undeclared identifier. Declare "
                             "it, or correct its name.";
        evaluation.stages.back() = {"compile", "failed", 95, "1 error"};
        Diagnostic diagnostic;
        diagnostic.line = 12;
        diagnostic.column = 5;
        diagnostic.message = "use of undeclared identifier 'madeUp'";
        evaluation.diagnostics = {diagnostic};
        evaluation.buildLog = "12:5: error: use of undeclared identifier 'madeUp'";
        break;
    }
    case MadeUp::Wrong: {
        evaluation.verdict = Verdict::IncorrectNumerical;
        evaluation.message =
            "Output C differs from the reference at element 4711 of workload 512: 0.25 instead of 13.5.";
        evaluation.stages.push_back({"smoke", "ok", 12, ""});
        evaluation.stages.push_back({"correctness", "failed", 48, "1 of 6 data sets"});
        CorrectnessRecord record;
        record.workload = "512";
        record.set = "default";
        record.output = "C";
        record.maxAbs = 13.25;
        record.maxRel = 0.98;
        record.matched = 0.9921;
        record.worstIndex = 4711;
        record.expected = 13.5;
        record.actual = 0.25;
        record.ok = false;
        evaluation.correctness = {record};
        break;
    }
    case MadeUp::Crash:
        evaluation.verdict = Verdict::Timeout;
        evaluation.message = "The kernel did not end within 2 s on the smallest workload and was killed. "
                             "Look for a loop that never ends.";
        evaluation.stages.push_back({"smoke", "failed", 2000, "killed"});
        break;
    default:
        evaluation.verdict = Verdict::InfraError;
        evaluation.message = "The worker was lost and could not be started again.";
        break;
    }
    return evaluation;
}

inline Evaluation passedEvaluation(MadeUp kind, double ratio, RandomStream &random)
{
    Evaluation evaluation;
    evaluation.verdict = Verdict::Passed;
    evaluation.stages = {{"intake", "ok", 1.1, ""},
                         {"compile", "ok", 130 + 40 * random.uniform(), ""},
                         {"smoke", "ok", 9, ""},
                         {"correctness", "ok", 60 + 20 * random.uniform(), ""},
                         {"timing", "ok", 480 + 300 * random.uniform(), ""},
                         {"trust", "ok", 22, ""}};
    for (const char *set : {"default", "shifted", "exact"}) {
        CorrectnessRecord record;
        record.workload = "512";
        record.set = set;
        record.output = "C";
        record.maxRel = 3e-7;
        evaluation.correctness.push_back(record);
    }
    const double baselineUs = 38'400;
    TimingRecord timing;
    timing.workload = "512";
    timing.medianUs = baselineUs / ratio;
    timing.n = 60;
    timing.discarded = 3;
    for (int i = 0; i < timing.n; ++i)
        timing.samplesUs.push_back(static_cast<float>(
            timing.medianUs * (0.985 + 0.02 * random.uniform() + 0.05 * std::pow(random.uniform(), 12))));
    std::vector<float> sorted = timing.samplesUs;
    std::sort(sorted.begin(), sorted.end());
    timing.medianUs = sorted[sorted.size() / 2];
    timing.minUs = sorted.front();
    timing.p10Us = sorted[sorted.size() / 10];
    timing.p90Us = sorted[sorted.size() * 9 / 10];
    timing.ci95LowUs = timing.medianUs * 0.997;
    timing.ci95HighUs = timing.medianUs * 1.003;
    evaluation.timing = {timing};
    SpeedupRecord speedup;
    speedup.baseline = "baseline";
    speedup.ratio = ratio;
    speedup.ci95Low = ratio * (kind == MadeUp::Ambiguous ? 0.93 : 0.985);
    speedup.ci95High = ratio * (kind == MadeUp::Ambiguous ? 1.09 : 1.015);
    speedup.verdict = kind == MadeUp::Faster ? "FASTER"
        : kind == MadeUp::Ambiguous          ? "AMBIGUOUS"
        : ratio < 0.97                       ? "SLOWER"
                                             : "SAME";
    speedup.workloads = {{"512", ratio, speedup.ci95Low, speedup.ci95High, baselineUs, timing.medianUs}};
    evaluation.speedup = speedup;
    evaluation.bound = BoundRecord {2.0 * 512 * 512 * 512, 3.0 * 512 * 512 * 4, 900, 900 / timing.medianUs};
    evaluation.resources = {{"local_mem_bytes", "2048"}, {"work_group", "64"}};
    evaluation.trust = {{"input untouched", "ok", "hash equal"}, {"red zones", "ok", "intact"}};
    return evaluation;
}

inline MadeUp drawKind(RandomStream &random, int step)
{
    const double u = random.uniform();
    const double better = std::min(0.55, 0.2 + step * 0.006);
    if (u < better)
        return MadeUp::Faster;
    if (u < better + 0.14)
        return MadeUp::NotFaster;
    if (u < better + 0.2)
        return MadeUp::Ambiguous;
    if (u < better + 0.3)
        return MadeUp::Wrong;
    if (u < better + 0.4)
        return MadeUp::BuildError;
    return u < 0.97 ? MadeUp::Crash : MadeUp::Fault;
}

/// Writes `count` candidates in a tree like that of a search, seconds apart, some confirmed, one by hand.
inline Status writeMadeUpSession(const std::string &path, int count, uint64_t seed = 7)
{
    WW_TRY(const Task task, loadTask(std::string(WW_SOURCE_DIR) + "/kernels/matmul"));
    WW_TRY(const std::unique_ptr<Journal> journal, Journal::create(path));
    RandomStream random(seed, 0);
    double time = 1'795'000'000;
    std::vector<Event> events;
    const auto add = [&](EventBody body, double seconds) {
        time += seconds;
        events.push_back({static_cast<int64_t>(events.size()) + 1, time, std::move(body)});
    };
    SearchConfig config;
    config.steps = count;
    add(SessionCreated {"made-up", "search", "test", std::make_shared<const Task>(task), config}, 0);
    Capabilities device;
    device.backend = "opencl";
    device.device = "made-up CPU";
    device.spec = "opencl:0";
    device.sandbox = "bwrap+landlock+seccomp";
    add(RunStarted {{device}, config, false}, 0.5);

    struct Made {
        double ratio = 1;
        int children = 0;
        bool correct = true;
    };
    std::vector<Made> made {{}};
    double best = 0;
    for (int step = 1; step <= count; ++step) {
        CandidateId parent = 0;
        if (random.uniform() > 0.12 && step > 2) {
            do
                parent = static_cast<CandidateId>(random.below(static_cast<uint32_t>(step)));
            while (!made[static_cast<size_t>(parent)].correct
                   || made[static_cast<size_t>(parent)].children > 4);
        }
        const bool large = parent == 0 || random.uniform() < 0.25;
        const bool human = step == 9;
        Candidate candidate;
        candidate.id = step;
        candidate.parent = parent;
        candidate.kind = human ? MoveKind::Edit : large ? MoveKind::Large : MoveKind::Small;
        candidate.origin = human ? "human" : "catalogue";
        const KernelSource &variant =
            task.variants[random.below(static_cast<uint32_t>(task.variants.size()))];
        candidate.source = variant.text;
        candidate.title = variant.name;
        candidate.step = step;
        const PlanParse plan = parsePlan(candidate.source);
        for (const Tunable &tunable : plan.plan.tunables)
            candidate.parameters[tunable.name] =
                tunable.values[random.below(static_cast<uint32_t>(tunable.values.size()))];
        if (parent != 0)
            candidate.lineage = {{parent, LineageRole::Parent}};
        Move move;
        move.kind = candidate.kind;
        move.parent = parent;
        add(CandidateProposed {step, move, candidate}, 0.1);

        const MadeUp kind = drawKind(random, step);
        ++made[static_cast<size_t>(parent)].children;
        Made result;
        Evaluation evaluation;
        if (kind == MadeUp::Faster || kind == MadeUp::NotFaster || kind == MadeUp::Ambiguous) {
            const double base = std::max(1.0, made[static_cast<size_t>(parent)].ratio);
            result.ratio = kind == MadeUp::Faster
                ? std::min(28.0, base * (1.05 + 1.1 * random.uniform() / base * 2))
                : kind == MadeUp::Ambiguous ? 1.01
                                            : 0.55 + 0.44 * random.uniform();
            evaluation = passedEvaluation(kind, result.ratio, random);
        } else {
            result.correct = false;
            evaluation = failedEvaluation(kind);
        }
        evaluation.environment = {
            {"device", "made-up CPU"}, {"driver", "made up"}, {"sandbox", device.sandbox}};
        evaluation.hashes = {{"source", std::string(64, 'a')}};
        for (const StageRecord &stage : evaluation.stages)
            evaluation.wallMs += stage.ms;
        made.push_back(result);
        add(EvaluationFinished {step, false, evaluation, std::nullopt}, evaluation.wallMs / 1000 + 0.05);
        if (evaluation.verdict == Verdict::Passed && result.ratio > std::max(best, 1.0)) {
            best = result.ratio;
            Evaluation again = passedEvaluation(MadeUp::Faster, result.ratio * 0.985, random);
            again.wallMs = 800;
            if (random.uniform() < 0.85)
                add(EvaluationFinished {step, true, again, std::nullopt}, 0.8);
        }
    }
    add(RunStopped {"steps", fmt::format("{} steps", count)}, 0.1);
    return journal->appendAll(std::move(events));
}

} // namespace ww::test
