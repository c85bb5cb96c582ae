// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/memory/Memory.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace ww::cli {

/// One line: state, strength, support, key and sentence.
[[nodiscard]] std::string ruleLine(const RuleRecord &record);
/// A rule with everything that is known of it.
[[nodiscard]] std::string ruleText(const RuleRecord &record, const std::vector<Sighting> &sightings);
[[nodiscard]] nlohmann::json ruleJson(const RuleRecord &record);
[[nodiscard]] std::string techniqueLine(const Technique &technique);
[[nodiscard]] nlohmann::json techniqueJson(const Technique &technique);
/// "with memory 12 of 20 passed (60 %), …" and the difference with its interval.
[[nodiscard]] std::string effectText(const MemoryEffect &effect);
[[nodiscard]] nlohmann::json effectJson(const MemoryEffect &effect);
/// What learning changed, in a line.
[[nodiscard]] std::string learnText(const LearnReport &report);

} // namespace ww::cli
