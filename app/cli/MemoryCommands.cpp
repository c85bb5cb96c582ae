// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Command.h"
#include "app/cli/EvaluateOnce.h"
#include "app/cli/MemoryText.h"
#include "core/base/Paths.h"
#include "core/journal/Journal.h"
#include "core/memory/Falsifier.h"
#include "core/memory/Learning.h"
#include "core/memory/RuleList.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ww::cli {
namespace {

using Json = nlohmann::json;

struct Options {
    std::string memory; ///< file; empty: the user's own
    std::string language;
    std::string key;
    std::string sentence;
    std::string file;
    std::vector<std::string> tags;
    std::vector<std::string> sessions;
    bool all = false;
    bool json = false;
    DeviceOptions devices;
};

Result<std::unique_ptr<Memory>> openMemory(const Options &options)
{
    if (!options.memory.empty())
        return Memory::open(options.memory);
    WW_TRY(const std::string path, Memory::defaultPath());
    return Memory::open(path);
}

/// Runs `work` on the memory and turns its outcome into an exit status.
int withMemory(const Options &options, const std::function<Status(Memory &)> &work)
{
    const Status done = [&]() -> Status {
        WW_TRY(const std::unique_ptr<Memory> memory, openMemory(options));
        return work(*memory);
    }();
    return done ? static_cast<int>(kDone) : reportError(done.error());
}

Status list(const Options &options, Memory &memory)
{
    WW_TRY(const std::vector<RuleRecord> rules, memory.rules(options.language));
    if (options.json) {
        Json documents = Json::array();
        for (const RuleRecord &record : rules)
            documents.push_back(ruleJson(record));
        sayJson({{"rules", documents}});
        return {};
    }
    size_t hidden = 0;
    if (rules.empty())
        say("nothing is known yet: searches learn, and so does 'warpwright-cli memory learn SESSION'\n");
    else
        say("state   strength seen  rule\n");
    for (const RuleRecord &record : rules) {
        const bool shown = options.all || record.active || record.rule.disabled;
        hidden += shown ? 0 : 1;
        if (shown)
            say("{}", ruleLine(record));
    }
    if (hidden > 0)
        say("{} more are only candidates, decayed or refuted: --all shows them\n", hidden);
    return {};
}

Status show(const Options &options, Memory &memory)
{
    WW_TRY(const RuleRecord record, memory.rule(options.key));
    WW_TRY(const std::vector<Sighting> sightings, memory.sightings(options.key));
    if (!options.json) {
        say("{}", ruleText(record, sightings));
        return {};
    }
    Json document = ruleJson(record);
    document["falsifier"] = record.rule.falsifier.source;
    document["sightings"] = Json::array();
    for (const Sighting &sighting : sightings)
        document["sightings"].push_back({{"session", sighting.session},
                                         {"candidate", sighting.candidate},
                                         {"backend", sighting.backend},
                                         {"device", sighting.device},
                                         {"toolkit", sighting.toolkit},
                                         {"diagnostic", sighting.diagnostic},
                                         {"time", sighting.time}});
    sayJson(document);
    return {};
}

Status techniques(const Options &options, Memory &memory)
{
    WW_TRY(const std::vector<Technique> found, memory.techniques(options.language));
    Json documents = Json::array();
    for (const Technique &technique : found) {
        if (options.json)
            documents.push_back(techniqueJson(technique));
        else
            say("{}", techniqueLine(technique));
    }
    if (options.json)
        sayJson({{"techniques", documents}});
    else if (found.empty())
        say("no gain was measured yet\n");
    return {};
}

Status effect(const Options &options, Memory &memory)
{
    WW_TRY(const MemoryEffect found, memory.effect(options.language));
    if (options.json)
        sayJson(effectJson(found));
    else
        say("{}", effectText(found));
    return {};
}

Status learn(const Options &options, Memory &memory)
{
    for (const std::string &path : options.sessions) {
        WW_TRY(const std::unique_ptr<Journal> journal, Journal::openForReading(path));
        WW_TRY(const Session session, journal->load());
        if (session.origin.starts_with("import"))
            return failure(ErrorCode::Unsupported, "cannot learn from " + path,
                           fmt::format("it is a recording of another system ({})", session.origin),
                           "Learn from a search of ours");
        const Lessons lessons = lessonsOf(session);
        WW_TRY(const LearnReport report, memory.learn(lessons));
        if (options.json) {
            sayJson({{"session", path},
                     {"new_rules", report.newRules},
                     {"new_candidates", report.newCandidates},
                     {"failures", report.sightings},
                     {"gains", report.gains},
                     {"prompts", report.prompts},
                     {"infrastructure_faults_left_out", lessons.infrastructure},
                     {"failures_without_a_class", lessons.unexplained}});
            continue;
        }
        say("{}: {}\n", path, learnText(report));
        for (const std::string &key : report.newRules)
            say("  rule {}\n", key);
        if (lessons.infrastructure + lessons.unexplained > 0)
            say("  left out: {} faults of the infrastructure, {} failures that no sentence could warn of\n",
                lessons.infrastructure, lessons.unexplained);
    }
    return {};
}

Status importList(const Options &options, Memory &memory)
{
    WW_TRY(const std::string text, readTextFile(options.file, 4u << 20));
    WW_TRY(const RuleList found, readRuleList(text, options.language));
    WW_TRY(const LearnReport report, memory.add(found.rules));
    if (options.json) {
        Json left = Json::array();
        for (const RuleList::LeftOut &one : found.leftOut)
            left.push_back({{"line", one.line}, {"why", one.why}});
        sayJson({{"read", found.rules.size()}, {"added", report.newRules}, {"left_out", left}});
        return {};
    }
    say("{} rules read, {} added\n", found.rules.size(), report.newRules.size());
    for (const RuleList::LeftOut &one : found.leftOut)
        say("left out: line {}: {}\n", one.line, one.why);
    return {};
}

Status exportRules(const Options &options, Memory &memory)
{
    WW_TRY(const std::vector<RuleRecord> rules, memory.rules(options.language));
    const std::string text = rulesToJson(rules);
    if (options.file.empty()) {
        say("{}", text);
        return {};
    }
    WW_CHECK(writeFileAtomically(options.file, text));
    say("wrote {} rules to {}\n", rules.size(), options.file);
    return {};
}

/// Ends with 1 when the rule does not hold.
int testRule(const Options &options)
{
    RuleCheck check = RuleCheck::Untested;
    const int status = withMemory(options, [&](Memory &memory) -> Status {
        WW_TRY(const RuleRecord record, memory.rule(options.key));
        const Rule &rule = record.rule;
        if (rule.falsifier.source.empty())
            return failure(ErrorCode::Unsupported, fmt::format("cannot test '{}'", rule.key),
                           "there is no source that would show whether it is true");
        WW_TRY(const Task task, falsifierTask(rule.language));
        DeviceOptions devices = options.devices;
        devices.backend = rule.language;
        WW_TRY(const std::string language, devices.language());
        if (language != rule.language)
            return failure(ErrorCode::BadInput, fmt::format("cannot test '{}'", rule.key),
                           fmt::format("it is about {}, and these devices take {}", rule.language, language),
                           fmt::format("Name a device such as {}:0", rule.language));
        WW_TRY(const std::shared_ptr<DevicePool> pool, devices.start());
        WW_TRY(const Evaluation evaluation, evaluateOnce(*pool, [&](EvaluateRequest &request) {
                   request.task = task;
                   request.candidate = {"falsifier", rule.falsifier.source, {}};
                   request.lastStage = "compile";
               }));
        const FalsifierFinding finding = judgeFalsifier(rule, evaluation);
        check = finding.check;
        const Capabilities device = pool->devices().front();
        const std::string place = fmt::format("{} ({})", device.device, device.toolchain);
        if (check != RuleCheck::Untested)
            WW_CHECK(memory.setCheck(rule.key, check, place));
        if (options.json)
            sayJson({{"key", rule.key}, {"check", toString(check)}, {"why", finding.why}, {"on", place}});
        else
            say("{}: {} on {}: {}\n", rule.key, toString(check), place, finding.why);
        return {};
    });
    return status == kDone && check != RuleCheck::Holds ? static_cast<int>(kCandidateFailed) : status;
}

/// Adds a subcommand of `memory` that runs `work` on the open memory.
CLI::App *addCommand(CLI::App &memory, const std::shared_ptr<Options> &options, int &status, const char *name,
                     const char *help, Status (*work)(const Options &, Memory &))
{
    CLI::App *command = memory.add_subcommand(name, help);
    command->callback([options, &status, work] {
        status = withMemory(*options, [&](Memory &opened) { return work(*options, opened); });
    });
    return command;
}

void addKey(CLI::App *command, const std::shared_ptr<Options> &options)
{
    command->add_option("KEY", options->key, "The rule's key, as 'memory list' shows it")->required();
}

void addJson(CLI::App *command, const std::shared_ptr<Options> &options)
{
    command->add_flag("--json", options->json, "Print one JSON document");
}

CLI::Option *addLanguage(CLI::App *command, const std::shared_ptr<Options> &options, const char *help)
{
    return command->add_option("--language", options->language, help)
        ->check(CLI::IsMember({"opencl", "cuda"}));
}

void addReading(CLI::App &memory, const std::shared_ptr<Options> &options, int &status)
{
    constexpr const char *kOfOne = "Of one language alone";
    CLI::App *command = addCommand(memory, options, status, "list", "Rules, strongest first", list);
    command->add_flag("--all", options->all, "Candidates, decayed and refuted ones too");
    addLanguage(command, options, kOfOne);
    addJson(command, options);
    command = addCommand(memory, options, status, "show", "One rule with its evidence", show);
    addKey(command, options);
    addJson(command, options);
    command = addCommand(memory, options, status, "techniques", "What made kernels faster, and by how much",
                         techniques);
    addLanguage(command, options, kOfOne);
    addJson(command, options);
    command = addCommand(memory, options, status, "effect",
                         "Pass rates of prompts with memory and of those held out", effect);
    addLanguage(command, options, kOfOne);
    addJson(command, options);
}

void addDeciding(CLI::App &memory, const std::shared_ptr<Options> &options, int &status)
{
    CLI::App *command = addCommand(memory, options, status, "write", "Add a rule of your own",
                                   [](const Options &given, Memory &opened) -> Status {
                                       WW_TRY(const std::string key,
                                              opened.write(given.language, given.sentence, given.tags));
                                       say("{}\n", key);
                                       return {};
                                   });
    command->add_option("SENTENCE", options->sentence, "What fails, in one sentence")->required();
    addLanguage(command, options, "What it is about")->required();
    command->add_option("--tag", options->tags, "Only for tasks with this tag (repeatable)");
    command = addCommand(
        memory, options, status, "edit", "Give a rule other words",
        [](const Options &given, Memory &opened) { return opened.edit(given.key, given.sentence); });
    addKey(command, options);
    command->add_option("SENTENCE", options->sentence, "The new sentence")->required();
    const auto decide = [&](const char *name, const char *help, Status (*work)(const Options &, Memory &)) {
        addKey(addCommand(memory, options, status, name, help, work), options);
    };
    decide("pin", "Offer it first, always",
           [](const Options &given, Memory &opened) { return opened.setPinned(given.key, true); });
    decide("unpin", "Take the pin away",
           [](const Options &given, Memory &opened) { return opened.setPinned(given.key, false); });
    decide("disable", "Never offer it",
           [](const Options &given, Memory &opened) { return opened.setDisabled(given.key, true); });
    decide("enable", "Offer it again",
           [](const Options &given, Memory &opened) { return opened.setDisabled(given.key, false); });
    decide("delete", "Take it away for good: learning does not bring it back",
           [](const Options &given, Memory &opened) { return opened.remove(given.key); });
}

void addFilling(CLI::App &memory, const std::shared_ptr<Options> &options, int &status)
{
    CLI::App *command = addCommand(memory, options, status, "learn",
                                   "Learn from sessions; what is known is not counted twice", learn);
    command->add_option("SESSION", options->sessions, "Session files")->required();
    addJson(command, options);
    command =
        addCommand(memory, options, status, "import",
                   "Read a list of rules: 'sentence||score' lines, bare sentences, or an export", importList);
    command->add_option("FILE", options->file, "The list")->required();
    addLanguage(command, options, "What its sentences are about")->required();
    addJson(command, options);
    command = addCommand(memory, options, status, "export", "Write the rules as JSON", exportRules);
    command->add_option("--out", options->file, "File to write (default: standard output)");
    addLanguage(command, options, "Of one language alone");
    command = memory.add_subcommand(
        "test-rule", "Put a rule's falsifier through a worker: does it still hold? Ends with 1 when not");
    addKey(command, options);
    addJson(command, options);
    options->devices.addTo(*command);
    command->callback([options, &status] { status = testRule(*options); });
}

} // namespace

void learnFrom(const Session &session)
{
    const auto report = [&]() -> Result<LearnReport> {
        WW_TRY(const std::string path, Memory::defaultPath());
        WW_TRY(const std::unique_ptr<Memory> memory, Memory::open(path));
        return memory->learn(lessonsOf(session));
    }();
    if (!report)
        complain("warning: nothing was learned: {}\n", report.error().message());
    else if (report->sightings + report->gains + report->prompts > 0)
        complain("learned      {}\n", learnText(*report));
}

void addMemory(CLI::App &app, int &status)
{
    const auto options = std::make_shared<Options>();
    CLI::App *memory =
        app.add_subcommand("memory", "Rules learned from failures, techniques learned from gains");
    memory->add_option("--memory", options->memory, "Memory file (default: one in your data folder)");
    memory->require_subcommand(1);
    addReading(*memory, options, status);
    addDeciding(*memory, options, status);
    addFilling(*memory, options, status);
}

} // namespace ww::cli
