// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/memory/MemoryReader.h"

#include "core/base/Utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

namespace ww {
namespace {

constexpr const char *kRules = R"(
SELECT id, key, class, language, sentence, tags, origin, claimed, falsifier, expectation, verdict, verdict_on,
       pinned, disabled, edited, created, support, last_seen,
       (SELECT count(*) FROM offered o JOIN prompt p ON p.id = o.prompt WHERE o.rule = r.id AND p.held_out = 0),
       (SELECT count(*) FROM offered o JOIN prompt p ON p.id = o.prompt
        WHERE o.rule = r.id AND p.held_out = 0 AND p.class = r.class),
       (SELECT count(*) FROM offered o JOIN prompt p ON p.id = o.prompt WHERE o.rule = r.id AND p.held_out = 1),
       (SELECT count(*) FROM offered o JOIN prompt p ON p.id = o.prompt
        WHERE o.rule = r.id AND p.held_out = 1 AND p.class = r.class),
       (SELECT count(*) FROM offered o JOIN prompt p ON p.id = o.prompt
        WHERE o.rule = r.id AND p.class <> r.class AND p.time > r.last_seen
              AND (p.held_out = 1 OR r.support = 0))
FROM (SELECT *, (SELECT count(*) FROM sighting WHERE rule = rule.id) AS support,
             (SELECT coalesce(max(time), 0) FROM sighting WHERE rule = rule.id) AS last_seen
      FROM rule WHERE deleted = 0 AND (?1 = '' OR language = ?1) AND (?2 = '' OR key = ?2)) AS r
ORDER BY key)";

std::string textAt(const SqlStatement &row, int column)
{
    return std::string(row.bytes(column));
}

std::vector<std::string> splitTags(std::string_view text)
{
    std::vector<std::string> tags;
    while (!text.empty()) {
        const size_t end = std::min(text.find('\n'), text.size());
        tags.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return tags;
}

Result<StoredRule> ruleAt(const SqlStatement &row)
{
    StoredRule stored;
    Rule &rule = stored.record.rule;
    RuleCounters &counters = stored.record.counters;
    stored.id = row.integer(0);
    rule.key = textAt(row, 1);
    rule.errorClass = textAt(row, 2);
    rule.language = textAt(row, 3);
    rule.sentence = textAt(row, 4);
    rule.tags = splitTags(row.bytes(5));
    rule.origin = textAt(row, 6);
    rule.claimed = row.real(7);
    rule.falsifier.source = textAt(row, 8);
    WW_TRY(rule.falsifier.expectation, expectationFromName(row.bytes(9)));
    WW_TRY(rule.check, ruleCheckFromName(row.bytes(10)));
    rule.checkedOn = textAt(row, 11);
    rule.pinned = row.integer(12) != 0;
    rule.disabled = row.integer(13) != 0;
    rule.edited = row.integer(14) != 0;
    rule.createdAt = row.real(15);
    counters.support = static_cast<int>(row.integer(16));
    counters.lastSeen = row.real(17);
    counters.shown = static_cast<int>(row.integer(18));
    counters.failuresShown = static_cast<int>(row.integer(19));
    counters.heldOut = static_cast<int>(row.integer(20));
    counters.failuresHeldOut = static_cast<int>(row.integer(21));
    counters.quiet = static_cast<int>(row.integer(22));
    stored.record.strength = strengthOf(rule, counters);
    stored.record.active = isActive(rule, counters);
    return stored;
}

/// Distinct words of the text as an FTS5 query that any of them meets; empty when there is none.
std::string anyWordOf(const std::string &text)
{
    constexpr size_t kMostWords = 64, kLeastLength = 3;
    std::set<std::string> words;
    std::string word;
    const auto take = [&] {
        if (word.size() >= kLeastLength && words.size() < kMostWords)
            words.insert(word);
        word.clear();
    };
    for (const char c : toValidUtf8(text)) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
            || c == '_' || static_cast<unsigned char>(c) >= 0x80;
        if (letter)
            word += c;
        else
            take();
    }
    take();
    std::string query;
    for (const std::string &one : words)
        query += fmt::format("{}\"{}\"", query.empty() ? "" : " OR ", one);
    return query;
}

} // namespace

Result<std::vector<StoredRule>> readRules(SqlConnection &connection, const std::string &language,
                                          const std::string &key)
{
    WW_TRY(SqlStatement rows, connection.prepare(kRules));
    rows.bind(1, std::string_view(language));
    rows.bind(2, std::string_view(key));
    std::vector<StoredRule> rules;
    for (;;) {
        WW_TRY(const bool more, rows.step());
        if (!more)
            return rules;
        WW_TRY(StoredRule rule, ruleAt(rows));
        rules.push_back(std::move(rule));
    }
}

Result<std::vector<Sighting>> readSightings(SqlConnection &connection, int64_t rule)
{
    WW_TRY(SqlStatement rows,
           connection.prepare("SELECT session, candidate, backend, device, toolkit, diagnostic, time "
                              "FROM sighting WHERE rule = ?1 ORDER BY time DESC, session, candidate"));
    rows.bind(1, rule);
    std::vector<Sighting> sightings;
    for (;;) {
        WW_TRY(const bool more, rows.step());
        if (!more)
            return sightings;
        sightings.push_back({textAt(rows, 0), rows.integer(1), textAt(rows, 2), textAt(rows, 3),
                             textAt(rows, 4), textAt(rows, 5), rows.real(6)});
    }
}

Result<std::vector<Gain>> readGains(SqlConnection &connection, const std::string &language)
{
    WW_TRY(
        SqlStatement rows,
        connection.prepare("SELECT session, source, target, task, language, device, bottleneck, technique, "
                           "ratio, low, high, time FROM gain WHERE ?1 = '' OR language = ?1 "
                           "ORDER BY time DESC, session, source, target, technique"));
    rows.bind(1, std::string_view(language));
    std::vector<Gain> gains;
    for (;;) {
        WW_TRY(const bool more, rows.step());
        if (!more)
            return gains;
        gains.push_back({textAt(rows, 0), rows.integer(1), rows.integer(2), textAt(rows, 3), textAt(rows, 4),
                         textAt(rows, 5), textAt(rows, 6), textAt(rows, 7), rows.real(8), rows.real(9),
                         rows.real(10), rows.real(11)});
    }
}

Result<std::map<int64_t, double>> readRelevance(SqlConnection &connection, const std::string &text)
{
    std::map<int64_t, double> found;
    const std::string query = anyWordOf(text);
    if (query.empty())
        return found;
    WW_TRY(SqlStatement rows,
           connection.prepare("SELECT rowid, bm25(rule_text) FROM rule_text WHERE rule_text MATCH ?1"));
    rows.bind(1, std::string_view(query));
    for (;;) {
        WW_TRY(const bool more, rows.step());
        if (!more)
            return found;
        found[rows.integer(0)] = std::max(0.0, -rows.real(1)); // bm25() is the better the more negative
    }
}

std::vector<Technique> techniquesFrom(const std::vector<Gain> &gains)
{
    std::map<std::tuple<std::string, std::string, std::string>, std::vector<const Gain *>> groups;
    for (const Gain &gain : gains)
        groups[{gain.language, gain.bottleneck, gain.technique}].push_back(&gain);
    std::vector<Technique> techniques;
    for (auto &[name, group] : groups) {
        std::stable_sort(group.begin(), group.end(),
                         [](const Gain *a, const Gain *b) { return a->ratio < b->ratio; });
        const size_t n = group.size();
        Technique technique;
        std::tie(technique.language, technique.bottleneck, technique.name) = name;
        technique.count = static_cast<int>(n);
        technique.median = 0.5 * (group[(n - 1) / 2]->ratio + group[n / 2]->ratio);
        technique.least = group.front()->ratio;
        technique.most = group.back()->ratio;
        technique.best = *group.back();
        techniques.push_back(std::move(technique));
    }
    std::sort(techniques.begin(), techniques.end(), [](const Technique &a, const Technique &b) {
        return std::tie(a.language, a.bottleneck, b.median, a.name)
            < std::tie(b.language, b.bottleneck, a.median, b.name);
    });
    return techniques;
}

std::string joinedTags(const std::vector<std::string> &tags)
{
    return fmt::format("{}", fmt::join(tags, "\n"));
}

} // namespace ww
