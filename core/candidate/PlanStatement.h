// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/candidate/LaunchPlan.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ww {

/// One `//@` line: its text behind the mark, without a trailing `// comment`, and where that text stands.
struct PlanStatement {
    std::string_view text;
    int line = 0;
    int column = 1; ///< of the first byte of `text`, in bytes from 1
};

/// The `//@` lines of a source, in order. The mark may be indented.
[[nodiscard]] std::vector<PlanStatement> planStatements(std::string_view source);

/// Offset of `word` as a whole identifier in `text` at or after `from`, or npos.
[[nodiscard]] size_t findWord(std::string_view text, std::string_view word, size_t from = 0);

/// Reads one statement from left to right. A function that returns false or nothing has recorded the
/// fault; only the first of a statement is kept, because the others tend to follow from it.
class StatementReader {
public:
    explicit StatementReader(const PlanStatement &statement) : m_statement(statement) { }

    /// The next identifier; fails with "expected <what>, found …".
    [[nodiscard]] std::optional<std::string> word(std::string_view what);
    /// Takes `c` when it is next.
    bool eat(char c);
    /// Takes `c` or fails with "expected <what>, found …".
    bool expect(char c, std::string_view what);
    [[nodiscard]] std::optional<int64_t> integer();
    [[nodiscard]] std::optional<Expression> expression();
    /// `(a, b, …)`; empty parentheses are taken only when `mayBeEmpty`.
    [[nodiscard]] std::optional<std::vector<Expression>> expressions(char open, char close, size_t atMost,
                                                                     bool mayBeEmpty = false);
    /// Passes over a group in parentheses, if one is next.
    bool skipGroup();
    /// Fails unless nothing is left.
    bool end();

    [[nodiscard]] bool atEnd() const { return afterBlanks() == m_statement.text.size(); }
    /// Offset of the next character that is not blank.
    [[nodiscard]] size_t at() const { return afterBlanks(); }
    [[nodiscard]] const std::optional<Diagnostic> &fault() const { return m_fault; }
    /// Records a fault at an offset of the statement; returns false.
    bool fail(size_t at, std::string message);

private:
    [[nodiscard]] size_t afterBlanks() const;
    [[nodiscard]] std::string found() const;

    const PlanStatement &m_statement;
    size_t m_at = 0;
    std::optional<Diagnostic> m_fault;
};

} // namespace ww
