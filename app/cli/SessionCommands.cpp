// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Command.h"
#include "app/cli/EvidenceText.h"
#include "app/cli/SessionText.h"
#include "core/analysis/Bottleneck.h"
#include "core/analysis/NcuCsv.h"
#include "core/base/Paths.h"
#include "core/base/Utf8.h"
#include "core/journal/Export.h"
#include "core/journal/Import.h"
#include "core/judge/ProfileRecordJson.h"
#include "core/search/Audit.h"
#include "core/search/Replay.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ww::cli {
namespace {

constexpr size_t kLongestDifference = 2000;

struct Options {
    std::string file;
    std::string format;
    std::string output;
    bool best = false;
    bool json = false;
    AdaExploreConstants constants;
};

Result<Session> loadSession(const std::string &path)
{
    WW_TRY(const std::unique_ptr<Journal> journal, Journal::openForReading(path));
    return journal->load();
}

int showBest(const Session &session, bool json)
{
    const CandidateId id = session.confirmedBest > 0 ? session.confirmedBest : session.best;
    const Node *node = id > 0 ? session.find(id) : nullptr;
    if (node == nullptr) {
        complain("error: nothing correct was found in this session\n");
        return kCandidateFailed;
    }
    if (json) {
        sayJson({{"id", id},
                 {"title", node->candidate.title},
                 {"parameters", node->candidate.parameters},
                 {"source", node->candidate.source},
                 {"confirmed", id == session.confirmedBest}});
        return kDone;
    }
    std::string parameters;
    for (const auto &[name, value] : node->candidate.parameters)
        parameters += fmt::format(" {}={}", name, value);
    const bool confirmed = id == session.confirmedBest;
    say("// #{} {}: {}{}\n// parameters:{}\n{}\n", id, node->candidate.title,
        outcomeText(confirmed ? *node->confirmation : *node->evaluation),
        confirmed ? ", confirmed" : ", not confirmed", parameters, node->candidate.source);
    return kDone;
}

int showCommand(const Options &options)
{
    const Result<Session> session = loadSession(options.file);
    if (!session)
        return reportError(session.error());
    if (options.best)
        return showBest(*session, options.json);
    if (options.json)
        sayJson(sessionSummaryJson(*session, options.file));
    else
        say("{}\n\n{}", sessionSummaryText(*session), sessionTreeText(*session));
    return kDone;
}

int exportCommand(const Options &options)
{
    const Result<Session> session = loadSession(options.file);
    if (!session)
        return reportError(session.error());
    const std::string text = options.format == "json" ? exportJson(*session)
        : options.format == "csv"                     ? exportCsv(*session)
                                                      : exportHtml(*session);
    if (options.output.empty()) {
        say("{}", text);
        return kDone;
    }
    const Status written = writeFileAtomically(options.output, text);
    if (!written)
        return reportError(written.error());
    say("wrote {} ({} bytes)\n", options.output, text.size());
    return kDone;
}

/// Shows each kernel of a report of ncu with what holds it back.
int profileCommand(const Options &options)
{
    constexpr size_t kMostBytes = 64u << 20;
    const Result<std::string> text = readTextFile(options.file, kMostBytes);
    if (!text)
        return reportError(text.error());
    Result<std::vector<NcuKernel>> kernels = readNcuCsv(*text);
    if (!kernels) {
        kernels.error().where = options.file + ", " + kernels.error().where;
        return reportError(kernels.error());
    }
    nlohmann::json list = nlohmann::json::array();
    for (const NcuKernel &kernel : *kernels) {
        if (options.json)
            list.push_back({{"kernel", kernel.name}, {"profile", profileRecordToJson(kernel.profile)}});
        else
            say("kernel {}\n{}\n", kernel.name, profileText(kernel.profile));
    }
    if (options.json)
        sayJson(list);
    return kDone;
}

int importCommand(const Options &options)
{
    if (options.format == "ncu")
        return profileCommand(options);
    if (options.output.empty())
        return reportError({ErrorCode::BadInput,
                            "cannot import the history",
                            "there is no --session",
                            "Name the session file to create: --session FILE.wwsession",
                            {}});
    const Result<ImportReport> report = importAdaExplore(options.file, options.output);
    if (!report)
        return reportError(report.error());
    say("imported {} candidates into {}\n", report->candidates, options.output);
    for (const std::string &note : report->notes)
        say("note: {}\n", note);
    return kDone;
}

int replayCommand(const Options &options)
{
    const Result<ReplayReport> report = replaySession(options.file, options.output);
    if (!report)
        return reportError(report.error());
    const bool same = report->difference.empty(), sameBefore = report->differenceBefore.empty();
    if (options.json)
        sayJson({{"same", same},
                 {"events", report->events},
                 {"difference", report->difference},
                 {"interrupted", report->interrupted},
                 {"events_before", report->eventsBefore},
                 {"difference_before", report->differenceBefore}});
    else if (same)
        say("the same tree: {} events, byte for byte\n", report->events);
    else if (sameBefore)
        say("the same up to where the search was first paused, stopped, killed or given other limits: "
            "{} of {} events, byte for byte\nfrom there on: {}\n",
            report->eventsBefore, report->events, clipped(report->difference, kLongestDifference));
    else
        say("not the same tree: {}\n", clipped(report->differenceBefore, kLongestDifference));
    return sameBefore ? kDone : kCandidateFailed;
}

nlohmann::json pairJson(const AuditCount &count)
{
    return {count.matched, count.compared};
}

/// Everything re-derived, but for one parent: stored speed-ups are rounded, which can turn a near-tie.
int auditStatus(const AuditReport &report)
{
    const bool rewards = report.rewardMatches.matched == report.rewardMatches.compared;
    const bool parents = report.selectMatches.matched + 1 >= report.selectMatches.compared;
    const bool contexts = report.contextMatches.matched == report.contextMatches.compared;
    const bool kinds = report.kindMatches.matched == report.kindMatches.compared;
    const bool tuning = report.tuningMatches.matched == report.tuningMatches.compared;
    return rewards && parents && contexts && kinds && tuning && report.kindRuleViolations == 0
        ? kDone
        : kCandidateFailed;
}

int auditCommand(const Options &options, const CLI::App &command)
{
    const Result<Session> session = loadSession(options.file);
    if (!session)
        return reportError(session.error());
    AdaExploreConstants constants = session->config.constants;
    const auto replace = [&](const char *name, auto member) {
        if (command.count(name) > 0)
            constants.*member = options.constants.*member;
    };
    replace("--c", &AdaExploreConstants::c);
    replace("--alpha", &AdaExploreConstants::alpha);
    replace("--expand-ratio", &AdaExploreConstants::expandRatio);
    const Result<AuditReport> report = auditSession(*session, constants);
    if (!report)
        return reportError(report.error());
    if (options.json) {
        nlohmann::json mismatches = nlohmann::json::array();
        for (const AuditStep &step : report->steps) {
            if (step.rewardOk && step.selectOk && step.contextOk && step.kindRuleOk)
                continue;
            mismatches.push_back({{"step", step.step},
                                  {"recorded_parent", step.recordedParent},
                                  {"derived_parent", step.derivedParent},
                                  {"reward", step.rewardOk},
                                  {"select", step.selectOk},
                                  {"context", step.contextOk},
                                  {"kind_rule", step.kindRuleOk}});
        }
        sayJson({{"reward_matches", pairJson(report->rewardMatches)},
                 {"select_matches", pairJson(report->selectMatches)},
                 {"context_matches", pairJson(report->contextMatches)},
                 {"kind_matches", pairJson(report->kindMatches)},
                 {"tuning_matches", pairJson(report->tuningMatches)},
                 {"kind_rule_violations", report->kindRuleViolations},
                 {"mismatches", mismatches}});
        return auditStatus(*report);
    }
    const auto line = [](const char *name, const AuditCount &count) {
        say("{:<12} {} of {} re-derived\n", name, count.matched, count.compared);
    };
    line("rewards", report->rewardMatches);
    line("parents", report->selectMatches);
    line("contexts", report->contextMatches);
    if (report->kindMatches.compared > 0)
        line("kinds", report->kindMatches);
    if (report->tuningMatches.compared > 0)
        line("tuning", report->tuningMatches);
    say("{:<12} {} violations of the small-step limit\n", "kind rule", report->kindRuleViolations);
    for (const AuditStep &step : report->steps) {
        if (!step.selectOk)
            say("step {}: recorded parent #{}, derived #{}\n", step.step, step.recordedParent,
                step.derivedParent);
    }
    return auditStatus(*report);
}

} // namespace

void addSession(CLI::App &app, int &status)
{
    const auto options = std::make_shared<Options>();
    CLI::App *show = app.add_subcommand("show", "Summary, tree and best candidate of a session");
    show->add_option("FILE", options->file, "Session file")->required();
    show->add_flag("--best", options->best, "Print the best candidate's source alone");
    show->add_flag("--json", options->json, "Print one JSON document");
    show->callback([options, &status] { status = showCommand(*options); });

    CLI::App *write = app.add_subcommand("export", "Write a session as JSON, CSV or an HTML report");
    write->add_option("FILE", options->file, "Session file")->required();
    write->add_option("--format", options->format, "json, csv or html")
        ->required()
        ->check(CLI::IsMember({"json", "csv", "html"}));
    write->add_option("--out", options->output, "File to write (default: standard output)");
    write->callback([options, &status] { status = exportCommand(*options); });

    CLI::App *read =
        app.add_subcommand("import", "Read a foreign history into a session file, or show a report of ncu");
    read->add_option("FORMAT", options->format,
                     "adaexplore: a history; ncu: what 'ncu --csv' printed, shown with its bottleneck")
        ->required()
        ->check(CLI::IsMember({"adaexplore", "ncu"}));
    read->add_option("PATH", options->file, "File to read (.json, .json.gz; .csv)")->required();
    read->add_option("--session", options->output, "Session file to create (adaexplore)");
    read->add_flag("--json", options->json, "Print the profiles as JSON (ncu)");
    read->callback([options, &status] { status = importCommand(*options); });

    CLI::App *replay = app.add_subcommand(
        "replay", "Run a recorded search again, with no device and no network: is it the same tree?");
    replay->add_option("FILE", options->file, "Session file")->required();
    replay->add_option("--session", options->output, "Session file to create")->required();
    replay->add_flag("--json", options->json, "Print one JSON document");
    replay->callback([options, &status] { status = replayCommand(*options); });

    CLI::App *audit = app.add_subcommand("audit", "Replay the policy: is each recorded decision re-derived?");
    audit->add_option("FILE", options->file, "Session file")->required();
    audit->add_flag("--json", options->json, "Print one JSON document");
    audit->add_option("--c", options->constants.c, "Exploration constant instead of the session's");
    audit->add_option("--alpha", options->constants.alpha, "Weight of the maximum instead of the session's");
    audit->add_option("--expand-ratio", options->constants.expandRatio, "c_e / c instead of the session's");
    audit->callback([options, audit, &status] { status = auditCommand(*options, *audit); });
}

} // namespace ww::cli
