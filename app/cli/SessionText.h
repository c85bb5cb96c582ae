// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/journal/Session.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace ww::cli {

/// What a search came to, for a person: task, steps, counts by outcome, best and its confirmation.
[[nodiscard]] std::string sessionSummaryText(const Session &session);

/// The candidate tree, one indented line each.
[[nodiscard]] std::string sessionTreeText(const Session &session);

/// The document `show --json` prints; `path` is the session file.
[[nodiscard]] nlohmann::json sessionSummaryJson(const Session &session, const std::string &path);

} // namespace ww::cli
