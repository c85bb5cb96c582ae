// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/journal/Sqlite.h"

namespace ww {

/// "WWRT" in the header of every session file.
constexpr int64_t kApplicationId = 0x57575254;
/// Layout that this program writes: PRAGMA user_version.
constexpr int64_t kSchemaVersion = 1;

/// Brings a session file from layout `from` (0 = empty) to kSchemaVersion, in one transaction.
[[nodiscard]] Status migrate(SqlConnection &connection, int64_t from);

/// Brings an older session file of ours up to kSchemaVersion; leaves every other file alone.
[[nodiscard]] Status upgrade(SqlConnection &connection);

/// Refuses what is not a session file: another application's, a newer version's, or one whose tables
/// and triggers are not exactly ours.
[[nodiscard]] Status checkLayout(SqlConnection &connection, const std::string &path);

} // namespace ww
