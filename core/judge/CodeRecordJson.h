// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"
#include "core/judge/CodeRecord.h"

#include <nlohmann/json.hpp>

#include <string>

namespace ww {

/// The code's wire form: {"ptx": [[text, sourceLine], …], "sass": [[text, sourceLine, ptxLine], …], …}.
[[nodiscard]] nlohmann::json codeRecordToJson(const CodeRecord &code);
/// Reads it back; BadInput names the place beneath `path`.
[[nodiscard]] Status codeRecordFromJson(const nlohmann::json &value, const std::string &path,
                                        CodeRecord &code);

} // namespace ww
