// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/EvidenceText.h"

#include "core/analysis/Bottleneck.h"

#include <fmt/format.h>

#include <cmath>
#include <sstream>

namespace ww::cli {
namespace {

std::string diagnosticText(const Diagnostic &diagnostic)
{
    const char *severity = diagnostic.severity == Diagnostic::Severity::Error ? "error"
        : diagnostic.severity == Diagnostic::Severity::Warning                ? "warning"
                                                                              : "note";
    if (diagnostic.line <= 0)
        return fmt::format("  {}: {}\n", severity, diagnostic.message);
    return fmt::format("  line {}:{}: {}: {}\n", diagnostic.line, diagnostic.column, severity,
                       diagnostic.message);
}

std::string timingText(const TimingRecord &timing)
{
    const std::string readings = readingsText(timing);
    return fmt::format("  {:<12} median {} [{}, {}], n = {}, discarded {}, {}{}\n", timing.workload,
                       durationText(timing.medianUs), durationText(timing.ci95LowUs),
                       durationText(timing.ci95HighUs), timing.n, timing.discarded, timing.mode,
                       (timing.clockMhz > 0 ? fmt::format(", {:.0f} MHz", timing.clockMhz) : "")
                           + (timing.solUs > 0 ? fmt::format(", speed of light {}, score {:.3f}",
                                                             durationText(timing.solUs), timing.solScore)
                                               : "")
                           + (timing.tracedUs > 0
                                  ? fmt::format(", {} by the device's records", durationText(timing.tracedUs))
                                  : "")
                           + (timing.unstable ? ", UNSTABLE" : ""))
        + (readings.empty() ? "" : fmt::format("  {:<12} {}\n", "", readings));
}

std::string correctnessText(const Evaluation &evaluation)
{
    std::string text;
    int good = 0;
    for (const CorrectnessRecord &record : evaluation.correctness) {
        good += record.ok ? 1 : 0;
        if (!record.ok)
            text += fmt::format("  {} / {} / {}: element {} is {:.9g}, expected {:.9g}; {:.4g} % matched\n",
                                record.workload, record.set, record.output,
                                record.place.empty() ? std::to_string(record.worstIndex) : record.place,
                                record.actual, record.expected, 100 * record.matched);
    }
    return fmt::format("correctness  {} of {} comparisons passed\n{}", good, evaluation.correctness.size(),
                       text);
}

std::string libraryText(const LibraryRecord &library)
{
    if (!library.problem.empty())
        return fmt::format("library      {}: {}\n", library.name, library.problem);
    std::string text =
        fmt::format("library      {:.3g}× {} (its time / ours)\n", library.ratio, library.name);
    for (const LibraryRecord::PerWorkload &entry : library.workloads)
        text += fmt::format("  {:<12} median {} [{}, {}], {:.3g}×\n", entry.workload,
                            durationText(entry.medianUs), durationText(entry.ci95LowUs),
                            durationText(entry.ci95HighUs), entry.ratio);
    return text;
}

/// profileText(), each line behind the word "profile".
std::string profileLines(const ProfileRecord &profile)
{
    std::istringstream lines(profileText(profile));
    std::string text;
    for (std::string line; std::getline(lines, line);)
        text += fmt::format("profile      {}\n", line);
    return text;
}

} // namespace

std::string durationText(double microseconds)
{
    double value = microseconds;
    const char *unit = "µs";
    if (value >= 1e6) {
        value /= 1e6;
        unit = "s";
    } else if (value >= 1e3) {
        value /= 1e3;
        unit = "ms";
    }
    const int decimals = value >= 100 ? 0 : value >= 10 ? 1 : 2;
    return fmt::format("{:.{}f} {}", value, decimals, unit);
}

std::string outcomeText(const Evaluation &evaluation)
{
    if (!correct(evaluation.verdict))
        return toString(evaluation.verdict);
    if (!evaluation.speedup)
        return "PASSED";
    const SpeedupRecord &speedup = *evaluation.speedup;
    // Imported histories hold a single figure: an interval of no width would claim certainty.
    if (speedup.ci95Low == speedup.ci95High)
        return fmt::format("{} {:.3g}× (no interval recorded)", speedup.verdict, speedup.ratio);
    return fmt::format("{} {:.3g}× [{:.3g}, {:.3g}]", speedup.verdict, speedup.ratio, speedup.ci95Low,
                       speedup.ci95High);
}

std::string evidenceText(const Evaluation &evaluation)
{
    std::string text = fmt::format("verdict      {}\n", toString(evaluation.verdict));
    if (!evaluation.message.empty())
        text += fmt::format("             {}\n", evaluation.message);
    if (!evaluation.forPeople.detail.empty())
        text += fmt::format("             {}\n", evaluation.forPeople.detail);
    for (const Diagnostic &diagnostic : evaluation.diagnostics)
        text += diagnosticText(diagnostic);
    text += fmt::format("stages       total {}\n", durationText(1e3 * evaluation.wallMs));
    for (const StageRecord &stage : evaluation.stages)
        text += fmt::format("  {:<12} {:<8} {:>9}  {}\n", stage.name, stage.status,
                            durationText(1e3 * stage.ms), stage.detail);
    for (const auto &[name, ms] : evaluation.costsMs)
        text += fmt::format("  of that {:<30} {:>9}\n", name, durationText(1e3 * ms));
    if (!evaluation.correctness.empty())
        text += correctnessText(evaluation);
    if (!evaluation.timing.empty())
        text += "timing\n";
    for (const TimingRecord &timing : evaluation.timing)
        text += timingText(timing);
    if (evaluation.speedup)
        text += fmt::format("speed-up     {} against {} ({})\n", outcomeText(evaluation),
                            evaluation.speedup->baseline, evaluation.speedup->reason);
    if (evaluation.bound && evaluation.bound->solUs > 0)
        text += fmt::format("bound        speed of light {}, score {:.3f}\n",
                            durationText(evaluation.bound->solUs), evaluation.bound->solScore);
    if (evaluation.library)
        text += libraryText(*evaluation.library);
    if (evaluation.profile)
        text += profileLines(*evaluation.profile);
    for (const TrustRecord &record : evaluation.trust)
        text += fmt::format("trust        {:<16} {:<5} {}\n", record.probe, record.verdict, record.value);
    for (const ForeignRecord &record : evaluation.foreign)
        text += fmt::format("by others    {:<16} {}{}: {}\n", record.profile, record.verdict,
                            record.speedup > 0 ? fmt::format(" {:.3g}×", record.speedup) : "", record.reason);
    for (const auto &[name, value] : evaluation.resources)
        text += fmt::format("resource     {:<28} {}\n", name, value);
    for (const auto &[name, value] : evaluation.environment)
        text += fmt::format("environment  {:<28} {}\n", name, value);
    return text;
}

} // namespace ww::cli
