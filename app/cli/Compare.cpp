// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Command.h"
#include "app/cli/EvaluateOnce.h"
#include "app/cli/EvidenceText.h"
#include "core/judge/EvaluationJson.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ww::cli {
namespace {

struct Options {
    std::string task;
    std::string first;
    std::string second;
    uint64_t seed = 1;
    bool json = false;
    DeviceOptions devices;
};

int statusOf(const Evaluation &evaluation)
{
    return evaluation.verdict == Verdict::InfraError ? kInfrastructure : kCandidateFailed;
}

std::string speedupText(const SpeedupRecord &speedup)
{
    return fmt::format("{:<9} {:.4g}× [{:.4g}, {:.4g}]  {}", speedup.verdict, speedup.ratio, speedup.ci95Low,
                       speedup.ci95High, speedup.reason);
}

/// What both measurements say; where they disagree nothing is settled.
void print(const Options &options, const Evaluation &first, const Evaluation &again)
{
    const bool agree = again.speedup && again.speedup->verdict == first.speedup->verdict;
    say("{}: {} against {}\n", agree ? first.speedup->verdict : "AMBIGUOUS", options.second, options.first);
    say("  first      {}\n", speedupText(*first.speedup));
    if (again.speedup)
        say("  confirmed  {}\n", speedupText(*again.speedup));
    else
        say("  confirmed  no: {}: {}\n", toString(again.verdict), again.message);
}

/// B against A, after A alone has proved to be right: a ratio to a wrong kernel means nothing. Measured
/// twice, the second time in a fresh process on other data.
int compareCommand(const Options &options)
{
    const Result<Task> task = options.devices.openTask(options.task);
    if (!task)
        return reportError(task.error());
    const Result<KernelChoice> a = readCandidate(*task, options.first);
    if (!a)
        return reportError(a.error());
    const Result<KernelChoice> b = readCandidate(*task, options.second);
    if (!b)
        return reportError(b.error());
    const Result<std::shared_ptr<DevicePool>> pool = options.devices.start();
    if (!pool)
        return reportError(pool.error());
    const Result<Evaluation> alone = evaluateOnce(**pool, [&](EvaluateRequest &request) {
        request.task = *task;
        request.candidate = *a;
        request.lastStage = "correctness";
    });
    if (!alone)
        return reportError(alone.error());
    if (!correct(alone->verdict)) {
        complain("error: {} is not a correct kernel\n{}", options.first, evidenceText(*alone));
        return statusOf(*alone);
    }
    const auto measure = [&](uint64_t seed, bool fresh) {
        return evaluateOnce(**pool, [&](EvaluateRequest &request) {
            request.task = *task;
            request.candidate = *b;
            request.baseline = *a;
            request.seed = seed;
            request.freshRunner = fresh;
        });
    };
    const Result<Evaluation> both = measure(options.seed, false);
    if (!both)
        return reportError(both.error());
    if (!both->speedup) {
        complain("error: {} could not be compared\n{}", options.second, evidenceText(*both));
        return statusOf(*both);
    }
    const Result<Evaluation> again = measure(options.seed + 1, true);
    if (!again)
        return reportError(again.error());
    if (options.json) {
        nlohmann::json record = evaluationToJson(*both);
        record["confirmation"] = evaluationToJson(*again);
        sayJson(record);
    } else {
        print(options, *both, *again);
    }
    return correct(again->verdict) ? int {kDone} : statusOf(*again);
}

} // namespace

void addCompare(CLI::App &app, int &status)
{
    const auto options = std::make_shared<Options>();
    CLI::App *command = app.add_subcommand(
        "compare", "Is B faster than A? Interleaved A/B with an interval, confirmed in a fresh process");
    command->add_option("--task", options->task, "Task folder, or name of a shipped task")->required();
    command->add_option("A", options->first, "Kernel file")->required();
    command->add_option("B", options->second, "Kernel file")->required();
    command->add_option("--seed", options->seed, "Of the test data")
        ->check(seedNumber())
        ->capture_default_str();
    command->add_flag("--json", options->json,
                      "Print the evidence record of B, with its confirmation, as JSON");
    options->devices.addTo(*command);
    command->callback([options, &status] { status = compareCommand(*options); });
}

} // namespace ww::cli
