// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/journal/Session.h"

namespace ww {

/// The whole session as one JSON document.
[[nodiscard]] std::string exportJson(const Session &session);
/// One row a candidate, RFC 4180, header first; formula-leading cells are defused for spreadsheets.
[[nodiscard]] std::string exportCsv(const Session &session);
/// A self-contained HTML report (no network, no scripts needed to read it): summary, best-so-far chart,
/// tree, table and best source. All text escaped.
[[nodiscard]] std::string exportHtml(const Session &session);

} // namespace ww
