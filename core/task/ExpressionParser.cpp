// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/task/ExpressionNode.h"
#include "core/task/Names.h"

#include <fmt/format.h>

#include <algorithm>

namespace ww {
namespace {

using Node = Expression::Node;
using NodePtr = std::shared_ptr<const Node>;

constexpr size_t kMaxText = 4096;
constexpr int kMaxNesting = 64;

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}
bool isNameStart(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool isNamePart(char c)
{
    return isNameStart(c) || isDigit(c);
}

/// Recursive descent. A function that returns null has recorded the fault and where it is.
class Parser {
public:
    explicit Parser(std::string_view text) : m_text(text) { }

    NodePtr parseBinary(int precedence)
    {
        if (precedence >= kUnaryPrecedence)
            return parseUnary();
        NodePtr left = parseBinary(precedence + 1);
        for (bool first = true; left; first = false) {
            const size_t before = afterBlanks();
            const OperatorSpelling *op = eatOperator(precedence);
            if (!op)
                break;
            if (precedence == kComparisonPrecedence && !first)
                return fail(before, "comparisons do not chain: write 'a < b && b < c'");
            NodePtr right = parseBinary(precedence + 1);
            if (!right)
                return nullptr;
            left = makeNode({.kind = Node::Kind::Binary, .op = op->op, .children = {left, right}});
        }
        return left;
    }

    /// Offset behind the last character used.
    [[nodiscard]] size_t at() const { return m_at; }
    [[nodiscard]] const std::string &fault() const { return m_fault; }
    [[nodiscard]] size_t faultAt() const { return m_faultAt; }

    /// Records a fault when anything but blanks is left.
    bool atEnd()
    {
        const size_t next = afterBlanks();
        if (next == m_text.size())
            return true;
        const char c = m_text[next];
        if (c == '=')
            fail(next, "unexpected '=': equality is written '=='");
        else if (c == '&' || c == '|')
            fail(next, fmt::format("unexpected '{0}': logic is written '{0}{0}'", c));
        else
            fail(next, fmt::format("expected an operator or the end, found {}", found(next)));
        return false;
    }

private:
    NodePtr fail(size_t at, std::string message)
    {
        m_faultAt = at;
        m_fault = std::move(message);
        return nullptr;
    }

    [[nodiscard]] size_t afterBlanks() const
    {
        const size_t next = m_text.find_first_not_of(" \t\r\n", m_at);
        return std::min(next, m_text.size());
    }

    /// The word or character at `at`, for messages.
    [[nodiscard]] std::string found(size_t at) const
    {
        if (at >= m_text.size())
            return "the end";
        size_t end = at;
        while (end < m_text.size() && isNamePart(m_text[end]))
            ++end;
        // A character outside ASCII is several bytes; show it whole.
        while (end == at || (end < m_text.size() && (static_cast<unsigned char>(m_text[end]) & 0xC0) == 0x80))
            ++end;
        return inQuotes(m_text.substr(at, end - at));
    }

    bool eat(char c)
    {
        const size_t next = afterBlanks();
        if (next == m_text.size() || m_text[next] != c)
            return false;
        m_at = next + 1;
        return true;
    }

    const OperatorSpelling *eatOperator(int precedence)
    {
        const size_t next = afterBlanks();
        const std::string_view rest = m_text.substr(next);
        for (const OperatorSpelling &spelling : kOperators) {
            if (!rest.starts_with(spelling.text))
                continue;
            if (spelling.precedence != precedence)
                return nullptr;
            m_at = next + spelling.text.size();
            return &spelling;
        }
        return nullptr;
    }

    NodePtr parseUnary()
    {
        const size_t start = afterBlanks();
        if (start == m_text.size())
            return fail(start, "expected a number, a name or '(', found the end");
        if (m_depth >= kMaxNesting)
            return fail(start, fmt::format("nested deeper than {} levels", kMaxNesting));
        ++m_depth;
        NodePtr node;
        const char c = m_text[start];
        if (c == '-')
            node = parseNegation(start);
        else if (c == '!')
            node = parseNot(start);
        else if (c == '(')
            node = parseParentheses(start);
        else if (isDigit(c))
            node = parseInteger(start, false);
        else if (isNameStart(c))
            node = parseName(start);
        else
            fail(start, fmt::format("expected a number, a name or '(', found {}", found(start)));
        --m_depth;
        return node;
    }

    NodePtr parseNegation(size_t start)
    {
        m_at = start + 1;
        const size_t next = afterBlanks();
        if (next < m_text.size() && isDigit(m_text[next]))
            return parseInteger(next, true);
        NodePtr operand = parseUnary();
        if (!operand)
            return nullptr;
        // So that -(5) and -5, which print the same, are the same tree.
        if (operand->kind == Node::Kind::Integer && operand->value >= 0)
            return makeNode({.kind = Node::Kind::Integer, .value = -operand->value});
        return makeNode({.kind = Node::Kind::Negate, .children = {operand}});
    }

    NodePtr parseNot(size_t start)
    {
        m_at = start + 1;
        NodePtr operand = parseUnary();
        if (!operand)
            return nullptr;
        return makeNode({.kind = Node::Kind::Not, .children = {operand}});
    }

    NodePtr parseParentheses(size_t start)
    {
        m_at = start + 1;
        NodePtr inside = parseBinary(kLowestPrecedence);
        if (!inside)
            return nullptr;
        if (!eat(')'))
            return fail(afterBlanks(), fmt::format("expected ')', found {}", found(afterBlanks())));
        return inside;
    }

    NodePtr parseInteger(size_t start, bool negative)
    {
        size_t end = start;
        // Up to 2^63, which is in range behind a minus only.
        const uint64_t limit = uint64_t {INT64_MAX} + (negative ? 1 : 0);
        uint64_t magnitude = 0;
        bool fits = true;
        for (; end < m_text.size() && isDigit(m_text[end]); ++end) {
            const auto digit = static_cast<uint64_t>(m_text[end] - '0');
            fits = fits && magnitude <= (limit - digit) / 10;
            magnitude = fits ? magnitude * 10 + digit : magnitude;
        }
        if (end < m_text.size() && (isNamePart(m_text[end]) || m_text[end] == '.'))
            return fail(start, "numbers are plain decimal integers, without point, prefix or suffix");
        if (end - start > 1 && m_text[start] == '0')
            return fail(start, "a number must not begin with 0 (in C that would be octal)");
        if (!fits)
            return fail(start,
                        fmt::format("{} leaves the range of 64-bit integers",
                                    inQuotes(m_text.substr(start, end - start))));
        m_at = end;
        const int64_t value = static_cast<int64_t>(negative ? uint64_t {0} - magnitude : magnitude);
        return makeNode({.kind = Node::Kind::Integer, .value = value});
    }

    NodePtr parseName(size_t start)
    {
        size_t end = start;
        while (end < m_text.size() && isNamePart(m_text[end]))
            ++end;
        const std::string name(m_text.substr(start, end - start));
        if (!isIdentifier(name))
            return fail(start, fmt::format("the name {} is longer than 64 characters", inQuotes(name)));
        m_at = end;
        const size_t next = afterBlanks();
        const bool called = next < m_text.size() && m_text[next] == '(';
        if (isExpressionFunction(name)) {
            if (!called)
                return fail(next,
                            fmt::format("expected '(' after the function '{}', found {}", name, found(next)));
            m_at = next + 1;
            return parseArguments(name, start);
        }
        if (called) {
            static const std::vector<std::string> kKnown {"ceil_div", "round_up", "min", "max"};
            return fail(start,
                        fmt::format("{} is not a function{}; there are ceil_div, round_up, min and max",
                                    inQuotes(name), didYouMean(name, kKnown)));
        }
        return makeNode({.kind = Node::Kind::Name, .name = name});
    }

    NodePtr parseArguments(const std::string &function, size_t start)
    {
        Node call {.kind = Node::Kind::Call, .name = function};
        do {
            NodePtr argument = parseBinary(kLowestPrecedence);
            if (!argument)
                return nullptr;
            call.children.push_back(std::move(argument));
        } while (eat(','));
        if (!eat(')'))
            return fail(afterBlanks(), fmt::format("expected ',' or ')', found {}", found(afterBlanks())));
        const bool two = function == "ceil_div" || function == "round_up";
        if (call.children.size() < 2 || (two && call.children.size() > 2))
            return fail(start,
                        fmt::format("{} takes {} arguments, not {}", function, two ? "two" : "two or more",
                                    call.children.size()));
        return makeNode(std::move(call));
    }

    std::string_view m_text;
    size_t m_at = 0;
    int m_depth = 0;
    std::string m_fault;
    size_t m_faultAt = 0;
};

SourcePosition positionOf(std::string_view text, size_t offset, SourcePosition start)
{
    for (const char c : text.substr(0, offset)) {
        if (c == '\n') {
            ++start.line;
            start.column = 1;
        } else {
            ++start.column;
        }
    }
    return start;
}

tl::unexpected<Error> located(std::string_view text, size_t offset, SourcePosition start, std::string message)
{
    const SourcePosition at = positionOf(text, offset, start);
    return failure(ErrorCode::BadInput, "cannot read the expression", std::move(message), {},
                   fmt::format("line {}, column {}", at.line, at.column));
}

std::string tooLong()
{
    return fmt::format("an expression may have at most {} characters", kMaxText);
}

} // namespace

Result<Expression> Expression::parsePrefix(std::string_view text, size_t &consumed, SourcePosition start)
{
    // One character more than allowed, so that a text that goes on is told from one that ends there.
    const std::string_view window = text.substr(0, kMaxText + 1);
    Parser parser(window);
    NodePtr root = parser.parseBinary(kLowestPrecedence);
    consumed = root ? parser.at() : parser.faultAt();
    if (consumed > kMaxText) {
        consumed = kMaxText;
        return located(text, consumed, start, tooLong());
    }
    if (!root)
        return located(text, consumed, start, parser.fault());
    if (textOf(*root).size() > kMaxText) {
        consumed = 0;
        return located(text, consumed, start, tooLong());
    }
    return Expression(std::move(root));
}

Result<Expression> Expression::parse(std::string_view text, SourcePosition start)
{
    if (text.size() > kMaxText)
        return located(text, kMaxText, start, tooLong());
    size_t consumed = 0;
    WW_TRY(Expression expression, parsePrefix(text, consumed, start));
    Parser rest(text.substr(consumed));
    if (!rest.atEnd())
        return located(text, consumed + rest.faultAt(), start, rest.fault());
    return expression;
}

} // namespace ww
