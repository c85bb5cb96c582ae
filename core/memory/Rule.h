// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/candidate/Candidate.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ww {

/// A candidate that failed in a rule's way: what the rule rests on.
struct Sighting {
    std::string session; ///< session id
    CandidateId candidate = 0;
    std::string backend; ///< "opencl", "cuda"
    std::string device; ///< as the driver names it
    std::string toolkit; ///< compiler and its version
    std::string diagnostic; ///< what was said of the candidate, one line
    double time = 0; ///< seconds since 1970

    bool operator==(const Sighting &) const = default;
};

/// A source that shows whether a rule is still true.
struct Falsifier {
    enum class Expectation {
        Fails, ///< must fail, and in the rule's error class
        Compiles, ///< must compile
    };
    std::string source; ///< a whole candidate for falsifierTask(); empty: there is none
    Expectation expectation = Expectation::Fails;

    bool operator==(const Falsifier &) const = default;
};
[[nodiscard]] const char *toString(Falsifier::Expectation expectation);
[[nodiscard]] Result<Falsifier::Expectation> expectationFromName(std::string_view name);

/// What its falsifier last said of a rule.
enum class RuleCheck { Untested, Holds, Refuted };
[[nodiscard]] const char *toString(RuleCheck check);
[[nodiscard]] Result<RuleCheck> ruleCheckFromName(std::string_view name);

/// One sentence about what fails.
struct Rule {
    std::string key; ///< "opencl/missing-address-space": language and error class; names it for good
    std::string errorClass; ///< as FailureClass::name
    std::string language; ///< "opencl", "cuda"
    std::string sentence;
    std::vector<std::string> tags; ///< of tasks; empty: for all
    std::string origin; ///< "learned", "written", "import:adaexplore", …
    double claimed = 0; ///< support that an imported list claims; nobody here has seen it
    Falsifier falsifier;
    RuleCheck check = RuleCheck::Untested;
    std::string checkedOn; ///< device and toolkit of the check
    bool pinned = false; ///< always offered first, never decays
    bool disabled = false; ///< never offered
    bool edited = false; ///< a person chose its words: learning leaves them alone
    double createdAt = 0; ///< seconds since 1970

    bool operator==(const Rule &) const = default;
};

/// What prompts and failures say of a rule.
struct RuleCounters {
    int support = 0; ///< candidates that failed in its way
    double lastSeen = 0; ///< time of the last of them
    int shown = 0; ///< prompts that held it …
    int failuresShown = 0; ///< … whose candidate failed in its way
    int heldOut = 0; ///< prompts that would have held it, and were drawn to go without memory …
    int failuresHeldOut = 0; ///< … whose candidate failed in its way
    int quiet = 0; ///< prompts since it was last seen that say it is not needed, see strengthOf()
};

/// A rule as the store knows it.
struct RuleRecord {
    Rule rule;
    RuleCounters counters;
    double strength = 0; ///< strengthOf()
    bool active = false; ///< isActive(): may be offered
};

/// Candidates that must have failed in the same way before that is a rule and not an accident.
constexpr int kLeastSupport = 2;
/// Quiet prompts that halve a rule's strength.
constexpr double kStrengthHalfLife = 20;
/// Below this strength a rule is not offered any more.
constexpr double kLeastStrength = 0.25;

/// support (where there is none, half a candidate for an import, two for a written rule) · 2^(−quiet /
/// kStrengthHalfLife). A rule that works keeps its failure from happening, so quiet prompts are those that
/// would have held the rule, went without, and did not fail in its way; of a rule that nobody here has seen
/// proof of, those that held it too.
[[nodiscard]] double strengthOf(const Rule &rule, const RuleCounters &counters);
/// Whether a rule may be offered: not disabled; pinned, or not refuted, strong enough and no mere candidate.
[[nodiscard]] bool isActive(const Rule &rule, const RuleCounters &counters);

/// A step from one correct candidate to a faster one, and what changed.
struct Gain {
    std::string session;
    CandidateId from = 0;
    CandidateId to = 0;
    std::string task;
    std::string language;
    std::string device;
    std::string bottleneck; ///< of `from`: limitOf()
    std::string technique; ///< what `to` has and `from` has not: "vector-loads", …
    double ratio = 0; ///< time of `from` / time of `to`
    double low = 0, high = 0; ///< of the ratio, from both intervals against the baseline
    double time = 0; ///< seconds since 1970

    bool operator==(const Gain &) const = default;
};

/// A technique under one bottleneck with all its measured gains.
struct Technique {
    std::string language;
    std::string bottleneck;
    std::string name;
    int count = 0; ///< gains and losses measured
    double median = 0; ///< of the ratios
    double least = 0, most = 0;
    Gain best; ///< the pair that shows it best
};

} // namespace ww
