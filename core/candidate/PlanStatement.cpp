// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/candidate/PlanStatement.h"

#include "core/task/Names.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace ww {
namespace {

constexpr std::string_view kMark = "//@";
constexpr std::string_view kBlanks = " \t";

bool isWordPart(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::optional<PlanStatement> statementOf(std::string_view line, int number)
{
    const size_t mark = line.find_first_not_of(kBlanks);
    if (mark == std::string_view::npos || !line.substr(mark).starts_with(kMark))
        return std::nullopt;
    const size_t start = mark + kMark.size();
    std::string_view text = line.substr(start);
    text = text.substr(0, text.find("//"));
    return PlanStatement {text, number, static_cast<int>(start) + 1};
}

} // namespace

std::vector<PlanStatement> planStatements(std::string_view source)
{
    std::vector<PlanStatement> statements;
    int number = 0;
    while (!source.empty()) {
        const size_t end = source.find('\n');
        std::string_view line = source.substr(0, end);
        source.remove_prefix(end == std::string_view::npos ? source.size() : end + 1);
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (auto statement = statementOf(line, ++number))
            statements.push_back(*statement);
    }
    return statements;
}

size_t findWord(std::string_view text, std::string_view word, size_t from)
{
    for (size_t at = text.find(word, from); at != std::string_view::npos; at = text.find(word, at + 1)) {
        const size_t end = at + word.size();
        if ((at == 0 || !isWordPart(text[at - 1])) && (end == text.size() || !isWordPart(text[end])))
            return at;
    }
    return std::string_view::npos;
}

size_t StatementReader::afterBlanks() const
{
    return std::min(m_statement.text.find_first_not_of(kBlanks, m_at), m_statement.text.size());
}

std::string StatementReader::found() const
{
    const std::string_view rest = m_statement.text.substr(afterBlanks());
    if (rest.empty())
        return "the end of the line";
    size_t length = 0;
    while (length < rest.size() && isWordPart(rest[length]))
        ++length;
    while (length == 0 || (length < rest.size() && (static_cast<unsigned char>(rest[length]) & 0xC0) == 0x80))
        ++length;
    return inQuotes(rest.substr(0, length));
}

bool StatementReader::fail(size_t at, std::string message)
{
    if (!m_fault)
        m_fault = Diagnostic {Diagnostic::Severity::Error, m_statement.line,
                              m_statement.column + static_cast<int>(at), std::move(message)};
    return false;
}

std::optional<std::string> StatementReader::word(std::string_view what)
{
    const size_t start = afterBlanks();
    size_t end = start;
    while (end < m_statement.text.size() && isWordPart(m_statement.text[end]))
        ++end;
    const std::string_view text = m_statement.text.substr(start, end - start);
    if (!isIdentifier(text)) {
        fail(start, fmt::format("expected {}, found {}", what, found()));
        return std::nullopt;
    }
    m_at = end;
    return std::string(text);
}

bool StatementReader::eat(char c)
{
    const size_t next = afterBlanks();
    if (next == m_statement.text.size() || m_statement.text[next] != c)
        return false;
    m_at = next + 1;
    return true;
}

bool StatementReader::expect(char c, std::string_view what)
{
    return eat(c) || fail(afterBlanks(), fmt::format("expected {}, found {}", what, found()));
}

std::optional<int64_t> StatementReader::integer()
{
    const size_t start = afterBlanks();
    const std::string_view rest = m_statement.text.substr(start);
    int64_t value = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    const auto length = static_cast<size_t>(end - rest.data());
    if (error == std::errc::result_out_of_range)
        fail(start, "the number leaves the range of 64-bit integers");
    else if (error != std::errc())
        fail(start, fmt::format("expected an integer, found {}", found()));
    else if (length < rest.size() && (isWordPart(rest[length]) || rest[length] == '.'))
        fail(start, "values are plain decimal integers, without point, prefix or suffix");
    m_at = start + length;
    return m_fault ? std::nullopt : std::optional(value);
}

std::optional<Expression> StatementReader::expression()
{
    const size_t start = afterBlanks();
    size_t consumed = 0;
    Result<Expression> parsed = Expression::parsePrefix(m_statement.text.substr(start), consumed);
    m_at = start + consumed;
    if (parsed)
        return std::move(*parsed);
    fail(m_at, parsed.error().why);
    return std::nullopt;
}

std::optional<std::vector<Expression>> StatementReader::expressions(char open, char close, size_t atMost,
                                                                    bool mayBeEmpty)
{
    if (!expect(open, fmt::format("'{}'", open)))
        return std::nullopt;
    std::vector<Expression> list;
    if (mayBeEmpty && eat(close))
        return list;
    do {
        const size_t start = afterBlanks();
        std::optional<Expression> item = expression();
        if (!item)
            return std::nullopt;
        if (list.size() == atMost) {
            fail(start, fmt::format("at most {} expressions can stand here", atMost));
            return std::nullopt;
        }
        list.push_back(std::move(*item));
    } while (eat(','));
    if (!expect(close, fmt::format("an operator, ',' or '{}'", close)))
        return std::nullopt;
    return list;
}

bool StatementReader::skipGroup()
{
    const size_t start = afterBlanks();
    if (!eat('('))
        return true;
    for (int depth = 1; depth > 0; ++m_at) {
        if (m_at == m_statement.text.size())
            return fail(start, "the parenthesis opened here is never closed");
        const char c = m_statement.text[m_at];
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    }
    return true;
}

bool StatementReader::end()
{
    if (atEnd())
        return true;
    if (m_statement.text[afterBlanks()] == '=')
        return fail(afterBlanks(), "unexpected '=': equality is written '=='");
    return fail(afterBlanks(),
                fmt::format("expected the end of the line, found {}; a remark begins with //", found()));
}

} // namespace ww
