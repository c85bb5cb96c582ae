// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/Evaluation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <utility>

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

/// Least and greatest value that the batches tell of a reading.
std::optional<std::pair<double, double>> spanOf(const TimingRecord &record, const std::string &name)
{
    std::optional<std::pair<double, double>> span;
    for (const auto &batch : record.readings) {
        const auto reading = batch.find(name);
        if (reading == batch.end() || !std::isfinite(reading->second))
            continue;
        if (!span)
            span = {reading->second, reading->second};
        span = {std::min(span->first, reading->second), std::max(span->second, reading->second)};
    }
    return span;
}

std::string rangeText(const std::pair<double, double> &range)
{
    const std::string low = fmt::format("{:.0f}", range.first), high = fmt::format("{:.0f}", range.second);
    return low == high ? low : low + "–" + high;
}

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

std::string readingsText(const TimingRecord &record)
{
    constexpr std::array kReadings {std::array {"temperature_c", "", " °C"}, std::array {"power_w", "", " W"},
                                    std::array {"sm_mhz", "SM ", " MHz"},
                                    std::array {"memory_mhz", "memory ", " MHz"}};
    std::vector<std::string> parts;
    for (const auto &[name, before, unit] : kReadings) {
        if (const auto span = spanOf(record, name))
            parts.push_back(before + rangeText(*span) + unit);
    }
    std::map<std::string, int> reasons;
    for (const auto &batch : record.readings) {
        for (const auto &[name, value] : batch) {
            if (name.starts_with("throttled") && value > 0)
                ++reasons[name];
        }
    }
    for (const auto &[name, count] : reasons)
        parts.push_back(fmt::format("{} in {} of {} batches", name, count, record.readings.size()));
    return fmt::format("{}", fmt::join(parts, ", "));
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
