// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/journal/Sqlite.h"

#include <vector>

namespace ww {

/// The tables of one kind of SQLite file of ours.
struct SqlLayout {
    const char *kind; ///< for messages: "session file"
    int64_t applicationId; ///< in the file's header
    /// `migrations[v]` brings layout v to layout v + 1; their number is the version written: PRAGMA
    /// user_version.
    std::vector<const char *> migrations;

    [[nodiscard]] int64_t version() const { return static_cast<int64_t>(migrations.size()); }
};

/// Refuses what is not there, not a file or cannot be read. `remedy` says how to come by such a file.
[[nodiscard]] Status checkIsFile(const std::string &path, const SqlLayout &layout, const std::string &remedy);

/// Refuses what is not SQLite, before SQLite looks for a log beside it.
[[nodiscard]] Status checkMagic(SqlConnection &connection, const SqlLayout &layout, const std::string &path);

/// Brings a file from version `from` (0 = empty) to the layout's, in one transaction.
[[nodiscard]] Status migrate(SqlConnection &connection, const SqlLayout &layout, int64_t from);

/// Brings an older file of this kind up to the layout's version; leaves every other file alone.
[[nodiscard]] Status upgrade(SqlConnection &connection, const SqlLayout &layout);

/// Refuses what is not a file of this kind: another application's, a newer version's, or one whose tables and
/// triggers are not exactly ours.
[[nodiscard]] Status checkLayout(SqlConnection &connection, const SqlLayout &layout, const std::string &path);

} // namespace ww
