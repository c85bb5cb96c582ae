// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Utf8.h"
#include "core/journal/Export.h"

#include <fmt/format.h>

#include <cmath>

namespace ww {
namespace {

constexpr const char *kHeader =
    "id,parent,step,kind,origin,title,parameters,verdict,speedup,speedup_ci95_low,speedup_ci95_high,"
    "speedup_verdict,total_median_us,confirmed,confirmed_speedup,confirmed_ci95_low,confirmed_ci95_high,"
    "message,content_hash,proposed_at,evaluated_at\r\n";

/// A text cell. A spreadsheet runs a cell that begins like a formula, so such a one begins with a quote
/// mark instead.
std::string text(std::string_view raw)
{
    std::string value = toValidUtf8(raw);
    if (!value.empty() && std::string_view("=+-@\t\r\n").find(value.front()) != std::string_view::npos)
        value.insert(0, "'");
    if (value.find_first_of(",\"\r\n") == std::string::npos)
        return value;
    std::string quoted = "\"";
    for (const char c : value) {
        quoted += c;
        if (c == '"')
            quoted += c;
    }
    return quoted + '"';
}

std::string number(double value)
{
    return std::isfinite(value) ? fmt::format("{}", value) : std::string();
}

std::string listed(const Parameters &parameters)
{
    std::string list;
    for (const auto &[name, value] : parameters)
        list += fmt::format("{}{}={}", list.empty() ? "" : " ", name, value);
    return list;
}

/// "ratio,low,high", or two commas.
std::string interval(const std::optional<Evaluation> &evaluation)
{
    if (!evaluation || !evaluation->speedup)
        return ",,";
    const SpeedupRecord &speedup = *evaluation->speedup;
    return fmt::format("{},{},{}", number(speedup.ratio), number(speedup.ci95Low), number(speedup.ci95High));
}

std::string row(const Node &node)
{
    const Candidate &candidate = node.candidate;
    const std::optional<Evaluation> &evaluation = node.evaluation;
    const double median = evaluation ? evaluation->totalMedianUs() : 0;
    return fmt::format(
        "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\r\n", candidate.id, candidate.parent,
        candidate.step, toString(candidate.kind), text(candidate.origin), text(candidate.title),
        text(listed(candidate.parameters)), evaluation ? toString(evaluation->verdict) : "",
        interval(evaluation), evaluation && evaluation->speedup ? text(evaluation->speedup->verdict) : "",
        median > 0 ? number(median) : "", node.confirmed() ? "yes" : "no", interval(node.confirmation),
        text(evaluation ? evaluation->message : ""), candidate.contentHash(),
        fmt::format("{:.3f}", node.proposedAt), evaluation ? fmt::format("{:.3f}", node.evaluatedAt) : "");
}

} // namespace

std::string exportCsv(const Session &session)
{
    std::string table = kHeader;
    for (size_t i = 1; i < session.nodes.size(); ++i)
        table += row(session.nodes[i]);
    return table;
}

} // namespace ww
