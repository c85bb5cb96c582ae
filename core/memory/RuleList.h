// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/memory/Rule.h"

namespace ww {

/// Rules read from somewhere else, and what was not taken.
struct RuleList {
    struct LeftOut {
        int line = 0; ///< from 1
        std::string why; ///< a sentence
    };
    std::vector<Rule> rules;
    std::vector<LeftOut> leftOut;
};

/// Reads a list of rules: our own export (JSON), or one a line, as "sentence||score" (AdaExplore's) or as a
/// bare sentence. Such lines are taken to be about `language`. Left out are sentences about servers,
/// connections and single lines of a source, which other systems took for rules, and those that stand twice.
/// Refused is a text with no rule at all.
[[nodiscard]] Result<RuleList> readRuleList(std::string_view text, const std::string &language);

/// The rules as JSON that readRuleList() reads again, with what a person decided and what was checked.
[[nodiscard]] std::string rulesToJson(const std::vector<RuleRecord> &rules);
[[nodiscard]] Result<std::vector<Rule>> rulesFromJson(std::string_view text);

} // namespace ww
