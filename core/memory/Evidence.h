// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/judge/Statistics.h"
#include "core/memory/Rule.h"

#include <string>
#include <vector>

namespace ww {

/// Share of the prompts that go without memory.
constexpr double kHeldOutShare = 0.2;

/// Whether the prompt of this step goes without memory, so that its effect can be seen: a pure function, true
/// for a `share` (0…1) of the steps.
[[nodiscard]] bool isHeldOut(uint64_t seed, int step, double share = kHeldOutShare);

/// Passes among prompts of one kind.
struct PassCount {
    int passed = 0;
    int prompts = 0;

    [[nodiscard]] double rate() const { return prompts > 0 ? static_cast<double>(passed) / prompts : 0; }
};

/// What memory does to the pass rate. Counted are the prompts for which memory had something to offer.
struct MemoryEffect {
    PassCount with;
    PassCount without; ///< held out
    Estimate difference; ///< rate with − rate without, 95 %; −1…1 while one side has no prompts
};

/// The difference of two proportions with its 95 % interval: Newcombe's hybrid score interval ("Interval
/// estimation for the difference between independent proportions", Statistics in Medicine 17, 1998, method
/// 10), which holds its coverage for small counts and rates near 0 and 1.
[[nodiscard]] Estimate differenceOf(const PassCount &a, const PassCount &b);

/// A failure that may become a rule.
struct Lesson {
    Rule rule; ///< as it would be made; a rule that exists keeps its own words
    Sighting sighting;
};

/// What became of one prompt.
struct PromptOutcome {
    std::string session;
    CandidateId candidate = 0; ///< below 0: the answer held none, a number of the prompt's own
    std::string language;
    MemoryUse use;
    bool passed = false;
    std::string errorClass; ///< of the failure; empty when passed or of no class
    double time = 0; ///< seconds since 1970
};

/// What a session teaches.
struct Lessons {
    std::vector<Lesson> failures;
    std::vector<Gain> gains;
    std::vector<PromptOutcome> prompts;
    int infrastructure = 0; ///< failures left out: not the candidate's fault
    int unexplained = 0; ///< failures of no class that a sentence could warn of
};

/// What learning changed.
struct LearnReport {
    std::vector<std::string> newCandidates; ///< keys of rules seen for the first time
    std::vector<std::string> newRules; ///< keys of rules that now have enough support
    int sightings = 0; ///< new ones
    int gains = 0; ///< new ones
    int prompts = 0; ///< new ones
};

} // namespace ww
