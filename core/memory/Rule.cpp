// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/memory/Rule.h"

#include <fmt/format.h>

#include <cmath>

namespace ww {
namespace {

tl::unexpected<Error> unknownName(std::string_view what, std::string_view name, const char *known)
{
    return failure(ErrorCode::BadInput, fmt::format("unknown {} '{}'", what, name), known);
}

bool isImported(const Rule &rule)
{
    return rule.origin.starts_with("import");
}

} // namespace

const char *toString(Falsifier::Expectation expectation)
{
    return expectation == Falsifier::Expectation::Fails ? "fails" : "compiles";
}

Result<Falsifier::Expectation> expectationFromName(std::string_view name)
{
    for (const auto expectation : {Falsifier::Expectation::Fails, Falsifier::Expectation::Compiles}) {
        if (name == toString(expectation))
            return expectation;
    }
    return unknownName("expectation", name, "there are: fails, compiles");
}

const char *toString(RuleCheck check)
{
    switch (check) {
    case RuleCheck::Untested: return "untested";
    case RuleCheck::Holds: return "holds";
    case RuleCheck::Refuted: return "refuted";
    }
    return "untested";
}

Result<RuleCheck> ruleCheckFromName(std::string_view name)
{
    for (const auto check : {RuleCheck::Untested, RuleCheck::Holds, RuleCheck::Refuted}) {
        if (name == toString(check))
            return check;
    }
    return unknownName("check", name, "there are: untested, holds, refuted");
}

double strengthOf(const Rule &rule, const RuleCounters &counters)
{
    constexpr double kImported = 0.5, kWritten = 2;
    double base = counters.support;
    if (counters.support == 0 && isImported(rule))
        base = kImported;
    if (counters.support == 0 && (rule.origin == "written" || rule.edited))
        base = kWritten;
    return base * std::exp2(-counters.quiet / kStrengthHalfLife);
}

bool isActive(const Rule &rule, const RuleCounters &counters)
{
    if (rule.disabled)
        return false;
    if (rule.pinned)
        return true;
    const bool learned = rule.origin == "learned" && !rule.edited;
    return rule.check != RuleCheck::Refuted && strengthOf(rule, counters) >= kLeastStrength
        && (!learned || counters.support >= kLeastSupport);
}

} // namespace ww
