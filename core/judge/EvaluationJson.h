// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/judge/Evaluation.h"

#include <nlohmann/json_fwd.hpp>

namespace ww {

/// The evidence record with the field names of the command line's contract (cli.md).
[[nodiscard]] nlohmann::json evaluationToJson(const Evaluation &evaluation);
/// Reads a record; unknown fields are ignored, a missing or wrongly typed required one is an error.
[[nodiscard]] Result<Evaluation> evaluationFromJson(const nlohmann::json &record);

} // namespace ww
