// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/MemoryText.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ww::cli {
namespace {

const char *stateOf(const RuleRecord &record)
{
    if (record.rule.disabled)
        return "disabled";
    if (record.rule.check == RuleCheck::Refuted && !record.rule.pinned)
        return "refuted";
    if (record.rule.pinned)
        return "pinned";
    if (record.active)
        return "active";
    return record.counters.support < kLeastSupport ? "candidate" : "decayed";
}

std::string countText(const char *name, const PassCount &count)
{
    return fmt::format("{:<15} {} of {} prompts gave a candidate that passed ({:.0f} %)\n", name,
                       count.passed, count.prompts, 100 * count.rate());
}

nlohmann::json countJson(const PassCount &count)
{
    return {{"passed", count.passed}, {"prompts", count.prompts}, {"rate", count.rate()}};
}

} // namespace

std::string ruleLine(const RuleRecord &record)
{
    return fmt::format("{:<9} {:>6.1f} {:>4}  {}\n                       {}\n", stateOf(record),
                       record.strength, record.counters.support, record.rule.key, record.rule.sentence);
}

std::string ruleText(const RuleRecord &record, const std::vector<Sighting> &sightings)
{
    const Rule &rule = record.rule;
    const RuleCounters &counters = record.counters;
    std::string text = fmt::format(
        "{}\n  {}\n\nstate         {}, strength {:.2f}\norigin        {}{}\nsupport       {} candidates{}\n",
        rule.key, rule.sentence, stateOf(record), record.strength, rule.origin, rule.edited ? ", edited" : "",
        counters.support,
        rule.claimed > 0 ? fmt::format("; the list it comes from claims {:g}", rule.claimed) : std::string());
    if (!rule.tags.empty())
        text += fmt::format("for tasks     {}\n", fmt::join(rule.tags, ", "));
    text += fmt::format("shown         in {} prompts, {} failed in its way\n"
                        "held out      from {} prompts, {} failed in its way\n",
                        counters.shown, counters.failuresShown, counters.heldOut, counters.failuresHeldOut);
    if (rule.falsifier.source.empty())
        text += "falsifier     none\n";
    else
        text += fmt::format("falsifier     a source that must {}; {}{}\n",
                            rule.falsifier.expectation == Falsifier::Expectation::Fails ? "fail in its way"
                                                                                        : "compile",
                            toString(rule.check), rule.checkedOn.empty() ? "" : " on " + rule.checkedOn);
    for (const Sighting &sighting : sightings)
        text += fmt::format("\n#{} of session {} on {} ({})\n  {}\n", sighting.candidate,
                            sighting.session.substr(0, 12), sighting.device, sighting.toolkit,
                            sighting.diagnostic);
    if (!rule.falsifier.source.empty())
        text += fmt::format("\n{}", rule.falsifier.source);
    return text;
}

nlohmann::json ruleJson(const RuleRecord &record)
{
    const Rule &rule = record.rule;
    const RuleCounters &counters = record.counters;
    return {{"key", rule.key},
            {"class", rule.errorClass},
            {"language", rule.language},
            {"sentence", rule.sentence},
            {"tags", rule.tags},
            {"origin", rule.origin},
            {"state", stateOf(record)},
            {"strength", record.strength},
            {"support", counters.support},
            {"claimed", rule.claimed},
            {"shown", counters.shown},
            {"failures_shown", counters.failuresShown},
            {"held_out", counters.heldOut},
            {"failures_held_out", counters.failuresHeldOut},
            {"pinned", rule.pinned},
            {"disabled", rule.disabled},
            {"edited", rule.edited},
            {"check", toString(rule.check)},
            {"checked_on", rule.checkedOn},
            {"has_falsifier", !rule.falsifier.source.empty()}};
}

std::string techniqueLine(const Technique &technique)
{
    return fmt::format("{:<7} {:<16} {:<40} median {:.2f}×, {:.2f}× to {:.2f}×, {}; best #{} → #{} on {}\n",
                       technique.language, technique.bottleneck.empty() ? "?" : technique.bottleneck,
                       technique.name, technique.median, technique.least, technique.most,
                       technique.count == 1 ? "1 pair" : fmt::format("{} pairs", technique.count),
                       technique.best.from, technique.best.to, technique.best.task);
}

nlohmann::json techniqueJson(const Technique &technique)
{
    return {{"language", technique.language},
            {"bottleneck", technique.bottleneck},
            {"technique", technique.name},
            {"pairs", technique.count},
            {"median", technique.median},
            {"least", technique.least},
            {"most", technique.most},
            {"best",
             {{"session", technique.best.session},
              {"from", technique.best.from},
              {"to", technique.best.to},
              {"task", technique.best.task},
              {"ratio", technique.best.ratio},
              {"low", technique.best.low},
              {"high", technique.best.high}}}};
}

std::string effectText(const MemoryEffect &effect)
{
    std::string text = countText("with memory", effect.with) + countText("held out", effect.without);
    if (effect.with.prompts == 0 || effect.without.prompts == 0)
        return text + "difference      unknown: one side has no prompts yet\n";
    const Estimate &difference = effect.difference;
    return text
        + fmt::format("difference      {:+.0f} points, 95 % interval {:+.0f} to {:+.0f}: {}\n",
                      100 * difference.value, 100 * difference.low, 100 * difference.high,
                      difference.low > 0        ? "memory helps"
                          : difference.high < 0 ? "memory harms"
                                                : "not distinguishable from none");
}

nlohmann::json effectJson(const MemoryEffect &effect)
{
    return {{"with", countJson(effect.with)},
            {"held_out", countJson(effect.without)},
            {"difference", effect.difference.value},
            {"ci95", {effect.difference.low, effect.difference.high}}};
}

std::string learnText(const LearnReport &report)
{
    return fmt::format("{} new rules, {} new candidates for rules, {} failures, {} gains, {} prompts",
                       report.newRules.size(), report.newCandidates.size(), report.sightings, report.gains,
                       report.prompts);
}

} // namespace ww::cli
