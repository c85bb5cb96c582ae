// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Command.h"
#include "app/cli/EvaluateOnce.h"
#include "app/cli/EvidenceText.h"
#include "core/judge/EvaluationJson.h"
#include "core/judge/Fill.h"
#include "core/judge/Shapes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace ww::cli {
namespace {

struct Options {
    std::string task;
    std::string first;
    std::vector<std::string> parameters;
    std::vector<std::string> workloads;
    std::vector<std::string> sets;
    std::string axes;
    std::string lastStage;
    uint64_t seed = 1;
    int repeat = 1;
    bool fresh = false;
    bool profile = false;
    bool json = false;
    DeviceOptions devices;
};

/// The task, with the shape of --axes as a workload of its own and the only one to be used.
Result<Task> taskOf(Options &options)
{
    WW_TRY(Task task, options.devices.openTask(options.task));
    std::vector<std::string> known;
    for (const Workload &workload : task.workloads)
        known.push_back(workload.name);
    for (const std::string &name : options.workloads) {
        if (std::find(known.begin(), known.end(), name) == known.end())
            return failure(ErrorCode::BadInput,
                           fmt::format("the task '{}' has no workload '{}'", task.name, name),
                           fmt::format("it has {}", fmt::join(known, ", ")));
    }
    if (options.axes.empty())
        return task;
    WW_TRY(Workload shape, workloadOfShape(task, options.axes));
    options.workloads = {shape.name};
    task.workloads.push_back(std::move(shape));
    return task;
}

/// What to type to see the failure again.
std::string reproduction(const Options &options, const Evaluation &evaluation)
{
    if (evaluation.forPeople.reproduce.empty())
        return {};
    return fmt::format("reproduce    warpwright-cli evaluate --task {} --candidate {} {}\n", options.task,
                       options.first, evaluation.forPeople.reproduce);
}

int evaluateCommand(Options options)
{
    const Result<Task> task = taskOf(options);
    if (!task)
        return reportError(task.error());
    const Result<KernelChoice> candidate = readCandidate(*task, options.first, options.parameters);
    if (!candidate)
        return reportError(candidate.error());
    const Result<std::shared_ptr<DevicePool>> pool = options.devices.start();
    if (!pool)
        return reportError(pool.error());
    int status = kDone;
    for (int i = 0; i < options.repeat; ++i) {
        // A repeat carries one more comment, so that it is compiled as a new candidate of a search would be.
        KernelChoice again = *candidate;
        if (i > 0)
            again.source += fmt::format("\n// repeat {}\n", i);
        const Result<Evaluation> evaluation = evaluateOnce(**pool, [&](EvaluateRequest &request) {
            request.task = *task;
            request.candidate = again;
            request.lastStage = options.lastStage;
            request.workloads = options.workloads;
            request.sets = options.sets;
            request.seed = options.seed;
            request.freshRunner = options.fresh;
            request.profile = options.profile;
        });
        if (!evaluation)
            return reportError(evaluation.error());
        if (options.json)
            sayJson(evaluationToJson(*evaluation), options.repeat > 1);
        else
            say("{}\n", evidenceText(*evaluation) + reproduction(options, *evaluation));
        if (!correct(evaluation->verdict))
            status = evaluation->verdict == Verdict::InfraError ? kInfrastructure : kCandidateFailed;
    }
    return status;
}

} // namespace

void addEvaluate(CLI::App &app, int &status)
{
    const auto options = std::make_shared<Options>();
    CLI::App *command =
        app.add_subcommand("evaluate", "Put one candidate through the gate; prints its evidence");
    command->add_option("--task", options->task, "Task folder, or name of a shipped task")->required();
    command->add_option("--candidate", options->first, "Kernel file with its //@ lines")->required();
    command->add_option("--param", options->parameters, "Tunable as NAME=VALUE (repeatable)");
    command->add_option("--workload", options->workloads, "Only this workload (repeatable)");
    CLI::Option *axes = command->add_option(
        "--axes", options->axes,
        "Only this shape, as AXIS=SIZE,…; scalars may follow: rows=37,cols=129,scale=0.5");
    axes->excludes("--workload");
    command->add_option("--set", options->sets, "Only this data set (repeatable)")
        ->check(CLI::IsMember(dataSetNames()));
    command->add_option("--last-stage", options->lastStage, "Stop after this stage")
        ->check(CLI::IsMember({"intake", "compile", "smoke", "correctness", "timing"}));
    command->add_option("--seed", options->seed, "Of the test data")
        ->check(seedNumber())
        ->capture_default_str();
    command->add_option("--repeat", options->repeat, "Evaluate so many times on the same warm worker")
        ->check(CLI::Range(1, 10000));
    command->add_flag("--fresh", options->fresh, "In a runner process of its own");
    command->add_flag("--profile", options->profile,
                      "Read hardware counters too, and say what holds the kernel back");
    command->add_flag("--json", options->json, "Print the evidence record as JSON");
    options->devices.addTo(*command);
    command->callback([options, &status] { status = evaluateCommand(*options); });
}

} // namespace ww::cli
