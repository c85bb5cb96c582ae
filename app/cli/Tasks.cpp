// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Command.h"
#include "app/cli/EvaluateOnce.h"
#include "core/base/Paths.h"
#include "core/candidate/TaskAdmission.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace ww::cli {
namespace {

nlohmann::json summaryJson(const Task &task)
{
    nlohmann::json workloads = nlohmann::json::array();
    for (const Workload &workload : task.workloads)
        workloads.push_back({{"name", workload.name},
                             {"axes", workload.axes},
                             {"timed", workload.timed},
                             {"device", workload.device}});
    nlohmann::json variants = nlohmann::json::array();
    for (const KernelSource &variant : task.variants)
        variants.push_back(variant.name);
    return {{"name", task.name},           {"description", task.description},
            {"directory", task.directory}, {"language", task.language},
            {"hash", task.hash},           {"workloads", workloads},
            {"variants", variants}};
}

void printTask(const Task &task)
{
    std::vector<std::string> workloads;
    for (const Workload &workload : task.workloads)
        workloads.push_back(workload.name + (workload.timed ? "" : " (checked only)")
                            + (workload.device.empty() ? "" : " (" + workload.device + ")"));
    std::vector<std::string> variants;
    for (const KernelSource &variant : task.variants)
        variants.push_back(variant.name);
    say("{}\n  {}\n  folder     {}\n  workloads  {}\n  variants   {}\n", task.name, task.description,
        task.directory, fmt::join(workloads, ", "), fmt::join(variants, ", "));
}

int listCommand(const std::string &directory, bool json)
{
    std::string root = directory;
    if (root.empty()) {
        const Result<std::string> shipped = kernelsDirectory();
        if (!shipped)
            return reportError(shipped.error());
        root = *shipped;
    }
    const Result<TaskListing> listing = listTasks(root);
    if (!listing)
        return reportError(listing.error());
    if (json) {
        nlohmann::json document = nlohmann::json::array();
        for (const Task &task : listing->tasks)
            document.push_back(summaryJson(task));
        say("{}\n", document.dump(2));
    } else {
        for (const Task &task : listing->tasks)
            printTask(task);
    }
    for (const Error &problem : listing->problems)
        complain("error: {}\n", problem.message());
    if (listing->tasks.empty() && listing->problems.empty())
        return reportError(Error {ErrorCode::NotFound,
                                  "no tasks in " + root,
                                  "no folder in it holds a task.json",
                                  "Name a folder of tasks",
                                  {}});
    return listing->problems.empty() ? kDone : kBadInput;
}

/// Puts the baseline and every variant, with default parameters, through compile and correctness.
int runKernels(const Task &task, const DeviceOptions &devices)
{
    const Result<std::shared_ptr<DevicePool>> pool = devices.start();
    if (!pool)
        return reportError(pool.error());
    std::vector<KernelSource> kernels {task.baseline};
    kernels.insert(kernels.end(), task.variants.begin(), task.variants.end());
    int status = kDone;
    for (const KernelSource &kernel : kernels) {
        const Result<Evaluation> evaluation = evaluateOnce(**pool, [&](EvaluateRequest &request) {
            request.task = task;
            request.candidate = {kernel.name, kernel.text, {}};
            request.lastStage = "correctness";
        });
        if (!evaluation)
            return reportError(evaluation.error());
        say("  {:<24} {} {}\n", kernel.name, toString(evaluation->verdict), evaluation->message);
        if (!correct(evaluation->verdict))
            status = kCandidateFailed;
    }
    return status;
}

int checkCommand(const std::string &directory, bool run, const DeviceOptions &devices)
{
    const Result<Task> task = devices.openTask(directory);
    if (!task)
        return reportError(task.error());
    say("{}: admitted; {} workloads, {} variants\n", task->name, task->workloads.size(),
        task->variants.size());
    return run ? runKernels(*task, devices) : int {kDone};
}

} // namespace

void addTasks(CLI::App &app, int &status)
{
    struct Options {
        std::string directory;
        bool json = false;
        bool run = false;
        DeviceOptions devices;
    };
    const auto options = std::make_shared<Options>();
    CLI::App *list = app.add_subcommand("tasks", "List tasks with their workloads and variants");
    list->add_option("DIR", options->directory, "Folder of tasks (default: the shipped ones)");
    list->add_flag("--json", options->json, "Print one JSON document");
    list->callback([options, &status] { status = listCommand(options->directory, options->json); });

    CLI::App *check = app.add_subcommand("check-task", "Check that a task can be searched on");
    check->add_option("DIR", options->directory, "Folder with task.json")->required();
    check->add_flag("--run", options->run, "Also put baseline and variants through the correctness stage");
    options->devices.addTo(*check);
    check->callback(
        [options, &status] { status = checkCommand(options->directory, options->run, options->devices); });
}

} // namespace ww::cli
