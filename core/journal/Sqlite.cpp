// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/journal/Sqlite.h"

#include "core/base/Utf8.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <array>
#include <filesystem>
#include <utility>

namespace ww {
namespace {

constexpr std::string_view kMagic {"SQLite format 3\0", 16};
constexpr int kLongestValue = 128 << 20;
constexpr int kBusyMilliseconds = 5000;

const char *remedyFor(int code)
{
    switch (code & 0xff) {
    case SQLITE_FULL: return "Free some space and try again: everything written before is kept";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
    case SQLITE_AUTH: return "Make the file and its folder writable, or copy it to a folder that is";
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return "Close the other program that uses it";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
        return "The file is damaged: use a backup, or recover it with 'sqlite3 FILE .recover'";
    case SQLITE_IOERR: return "Check the disk, and that it is a local one with space left";
    default: return "";
    }
}

tl::unexpected<Error> sqlFailure(sqlite3 *db, const std::string &file)
{
    const int code = db ? sqlite3_extended_errcode(db) : SQLITE_NOMEM;
    const int basic = code & 0xff;
    const bool damaged = basic == SQLITE_CORRUPT || basic == SQLITE_NOTADB || basic == SQLITE_FORMAT
        || basic == SQLITE_ERROR || basic == SQLITE_TOOBIG;
    const char *why = db ? sqlite3_errmsg(db) : sqlite3_errstr(code);
    return failure(damaged ? ErrorCode::BadInput : ErrorCode::Io, fmt::format("cannot use {}", file),
                   toValidUtf8(why), remedyFor(code));
}

/// A file name as part of an URI.
std::string percentEncoded(std::string_view path)
{
    std::string text;
    for (const char c : path) {
        if (c == '?' || c == '#' || c == '%')
            text += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        else
            text += c;
    }
    return text;
}

std::string nameFor(const std::string &path, SqlConnection::Access access)
{
    if (access == SqlConnection::Access::Memory)
        return ":memory:";
    // Absolute, because ":memory:" and "file:…" would mean something else to SQLite.
    const std::string absolute = std::filesystem::absolute(path).string();
    return access == SqlConnection::Access::ReadUnchanging
        ? fmt::format("file://{}?immutable=1", percentEncoded(absolute))
        : absolute;
}

} // namespace

SqlStatement::SqlStatement(SqlStatement &&other) noexcept
    : m_statement(std::exchange(other.m_statement, nullptr)), m_file(std::move(other.m_file))
{
}

SqlStatement &SqlStatement::operator=(SqlStatement &&other) noexcept
{
    std::swap(m_statement, other.m_statement);
    std::swap(m_file, other.m_file);
    return *this;
}

SqlStatement::~SqlStatement()
{
    sqlite3_finalize(m_statement);
}

void SqlStatement::bind(int parameter, int64_t value)
{
    sqlite3_bind_int64(m_statement, parameter, value);
}

void SqlStatement::bind(int parameter, double value)
{
    sqlite3_bind_double(m_statement, parameter, value);
}

void SqlStatement::bind(int parameter, std::string_view text)
{
    sqlite3_bind_text64(m_statement, parameter, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

void SqlStatement::bindBlob(int parameter, std::string_view bytes)
{
    // A null pointer would bind NULL instead of no bytes.
    sqlite3_bind_blob64(m_statement, parameter, bytes.empty() ? "" : bytes.data(), bytes.size(),
                        SQLITE_STATIC);
}

Result<bool> SqlStatement::step()
{
    const int code = sqlite3_step(m_statement);
    if (code == SQLITE_ROW)
        return true;
    if (code == SQLITE_DONE)
        return false;
    return sqlFailure(sqlite3_db_handle(m_statement), m_file);
}

Status SqlStatement::run()
{
    const Result<bool> row = step();
    reset();
    if (!row)
        return tl::make_unexpected(row.error());
    return {};
}

void SqlStatement::reset()
{
    sqlite3_reset(m_statement);
}

int64_t SqlStatement::integer(int column) const
{
    return sqlite3_column_int64(m_statement, column);
}

double SqlStatement::real(int column) const
{
    return sqlite3_column_double(m_statement, column);
}

std::string_view SqlStatement::bytes(int column) const
{
    const void *data = sqlite3_column_blob(m_statement, column);
    const int size = sqlite3_column_bytes(m_statement, column);
    return data ? std::string_view(static_cast<const char *>(data), static_cast<size_t>(size))
                : std::string_view();
}

Result<std::unique_ptr<SqlConnection>> SqlConnection::open(const std::string &path, Access access)
{
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    // A reader, too, asks for the right to write where it has it: the last connection to a file takes its
    // log and shared memory away, which one that may only read would leave behind.
    flags |= access == Access::ReadUnchanging ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    if (access == Access::ReadUnchanging)
        flags |= SQLITE_OPEN_URI;
    sqlite3 *db = nullptr;
    const int code = sqlite3_open_v2(nameFor(path, access).c_str(), &db, flags, nullptr);
    std::unique_ptr<SqlConnection> connection(new SqlConnection(db, path));
    if (code != SQLITE_OK)
        return sqlFailure(db, path);
    sqlite3_busy_timeout(db, kBusyMilliseconds);
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, kLongestValue);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    WW_CHECK(connection->execute("PRAGMA foreign_keys=ON; PRAGMA cell_size_check=ON"));
    if (access == Access::Read)
        WW_CHECK(connection->execute("PRAGMA query_only=ON"));
    return connection;
}

SqlConnection::~SqlConnection()
{
    sqlite3_close_v2(m_db);
}

Result<SqlStatement> SqlConnection::prepare(const std::string &sql)
{
    sqlite3_stmt *statement = nullptr;
    if (sqlite3_prepare_v2(m_db, sql.c_str(), static_cast<int>(sql.size()) + 1, &statement, nullptr)
        != SQLITE_OK)
        return sqlFailure(m_db, m_path);
    return SqlStatement(statement, m_path);
}

Status SqlConnection::execute(const std::string &sql)
{
    if (sqlite3_exec(m_db, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        return sqlFailure(m_db, m_path);
    return {};
}

bool SqlConnection::holdsDatabase()
{
    sqlite3_file *file = nullptr;
    std::array<char, kMagic.size()> begin {};
    return sqlite3_file_control(m_db, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK && file
        && file->pMethods
        && file->pMethods->xRead(file, begin.data(), static_cast<int>(begin.size()), 0) == SQLITE_OK
        && std::string_view(begin.data(), begin.size()) == kMagic;
}

Result<int64_t> SqlConnection::integer(const std::string &sql)
{
    WW_TRY(SqlStatement statement, prepare(sql));
    WW_TRY(const bool row, statement.step());
    return row ? statement.integer(0) : 0;
}

Result<std::string> SqlConnection::text(const std::string &sql)
{
    WW_TRY(SqlStatement statement, prepare(sql));
    WW_TRY(const bool row, statement.step());
    return row ? std::string(statement.bytes(0)) : std::string();
}

} // namespace ww
