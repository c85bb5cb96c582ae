// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/journal/ReportText.h"

#include "core/base/Utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ww {
namespace {

constexpr Look kBest {"★", "best", "best"};
constexpr Look kFaster {"●", "faster", "faster than the baseline"};
constexpr Look kCorrect {"○", "plain", "correct, not faster"};
constexpr Look kAmbiguous {"◐", "ambiguous", "too close to tell"};
constexpr Look kBuildError {"▲", "build", "does not build"};
constexpr Look kWrong {"✕", "wrong", "wrong result"};
constexpr Look kRuntimeError {"■", "crash", "runtime error or hang"};
constexpr Look kInfraError {"⧗", "infra", "infrastructure fault"};
constexpr Look kPending {"◌", "pending", "not evaluated yet"};

Look lookOfPassed(const Evaluation &evaluation)
{
    const std::string verdict = evaluation.speedup ? evaluation.speedup->verdict : "";
    if (verdict == "FASTER")
        return kFaster;
    return verdict == "AMBIGUOUS" ? kAmbiguous : kCorrect;
}

} // namespace

std::string htmlEscaped(std::string_view text)
{
    std::string html;
    html.reserve(text.size());
    for (const char c : toValidUtf8(text)) {
        switch (c) {
        case '&': html += "&amp;"; break;
        case '<': html += "&lt;"; break;
        case '>': html += "&gt;"; break;
        case '"': html += "&quot;"; break;
        case '\'': html += "&#39;"; break;
        case '\t':
        case '\n': html += c; break;
        default:
            if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
                html += "\xEF\xBF\xBD";
            else
                html += c;
        }
    }
    return html;
}

std::string timeText(double microseconds)
{
    if (!std::isfinite(microseconds) || microseconds <= 0)
        return {};
    const char *unit = "µs";
    double value = microseconds;
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

std::string durationText(double seconds)
{
    const auto whole = static_cast<int64_t>(std::isfinite(seconds) ? std::clamp(seconds, 0.0, 1e12) : 0);
    const int64_t hours = whole / 3600;
    if (hours > 0)
        return fmt::format("{}:{:02}:{:02} h", hours, whole / 60 % 60, whole % 60);
    return whole >= 60 ? fmt::format("{}:{:02} min", whole / 60, whole % 60)
                       : fmt::format("{:.1f} s", seconds);
}

std::string ratioText(double ratio)
{
    if (!std::isfinite(ratio))
        return "?";
    const int decimals = ratio >= 100 ? 0 : ratio >= 10 ? 1 : 2;
    return fmt::format("{:.{}f}×", ratio, decimals);
}

std::string speedupText(const std::optional<Evaluation> &evaluation)
{
    if (!evaluation || evaluation->speedupRatio() <= 0)
        return {};
    const SpeedupRecord &speedup = *evaluation->speedup;
    if (speedup.ci95Low == speedup.ci95High)
        return ratioText(speedup.ratio);
    const int decimals = speedup.ratio >= 100 ? 0 : speedup.ratio >= 10 ? 1 : 2;
    return fmt::format("{} [{:.{}f}, {:.{}f}]", ratioText(speedup.ratio), speedup.ci95Low, decimals,
                       speedup.ci95High, decimals);
}

Look lookOf(const Session &session, const Node &node)
{
    if (!node.evaluation)
        return kPending;
    if (node.candidate.id == session.best)
        return kBest;
    switch (node.evaluation->verdict) {
    case Verdict::Passed: return lookOfPassed(*node.evaluation);
    case Verdict::CompileError:
    case Verdict::Rejected: return kBuildError;
    case Verdict::InfraError: return kInfraError;
    case Verdict::RuntimeError:
    case Verdict::Timeout:
    case Verdict::ResourceLimit:
    case Verdict::Sanitizer: return kRuntimeError;
    default: return kWrong;
    }
}

std::vector<Look> allLooks()
{
    return {kBest, kFaster, kAmbiguous, kCorrect, kBuildError, kWrong, kRuntimeError, kInfraError, kPending};
}

} // namespace ww
