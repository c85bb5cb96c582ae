// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/memory/RuleList.h"

#include "core/memory/Sentence.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

namespace ww {
namespace {

std::string lowered(std::string_view text)
{
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return lower;
}

/// Why a sentence says nothing about kernels; empty when it may.
std::string notARule(const std::string &sentence)
{
    constexpr std::string_view kInfrastructure[] {"http",    "connection", "0.0.0.0",      "localhost",
                                                  "port ",   "server",     "timed out",    "time out",
                                                  "network", "disk space", "permission",   "traceback",
                                                  "api key", "rate limit", "queue is full"};
    const std::string lower = lowered(sentence);
    for (const std::string_view word : kInfrastructure) {
        if (lower.find(word) != std::string::npos)
            return fmt::format("it is about the machinery ('{}'), not about kernels", word);
    }
    for (size_t at = lower.find("line "); at != std::string::npos; at = lower.find("line ", at + 1)) {
        const char next = at + 5 < lower.size() ? lower[at + 5] : ' ';
        if (next >= '0' && next <= '9')
            return "it is about one line of one source";
    }
    if (lower.find("/home/") != std::string::npos || lower.find("/tmp/") != std::string::npos)
        return "it names a file of one machine";
    return {};
}

/// Takes "||12.5" off the end of a line.
double takeScore(std::string_view &line)
{
    const size_t bar = line.rfind("||");
    if (bar == std::string_view::npos)
        return 0;
    std::string_view number = line.substr(bar + 2);
    while (number.starts_with(' '))
        number.remove_prefix(1);
    double score = 0;
    const auto [end, code] = std::from_chars(number.data(), number.data() + number.size(), score);
    if (code != std::errc() || !std::isfinite(score) || score < 0)
        return 0;
    line = line.substr(0, bar);
    return std::min(score, 1e6);
}

} // namespace

Result<RuleList> readRuleList(std::string_view text, const std::string &language)
{
    RuleList list;
    const size_t first = text.find_first_not_of(" \t\r\n");
    if (first != std::string_view::npos && text[first] == '{') {
        WW_TRY(list.rules, rulesFromJson(text));
        return list;
    }
    std::set<std::string> known;
    for (int number = 1; !text.empty(); ++number) {
        const size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const double score = takeScore(line);
        if (line.find_first_not_of(" \t\r") == std::string_view::npos || line.starts_with('#'))
            continue;
        Result<Rule> rule = writtenRule(language, line, "import");
        if (!rule && rule.error().what.find("language") != std::string::npos)
            return tl::make_unexpected(rule.error());
        const std::string why = rule ? notARule(rule->sentence) : rule.error().why;
        if (!why.empty()) {
            list.leftOut.push_back({number, why});
        } else if (!known.insert(rule->key).second) {
            list.leftOut.push_back({number, "it stands in the list already"});
        } else {
            rule->claimed = score;
            list.rules.push_back(std::move(*rule));
        }
    }
    if (list.rules.empty())
        return failure(ErrorCode::BadInput, "cannot import the list",
                       list.leftOut.empty()
                           ? std::string("it holds no rule")
                           : fmt::format("of its {} rules none can be used; the first, in line {}: {}",
                                         list.leftOut.size(), list.leftOut.front().line,
                                         list.leftOut.front().why),
                       "Give one sentence a line, 'sentence||score', or an export of Warpwright's");
    return list;
}

} // namespace ww
