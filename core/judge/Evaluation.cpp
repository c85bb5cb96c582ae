// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/Evaluation.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace ww {
namespace {

struct VerdictFacts {
    Verdict verdict;
    const char *name;
    bool compiled;
};

/// A TIMEOUT or RESOURCE_LIMIT counts as compiled: the verdict alone does not tell the stage, and most
/// come from a running kernel.
constexpr VerdictFacts kVerdicts[] = {
    {Verdict::Passed, "PASSED", true},
    {Verdict::IncorrectShape, "INCORRECT_SHAPE", true},
    {Verdict::IncorrectDtype, "INCORRECT_DTYPE", true},
    {Verdict::IncorrectNumerical, "INCORRECT_NUMERICAL", true},
    {Verdict::CompileError, "COMPILE_ERROR", false},
    {Verdict::RuntimeError, "RUNTIME_ERROR", true},
    {Verdict::Timeout, "TIMEOUT", true},
    {Verdict::ResourceLimit, "RESOURCE_LIMIT", true},
    {Verdict::Sanitizer, "SANITIZER", true},
    {Verdict::Suspect, "SUSPECT", true},
    {Verdict::RewardHack, "REWARD_HACK", true},
    {Verdict::InvalidReference, "INVALID_REFERENCE", true},
    {Verdict::NotReproduced, "NOT_REPRODUCED", true},
    {Verdict::InfraError, "INFRA_ERROR", false},
    {Verdict::Rejected, "REJECTED", false},
};

const VerdictFacts &factsOf(Verdict verdict)
{
    return *std::find_if(std::begin(kVerdicts), std::end(kVerdicts),
                         [verdict](const VerdictFacts &facts) { return facts.verdict == verdict; });
}

} // namespace

const char *toString(Verdict verdict)
{
    return factsOf(verdict).name;
}

std::optional<Verdict> verdictFromName(std::string_view name)
{
    for (const VerdictFacts &facts : kVerdicts) {
        if (name == facts.name)
            return facts.verdict;
    }
    return std::nullopt;
}

bool compiled(Verdict verdict)
{
    return factsOf(verdict).compiled;
}

bool correct(Verdict verdict)
{
    return verdict == Verdict::Passed;
}

double Evaluation::speedupRatio() const
{
    const bool known = correct(verdict) && speedup && std::isfinite(speedup->ratio) && speedup->ratio > 0;
    return known ? speedup->ratio : 0;
}

double Evaluation::totalMedianUs() const
{
    double total = 0;
    for (const TimingRecord &record : timing) {
        // Other modes are figures beside it and never mixed in.
        if (record.mode == "cold" && std::isfinite(record.medianUs))
            total += record.medianUs;
    }
    return total;
}

} // namespace ww
