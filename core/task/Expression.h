// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace ww {

/// Named integers: axis values of a workload and tunable values of a candidate.
using Bindings = std::map<std::string, int64_t, std::less<>>;

/// Where a piece of text stands: line and column count from 1.
struct SourcePosition {
    int line = 1;
    int column = 1;
};

/// An integer expression over names, as launch plans, shapes, constraints and costs use it:
/// `+ - * / %`, unary `-` and `!`, comparisons, `&& ||`, parentheses, decimal integers,
/// and the functions `ceil_div(a, b)`, `round_up(a, b)`, `min(a, b, …)`, `max(a, b, …)`.
/// Precedence as in C, except that comparisons do not chain (`a < b < c` is refused). Comparisons and
/// logic give 0 or 1; `&&` and `||` leave their right side alone where the left decides. `/` truncates
/// towards zero and `%` has the sign of its left side, as in C; `ceil_div` and `round_up` want a second
/// argument of at least 1. Arithmetic is 64-bit and checked: overflow (INT64_MIN / -1 included) and
/// division by zero are errors, never wrapped. Immutable and cheap to copy.
class Expression {
public:
    struct Node;

    Expression() = default;

    /// Parses the whole of `text`; `start` locates its first character in error messages.
    /// Nesting deeper than 64 and texts (also the canonical text) over 4096 characters are refused.
    /// In the error `why` is the bare message and `where` is "line 3, column 17" (columns in bytes).
    [[nodiscard]] static Result<Expression> parse(std::string_view text, SourcePosition start = {});

    /// Parses the longest expression at the front of `text` and sets `consumed` to its length, for
    /// grammars in which an expression is followed by something else. On failure `consumed` is the
    /// offset of the fault.
    [[nodiscard]] static Result<Expression> parsePrefix(std::string_view text, size_t &consumed,
                                                        SourcePosition start = {});

    /// The expression that is just this integer.
    [[nodiscard]] static Expression constant(int64_t value);

    /// Its value; fails on an unknown name, overflow or division by zero, naming the culprit.
    [[nodiscard]] Result<int64_t> evaluate(const Bindings &bindings) const;

    /// As evaluate(), in double precision without overflow: costs of large workloads.
    [[nodiscard]] Result<double> evaluateReal(const Bindings &bindings) const;

    /// Every name it mentions.
    [[nodiscard]] std::set<std::string> names() const;

    /// Canonical text; parsing it gives an equal expression. Empty for a default-made expression.
    [[nodiscard]] std::string text() const;

    [[nodiscard]] bool empty() const { return !m_root; }

private:
    explicit Expression(std::shared_ptr<const Node> root) : m_root(std::move(root)) { }
    std::shared_ptr<const Node> m_root;
};

} // namespace ww
