// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Command.h"
#include "app/cli/Interrupt.h"
#include "core/base/Hash.h"
#include "core/base/Paths.h"
#include "core/candidate/TaskAdmission.h"
#include "core/judge/AdmissionJson.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>

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
        sayJson(document);
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

struct CheckOptions {
    std::string directory;
    bool run = false;
    bool json = false;
    DeviceOptions devices;
};

/// What checking a task on a device found.
struct CheckOutcome {
    AdmissionReport admission;
    struct Kernel {
        std::string name;
        Evaluation evaluation;
    };
    std::vector<Kernel> kernels; ///< baseline and variants up to the correctness stage

    [[nodiscard]] bool good() const
    {
        return admission.admitted() && std::all_of(kernels.begin(), kernels.end(), [](const Kernel &kernel) {
                   return correct(kernel.evaluation.verdict);
               });
    }
};

Result<CheckOutcome> runOnDevice(const Task &task, const DeviceOptions &devices)
{
    WW_TRY(const std::unique_ptr<WorkerClient> worker, devices.startOne());
    std::stop_source stop;
    const Interrupt interrupt([&stop] { stop.request_stop(); });
    CheckOutcome outcome;
    AdmitRequest admission;
    admission.id = randomToken();
    admission.nonce = randomToken();
    admission.task = task;
    WW_TRY(outcome.admission, worker->admit(admission, {}, stop.get_token()));
    std::vector<KernelSource> kernels {task.baseline};
    kernels.insert(kernels.end(), task.variants.begin(), task.variants.end());
    for (const KernelSource &kernel : kernels) {
        EvaluateRequest request;
        request.id = randomToken();
        request.nonce = randomToken();
        request.task = task;
        request.candidate = {kernel.name, kernel.text, {}};
        request.lastStage = "correctness";
        WW_TRY(Evaluation evaluation, worker->evaluate(request, {}, stop.get_token()));
        outcome.kernels.push_back({kernel.name, std::move(evaluation)});
    }
    return outcome;
}

void printOutcome(const CheckOutcome &outcome)
{
    for (const AdmissionCheck &check : outcome.admission.checks)
        say("  {:<22} {:<5} {}\n", check.name, check.verdict, check.detail);
    say("{}\n", outcome.admission.score());
    for (const MutantRecord &mutant : outcome.admission.mutants)
        say("  {:<38} {:<9} {}\n", mutant.name, mutant.outcome,
            mutant.set.empty() ? "" : fmt::format("by data set {} on '{}'", mutant.set, mutant.workload));
    say("kernels\n");
    for (const CheckOutcome::Kernel &kernel : outcome.kernels)
        say("  {:<24} {} {}\n", kernel.name, toString(kernel.evaluation.verdict), kernel.evaluation.message);
}

nlohmann::json outcomeJson(const CheckOutcome &outcome)
{
    nlohmann::json kernels = nlohmann::json::array();
    for (const CheckOutcome::Kernel &kernel : outcome.kernels)
        kernels.push_back({{"name", kernel.name},
                           {"verdict", toString(kernel.evaluation.verdict)},
                           {"message", kernel.evaluation.message}});
    return {{"admission", admissionToJson(outcome.admission)}, {"kernels", std::move(kernels)}};
}

int checkCommand(const CheckOptions &options)
{
    const Result<Task> task = options.devices.openTask(options.directory);
    if (!task)
        return reportError(task.error());
    nlohmann::json document = summaryJson(*task);
    if (!options.json)
        say("{}: admitted; {} workloads, {} variants\n", task->name, task->workloads.size(),
            task->variants.size());
    int status = kDone;
    if (options.run) {
        const Result<CheckOutcome> outcome = runOnDevice(*task, options.devices);
        if (!outcome)
            return reportError(outcome.error());
        if (options.json)
            document.update(outcomeJson(*outcome));
        else
            printOutcome(*outcome);
        status = outcome->good() ? kDone : kCandidateFailed;
    }
    if (options.json)
        sayJson(document);
    return status;
}

} // namespace

void addTasks(CLI::App &app, int &status)
{
    const auto options = std::make_shared<CheckOptions>();
    CLI::App *list = app.add_subcommand("tasks", "List tasks with their workloads and variants");
    list->add_option("DIR", options->directory, "Folder of tasks (default: the shipped ones)");
    list->add_flag("--json", options->json, "Print one JSON document");
    list->callback([options, &status] { status = listCommand(options->directory, options->json); });

    CLI::App *check = app.add_subcommand("check-task", "Check that a task can be searched on");
    check->add_option("DIR", options->directory, "Folder with task.json")->required();
    check->add_flag(
        "--run", options->run,
        "Also on a device: admission checks, mutation score, baseline and variants for correctness");
    check->add_flag("--json", options->json, "Print one JSON document");
    options->devices.addTo(*check);
    check->callback([options, &status] { status = checkCommand(*options); });
}

} // namespace ww::cli
