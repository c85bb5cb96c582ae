// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Command.h"
#include "app/cli/EvaluateOnce.h"
#include "app/cli/EvidenceText.h"
#include "core/judge/CodeRecordJson.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace ww::cli {
namespace {

struct Options {
    std::string task;
    std::string candidate;
    std::vector<std::string> parameters;
    std::string view = "sass";
    bool json = false;
    DeviceOptions devices;
};

std::string lineNumber(int line)
{
    return line > 0 ? std::to_string(line) : std::string();
}

/// A line of code behind the numbers of the lines that it comes from.
std::string ptxText(const std::vector<CodeLine> &lines)
{
    std::string text = "line of the candidate | PTX\n";
    for (const CodeLine &line : lines)
        text += fmt::format("{:>6} | {}\n", lineNumber(line.sourceLine), line.text);
    return text;
}

std::string sassText(const CodeRecord &code)
{
    std::string text = "line of the candidate, of the PTX | machine code\n";
    for (const CodeLine &line : code.sass)
        text += fmt::format("{:>6} {:>6} | {}\n", lineNumber(line.sourceLine), lineNumber(line.ptxLine),
                            line.text);
    std::vector<std::pair<std::string, int64_t>> counts(code.opcodes.begin(), code.opcodes.end());
    std::stable_sort(counts.begin(), counts.end(),
                     [](const auto &a, const auto &b) { return a.second > b.second; });
    text += "\ninstructions";
    for (const auto &[name, count] : counts)
        text += fmt::format(" {} {},", name, count);
    text.back() = '\n';
    for (const std::string &finding : code.findings)
        text += fmt::format("finding      {}\n", finding);
    return text;
}

int show(const Options &options, const Evaluation &evaluation)
{
    if (!evaluation.code && !correct(evaluation.verdict)) {
        say("{}\n", evidenceText(evaluation));
        return evaluation.verdict == Verdict::InfraError ? kInfrastructure : kCandidateFailed;
    }
    if (!evaluation.code) {
        complain("error: this device's compiler gives no code to read\n"
                 "Use a CUDA device, or a compiler for one: --device cuda:sm_90\n");
        return kInfrastructure;
    }
    const CodeRecord &code = *evaluation.code;
    if (options.json) {
        sayJson(codeRecordToJson(code));
        return kDone;
    }
    if (options.view == "ptx") {
        say("{}", ptxText(code.ptx));
        return kDone;
    }
    if (!code.sassProblem.empty()) {
        complain("error: {}\n", code.sassProblem);
        return kInfrastructure;
    }
    say("{}", sassText(code));
    return kDone;
}

int codeCommand(const Options &options)
{
    const Result<Task> task = options.devices.openTask(options.task);
    if (!task)
        return reportError(task.error());
    const Result<KernelChoice> candidate = readCandidate(*task, options.candidate, options.parameters);
    if (!candidate)
        return reportError(candidate.error());
    const Result<std::shared_ptr<DevicePool>> pool = options.devices.start();
    if (!pool)
        return reportError(pool.error());
    const Result<Evaluation> evaluation = evaluateOnce(**pool, [&](EvaluateRequest &request) {
        request.task = *task;
        request.candidate = *candidate;
        request.lastStage = "compile";
        request.code = true;
    });
    if (!evaluation)
        return reportError(evaluation.error());
    return show(options, *evaluation);
}

} // namespace

void addCode(CLI::App &app, int &status)
{
    const auto options = std::make_shared<Options>();
    options->devices.backend = "cuda";
    CLI::App *command =
        app.add_subcommand("code", "Show what the compiler makes of a candidate: PTX or machine code");
    command->add_option("--task", options->task, "Task folder, or name of a shipped task")->required();
    command->add_option("--candidate", options->candidate, "Kernel file with its //@ lines")->required();
    command->add_option("--param", options->parameters, "Tunable as NAME=VALUE (repeatable)");
    command->add_option("--view", options->view, "What to show")->check(CLI::IsMember({"ptx", "sass"}));
    command->add_flag("--json", options->json, "Print both with their line numbers as JSON");
    options->devices.addTo(*command);
    command->callback([options, &status] { status = codeCommand(*options); });
}

} // namespace ww::cli
