// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/candidate/LaunchPlan.h"

#include <nlohmann/json.hpp>

#include <string>

namespace ww {

/// A plan in numbers as a supervisor sends it to a runner; its parameters stay behind.
[[nodiscard]] nlohmann::json resolvedPlanToJson(const ResolvedPlan &plan);
/// Reads it back; BadInput names the place beneath `path`.
[[nodiscard]] Status resolvedPlanFromJson(const nlohmann::json &document, const std::string &path,
                                          ResolvedPlan &plan);

} // namespace ww
