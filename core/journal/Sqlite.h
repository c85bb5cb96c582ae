// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace ww {

/// A prepared statement. Columns count from 0, parameters from 1, as in SQLite.
class SqlStatement {
public:
    SqlStatement(SqlStatement &&other) noexcept;
    SqlStatement &operator=(SqlStatement &&other) noexcept;
    ~SqlStatement();

    void bind(int parameter, int64_t value);
    void bind(int parameter, double value);
    void bind(int parameter, std::string_view text);
    /// The bytes must live until the statement is reset.
    void bindBlob(int parameter, std::string_view bytes);

    /// True with a row, false at the end.
    [[nodiscard]] Result<bool> step();
    /// Runs a statement without rows and makes it ready to run again.
    [[nodiscard]] Status run();
    void reset();

    [[nodiscard]] int64_t integer(int column) const;
    [[nodiscard]] double real(int column) const;
    /// Text or blob; valid until the next step or reset.
    [[nodiscard]] std::string_view bytes(int column) const;

private:
    friend class SqlConnection;
    SqlStatement(sqlite3_stmt *statement, std::string file) : m_statement(statement), m_file(std::move(file))
    {
    }
    sqlite3_stmt *m_statement;
    std::string m_file; ///< for messages
};

/// One connection to one SQLite file, hardened against files from strangers: their schema runs no code
/// of ours, values have a size limit, corruption is an error with a remedy.
class SqlConnection {
public:
    enum class Access {
        ReadWrite,
        Read,
        ReadUnchanging, ///< no locks and no files beside it: the file must not change meanwhile
        Memory, ///< an empty one in memory
    };
    [[nodiscard]] static Result<std::unique_ptr<SqlConnection>> open(const std::string &path, Access access);
    ~SqlConnection();
    SqlConnection(const SqlConnection &) = delete;
    SqlConnection &operator=(const SqlConnection &) = delete;

    [[nodiscard]] Result<SqlStatement> prepare(const std::string &sql);
    [[nodiscard]] Status execute(const std::string &sql);
    /// True when the file begins as every SQLite file does; read through the connection's own descriptor.
    [[nodiscard]] bool holdsDatabase();
    /// First column of the first row; 0 when there is none.
    [[nodiscard]] Result<int64_t> integer(const std::string &sql);
    /// First column of the first row; empty when there is none.
    [[nodiscard]] Result<std::string> text(const std::string &sql);

private:
    SqlConnection(sqlite3 *db, std::string path) : m_db(db), m_path(std::move(path)) { }
    sqlite3 *m_db;
    std::string m_path;
};

} // namespace ww
