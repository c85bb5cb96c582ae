// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/journal/JournalSchema.h"

#include <fmt/format.h>

#include <iterator>

namespace ww {
namespace {

/// kMigrations[v] brings layout v to layout v + 1. `check` columns hold a CRC-32, so that a flipped bit
/// is found when the row is read; texts are checked by the hash they stand under.
constexpr const char *kMigrations[] = {
    R"(
CREATE TABLE event(seq INTEGER PRIMARY KEY, time REAL NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL,
                   "check" INTEGER NOT NULL);
CREATE TABLE text(hash BLOB PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE samples(event INTEGER NOT NULL REFERENCES event(seq), place INTEGER NOT NULL,
                     workload TEXT NOT NULL, data BLOB NOT NULL, "check" INTEGER NOT NULL,
                     PRIMARY KEY(event, place));
CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
    BEGIN SELECT RAISE(ABORT, 'a session is append-only'); END;
CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event
    BEGIN SELECT RAISE(ABORT, 'a session is append-only'); END;
CREATE TRIGGER text_is_never_changed BEFORE UPDATE ON text
    BEGIN SELECT RAISE(ABORT, 'a session is append-only'); END;
CREATE TRIGGER text_is_never_deleted BEFORE DELETE ON text
    BEGIN SELECT RAISE(ABORT, 'a session is append-only'); END;
CREATE TRIGGER samples_are_never_changed BEFORE UPDATE ON samples
    BEGIN SELECT RAISE(ABORT, 'a session is append-only'); END;
CREATE TRIGGER samples_are_never_deleted BEFORE DELETE ON samples
    BEGIN SELECT RAISE(ABORT, 'a session is append-only'); END;
)",
};
static_assert(std::size(kMigrations) == kSchemaVersion);

constexpr const char *kLayoutQuery =
    "SELECT group_concat(sql, char(10)) FROM (SELECT sql FROM sqlite_master WHERE sql IS NOT NULL "
    "ORDER BY type, name)";

tl::unexpected<Error> notOurs(const std::string &path, std::string why)
{
    return failure(ErrorCode::BadInput, fmt::format("cannot open {}", path), std::move(why),
                   "Name a session file made by Warpwright");
}

} // namespace

Status migrate(SqlConnection &connection, int64_t from)
{
    std::string sql = "BEGIN IMMEDIATE;";
    for (int64_t version = from; version < kSchemaVersion; ++version)
        sql += kMigrations[version];
    sql += fmt::format("PRAGMA application_id={}; PRAGMA user_version={}; COMMIT", kApplicationId,
                       kSchemaVersion);
    Status status = connection.execute(sql);
    if (!status)
        (void)connection.execute("ROLLBACK"); // best effort: closing rolls back too
    return status;
}

Status upgrade(SqlConnection &connection)
{
    WW_TRY(const int64_t application, connection.integer("PRAGMA application_id"));
    WW_TRY(const int64_t version, connection.integer("PRAGMA user_version"));
    const bool older = version >= 1 && version < kSchemaVersion;
    return application == kApplicationId && older ? migrate(connection, version) : Status();
}

Status checkLayout(SqlConnection &connection, const std::string &path)
{
    WW_TRY(const int64_t application, connection.integer("PRAGMA application_id"));
    if (application != kApplicationId)
        return notOurs(path, "it is an SQLite file of another application");
    WW_TRY(const int64_t version, connection.integer("PRAGMA user_version"));
    if (version > kSchemaVersion)
        return failure(ErrorCode::Unsupported, fmt::format("cannot open {}", path),
                       fmt::format("it was written by a newer version (layout {}, this program knows {})",
                                   version, kSchemaVersion),
                       "Update Warpwright");
    if (version != kSchemaVersion)
        return notOurs(path, fmt::format("it has an unknown layout ({})", version));

    // A table that is a view, or a trigger of a stranger's, would run when we read.
    WW_TRY(const std::unique_ptr<SqlConnection> fresh,
           SqlConnection::open(path, SqlConnection::Access::Memory));
    WW_CHECK(migrate(*fresh, 0));
    WW_TRY(const std::string expected, fresh->text(kLayoutQuery));
    WW_TRY(const std::string found, connection.text(kLayoutQuery));
    if (found != expected)
        return notOurs(path, "its tables are not those of a session");
    return {};
}

} // namespace ww
