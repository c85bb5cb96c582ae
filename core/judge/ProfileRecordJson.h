// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"
#include "core/judge/ProfileRecord.h"

#include <nlohmann/json.hpp>

#include <string>

namespace ww {

/// The profile's wire form: {"source", "workload", "metrics": {name: number}, "bottleneck", "reasons",
/// "passes"}.
[[nodiscard]] nlohmann::json profileRecordToJson(const ProfileRecord &profile);
/// Reads it back; BadInput names the place beneath `path`.
[[nodiscard]] Status profileRecordFromJson(const nlohmann::json &value, const std::string &path,
                                           ProfileRecord &profile);

} // namespace ww
