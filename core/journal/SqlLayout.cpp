// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/journal/SqlLayout.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include <sys/stat.h>
#include <unistd.h>

namespace ww {
namespace {

constexpr const char *kLayoutQuery =
    "SELECT group_concat(sql, char(10)) FROM (SELECT sql FROM sqlite_master WHERE sql IS NOT NULL "
    "ORDER BY type, name)";

tl::unexpected<Error> notOurs(const std::string &path, const SqlLayout &layout, std::string why)
{
    return failure(ErrorCode::BadInput, fmt::format("cannot open {}", path), std::move(why),
                   fmt::format("Name a {} made by Warpwright", layout.kind));
}

} // namespace

Status checkIsFile(const std::string &path, const SqlLayout &layout, const std::string &remedy)
{
    const std::string what = fmt::format("cannot open {}", path);
    struct stat info = {};
    if (::stat(path.c_str(), &info) != 0)
        return failure(errno == ENOENT ? ErrorCode::NotFound : ErrorCode::Io, what, std::strerror(errno),
                       remedy);
    if (!S_ISREG(info.st_mode))
        return notOurs(path, layout, "it is not a regular file");
    // Not by opening it: closing a file takes away all locks that this process has on it (fcntl(2)), those of
    // a connection that writes it included.
    if (::access(path.c_str(), R_OK) != 0)
        return failure(ErrorCode::Io, what, std::strerror(errno), "Make it readable");
    return {};
}

Status checkMagic(SqlConnection &connection, const SqlLayout &layout, const std::string &path)
{
    if (!connection.holdsDatabase())
        return notOurs(path, layout, fmt::format("it is not a {}", layout.kind));
    return {};
}

Status migrate(SqlConnection &connection, const SqlLayout &layout, int64_t from)
{
    std::string sql = "BEGIN IMMEDIATE;";
    for (int64_t version = from; version < layout.version(); ++version)
        sql += layout.migrations[static_cast<size_t>(version)];
    sql += fmt::format("PRAGMA application_id={}; PRAGMA user_version={}; COMMIT", layout.applicationId,
                       layout.version());
    Status status = connection.execute(sql);
    if (!status)
        (void)connection.execute("ROLLBACK"); // best effort: closing rolls back too
    return status;
}

Status upgrade(SqlConnection &connection, const SqlLayout &layout)
{
    WW_TRY(const int64_t application, connection.integer("PRAGMA application_id"));
    WW_TRY(const int64_t version, connection.integer("PRAGMA user_version"));
    const bool older = version >= 1 && version < layout.version();
    return application == layout.applicationId && older ? migrate(connection, layout, version) : Status();
}

Status checkLayout(SqlConnection &connection, const SqlLayout &layout, const std::string &path)
{
    WW_TRY(const int64_t application, connection.integer("PRAGMA application_id"));
    if (application != layout.applicationId)
        return notOurs(path, layout, "it is an SQLite file of another application");
    WW_TRY(const int64_t version, connection.integer("PRAGMA user_version"));
    if (version > layout.version())
        return failure(ErrorCode::Unsupported, fmt::format("cannot open {}", path),
                       fmt::format("it was written by a newer version (layout {}, this program knows {})",
                                   version, layout.version()),
                       "Update Warpwright");
    if (version != layout.version())
        return notOurs(path, layout, fmt::format("it has an unknown layout ({})", version));

    // A table that is a view, or a trigger of a stranger's, would run when we read.
    WW_TRY(const std::unique_ptr<SqlConnection> fresh,
           SqlConnection::open(path, SqlConnection::Access::Memory));
    WW_CHECK(migrate(*fresh, layout, 0));
    WW_TRY(const std::string expected, fresh->text(kLayoutQuery));
    WW_TRY(const std::string found, connection.text(kLayoutQuery));
    if (found != expected)
        return notOurs(path, layout, fmt::format("its tables are not those of a {}", layout.kind));
    return {};
}

} // namespace ww
