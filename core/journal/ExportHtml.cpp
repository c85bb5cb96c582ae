// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Utf8.h"
#include "core/journal/Export.h"
#include "core/journal/ReportStyle.h"
#include "core/journal/ReportText.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <map>

namespace ww {
namespace {

/// Candidates shown in tree and table: more would make a page that no browser likes.
constexpr size_t kMostRows = 10'000;
/// The tree opens folded from here on.
constexpr size_t kLongTree = 300;
constexpr int kDeepestIndent = 30;
constexpr size_t kLongestMessage = 240;
constexpr size_t kLongestSource = 1 << 20;

std::string dateText(double seconds)
{
    // Beyond the year 9999 a damaged file's date is no date.
    if (!(seconds > 0 && seconds < 253402300800.0))
        return "unknown";
    return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

std::string glyph(const Look &look)
{
    return fmt::format(R"(<span class="g {}" role="img" aria-label="{}" title="{}">{}</span>)", look.style,
                       look.words, look.words, look.glyph);
}

std::string fact(std::string_view name, std::string_view value)
{
    return value.empty() ? std::string()
                         : fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", name, htmlEscaped(value));
}

std::string parametersText(const Parameters &parameters)
{
    std::string text;
    for (const auto &[name, value] : parameters)
        text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", name, value);
    return text;
}

const Node *bestNode(const Session &session)
{
    const CandidateId id = session.confirmedBest != 0 ? session.confirmedBest : session.best;
    return id != 0 ? session.find(id) : nullptr;
}

std::string resultBox(const Session &session)
{
    const Node *best = bestNode(session);
    if (!best)
        return "<p class=\"result none\">No correct kernel was found.</p>\n";
    const bool confirmed = best->confirmed();
    std::string text = fmt::format(
        R"(<p class="result">{} Best <strong>#{} {}</strong>: <strong>{}</strong> the baseline's speed, {}.</p>)",
        glyph(lookOf(session, *best)), best->candidate.id, htmlEscaped(best->candidate.title),
        htmlEscaped(speedupText(confirmed ? best->confirmation : best->evaluation)),
        confirmed ? "confirmed by an independent measurement in a fresh process"
                  : "measured once, not confirmed");
    if (const std::string why = session.nodes[static_cast<size_t>(session.best)].refutation(); !why.empty())
        text += fmt::format("\n<p class=\"soft\">#{} measured faster at first. {}</p>", session.best,
                            htmlEscaped(why));
    return text + "\n";
}

std::string outcomesText(const Session &session)
{
    std::map<std::string, int> counts;
    for (size_t i = 1; i < session.nodes.size(); ++i)
        ++counts[session.nodes[i].evaluation ? toString(session.nodes[i].evaluation->verdict) : "pending"];
    std::string text;
    for (const auto &[name, count] : counts)
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, name);
    return text;
}

std::string searchFacts(const Session &session)
{
    const SearchConfig &config = session.config;
    std::string html = "<dl class=\"facts\">\n";
    html += fact("candidates", fmt::format("{} ({})", session.nodes.size() - 1, outcomesText(session)));
    html += fact("steps", fmt::format("{}", session.stepsDone));
    if (session.spent.calls > 0)
        html += fact("model",
                     fmt::format("{} calls, {} tokens in, {} out, {}", session.spent.calls,
                                 session.spent.usage.input, session.spent.usage.output,
                                 session.spent.unpriced > 0 ? "price not known"
                                                            : fmt::format("${:.4f}", session.spent.money)));
    html += fact("running time", durationText(session.runSeconds));
    html += fact("ended", session.stopReason + (session.stopDetail.empty() ? "" : ": " + session.stopDetail));
    html += fact("policy", config.policy);
    html += fact("proposer", config.proposer);
    html += fact("seed", fmt::format("{}", config.seed));
    html += fact("begun", dateText(session.createdAt));
    html += fact("origin", session.origin);
    html += fact("made by", session.program);
    html += fact("session", session.sessionId);
    return html + "</dl>\n";
}

std::string deviceFacts(const Session &session)
{
    std::string html;
    for (const Capabilities &device : session.devices) {
        html += "<dl class=\"facts\">\n";
        html += fact("device", device.device);
        html += fact("kind", fmt::format("{} {}", device.backend, device.deviceKind));
        html += fact("platform", device.platform);
        html += fact("driver", device.driver);
        html += fact("toolchain", device.toolchain);
        html += fact("host", device.host);
        html += fact("sandbox", device.sandbox);
        html += fact("not applied", device.sandboxNote);
        html += "</dl>\n";
        if (device.deviceKind == "cpu")
            html += "<p class=\"soft\">Measured on a CPU: not comparable with a GPU.</p>\n";
    }
    return html.empty() ? "<p>The session names no device.</p>\n" : html;
}

std::string leftOut(const Session &session)
{
    const size_t count = session.nodes.size() - 1;
    if (count <= kMostRows)
        return {};
    return fmt::format(
        "<p><strong>Only the first {} of {} candidates are shown here.</strong> The CSV and JSON "
        "exports hold all of them.</p>\n",
        kMostRows, count);
}

/// Candidates in the order of a walk through the tree, each with its depth below the root.
std::vector<std::pair<const Node *, int>> walk(const Session &session, size_t shown)
{
    std::vector<std::vector<size_t>> children(shown);
    for (size_t i = shown; i-- > 1;)
        children[static_cast<size_t>(session.nodes[i].candidate.parent)].push_back(i);
    std::vector<std::pair<const Node *, int>> order;
    std::vector<std::pair<size_t, int>> stack {{0, -1}};
    while (!stack.empty()) {
        const auto [at, depth] = stack.back();
        stack.pop_back();
        if (at != 0)
            order.emplace_back(&session.nodes[at], depth);
        for (const size_t child : children[at])
            stack.emplace_back(child, depth + 1);
    }
    return order;
}

std::string tree(const Session &session, size_t shown)
{
    std::string rows;
    for (const auto &[node, depth] : walk(session, shown)) {
        const Candidate &candidate = node->candidate;
        const std::string speedup = speedupText(node->evaluation);
        rows += fmt::format(
            R"(<li style="--d:{}">{}<a href="#c{}">#{}</a> {}{} <span class="soft">{}{}</span></li>)",
            std::min(depth, kDeepestIndent), glyph(lookOf(session, *node)), candidate.id, candidate.id,
            candidate.origin == "human" ? "✎ " : "", htmlEscaped(candidate.title), toString(candidate.kind),
            speedup.empty() ? "" : ", " + speedup);
        rows += '\n';
    }
    return fmt::format("<details{}><summary>{} candidates, each under the one it was made from</summary>\n"
                       "<ul class=\"tree\">\n{}</ul></details>\n",
                       shown <= kLongTree ? " open" : "", shown - 1, rows);
}

std::string legend()
{
    std::string html = "<ul class=\"legend\" aria-label=\"Legend\">\n";
    for (const Look &look : allLooks())
        html += fmt::format(R"(<li><span class="g {}" aria-hidden="true">{}</span>{}</li>)", look.style,
                            look.glyph, look.words);
    return html + "<li><span class=\"g\" aria-hidden=\"true\">✎</span>made by a person</li>\n</ul>\n";
}

std::string tableRow(const Session &session, const Node &node)
{
    const Candidate &candidate = node.candidate;
    const std::string refutation = node.refutation();
    std::string remark = node.evaluation ? clipped(node.evaluation->message, kLongestMessage) : "";
    if (!refutation.empty())
        remark += (remark.empty() ? "" : " ") + refutation;
    return fmt::format("<tr id=\"c{}\"><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>"
                       "<td>{}</td><td>{}{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>"
                       "<td class=\"n\">{}</td><td>{}</td></tr>\n",
                       candidate.id, candidate.id, candidate.parent, candidate.step, toString(candidate.kind),
                       glyph(lookOf(session, node)), htmlEscaped(candidate.title),
                       node.evaluation ? toString(node.evaluation->verdict) : "",
                       speedupText(node.evaluation), speedupText(node.confirmation),
                       node.evaluation ? timeText(node.evaluation->totalMedianUs()) : "",
                       htmlEscaped(remark));
}

std::string table(const Session &session, size_t shown)
{
    std::string html =
        "<div class=\"scroll\"><table>\n<thead><tr><th class=\"n\" scope=\"col\">#</th>"
        "<th class=\"n\" scope=\"col\">from</th><th class=\"n\" scope=\"col\">step</th>"
        "<th scope=\"col\">kind</th><th scope=\"col\">candidate</th><th scope=\"col\">verdict</th>"
        "<th class=\"n\" scope=\"col\">speed-up [95 %]</th><th class=\"n\" scope=\"col\">again</th>"
        "<th class=\"n\" scope=\"col\">median, sum</th><th scope=\"col\">remark</th></tr></thead>\n"
        "<tbody>\n";
    for (size_t i = 1; i < shown; ++i)
        html += tableRow(session, session.nodes[i]);
    return html + "</tbody></table></div>\n";
}

std::string bestSource(const Session &session)
{
    const Node *best = bestNode(session);
    if (!best)
        return {};
    const std::string parameters = parametersText(best->candidate.parameters);
    return fmt::format("<h2>Best source: #{}</h2>\n{}<pre><code>{}</code></pre>\n", best->candidate.id,
                       parameters.empty() ? ""
                                          : fmt::format("<p>Parameters: {}</p>\n", htmlEscaped(parameters)),
                       htmlEscaped(clipped(best->candidate.source, kLongestSource)));
}

} // namespace

std::string exportHtml(const Session &session)
{
    const std::string name = htmlEscaped(session.task ? session.task->name : "session");
    const size_t shown = std::min(session.nodes.size(), kMostRows + 1);
    const std::string chart = bestChart(session);
    std::string html = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'unsafe-inline'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<title>{0} · Warpwright</title>\n<style>{1}</style></head>\n<body><main>\n<h1>{0}</h1>\n",
        name, kReportStyle);
    if (session.task && !session.task->description.empty())
        html +=
            fmt::format("<p class=\"soft\">{}</p>\n", htmlEscaped(clipped(session.task->description, 2000)));
    html += resultBox(session);
    html += searchFacts(session);
    if (!chart.empty())
        html += "<h2>Best so far</h2>\n" + chart
            + "<p class=\"soft\">Line: best by first measurement. Dots: every correct candidate. Speed-up "
              "against "
              "the baseline, logarithmic.</p>\n";
    html += "<h2>Device</h2>\n" + deviceFacts(session);
    html += "<h2>Tree</h2>\n" + leftOut(session) + legend() + tree(session, shown);
    html += bestSource(session);
    html += "<h2>Candidates</h2>\n" + leftOut(session)
        + "<p class=\"soft\">Speed-up: ratio of baseline time to candidate time, geometric mean over the "
          "timed "
          "workloads. Again: the same in a fresh process with new data.</p>\n"
        + table(session, shown);
    return html + "</main></body></html>\n";
}

} // namespace ww
