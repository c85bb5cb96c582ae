// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/journal/Sqlite.h"
#include "core/memory/Rule.h"

#include <map>

namespace ww {

/// A rule with its row in the store.
struct StoredRule {
    int64_t id = 0;
    RuleRecord record;
};

/// The rules that were not deleted, by key; of one language and of one key unless these are empty.
[[nodiscard]] Result<std::vector<StoredRule>>
readRules(SqlConnection &connection, const std::string &language, const std::string &key = {});
/// The sightings of a rule, newest first.
[[nodiscard]] Result<std::vector<Sighting>> readSightings(SqlConnection &connection, int64_t rule);
/// All gains, newest first; of one language unless that is empty.
[[nodiscard]] Result<std::vector<Gain>> readGains(SqlConnection &connection, const std::string &language);
/// How well each rule fits the words: 0 and up, by row. Rules without any of the words are left out.
[[nodiscard]] Result<std::map<int64_t, double>> readRelevance(SqlConnection &connection,
                                                              const std::string &text);

/// Gains by language, bottleneck and technique.
[[nodiscard]] std::vector<Technique> techniquesFrom(const std::vector<Gain> &gains);

/// Tags as one column and back.
[[nodiscard]] std::string joinedTags(const std::vector<std::string> &tags);

} // namespace ww
