// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/search/SearchConfig.h"

#include <nlohmann/json_fwd.hpp>

namespace ww {

/// A search's configuration as the journal and exports carry it.
[[nodiscard]] nlohmann::json configToJson(const SearchConfig &config);
/// Reads what configToJson() wrote; a field that is missing has its default, unknown ones are ignored.
[[nodiscard]] Result<SearchConfig> configFromJson(const nlohmann::json &document);

/// What the policy wanted, as the journal carries it.
[[nodiscard]] nlohmann::json moveToJson(const Move &move);
[[nodiscard]] Result<Move> moveFromJson(const nlohmann::json &document);

/// A list of [id, role] pairs.
[[nodiscard]] nlohmann::json lineageToJson(const std::vector<Lineage> &lineage);
[[nodiscard]] Result<std::vector<Lineage>> lineageFromJson(const nlohmann::json &document);

/// What memory offered to a prompt.
[[nodiscard]] nlohmann::json memoryUseToJson(const MemoryUse &use);
[[nodiscard]] Result<MemoryUse> memoryUseFromJson(const nlohmann::json &document);

} // namespace ww
