// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/task/Expression.h"

#include <vector>

namespace ww {

/// The inside of an Expression: parser, printer and evaluator share it, nothing else includes it.
struct Expression::Node {
    enum class Kind { Integer, Name, Negate, Not, Binary, Call };
    enum class Operator {
        Add,
        Subtract,
        Multiply,
        Divide,
        Remainder,
        Less,
        LessEqual,
        Greater,
        GreaterEqual,
        Equal,
        NotEqual,
        And,
        Or,
    };

    Kind kind = Kind::Integer;
    Operator op = Operator::Add; ///< Kind::Binary
    int64_t value = 0; ///< Kind::Integer
    std::string name = {}; ///< Kind::Name, and the function of Kind::Call
    std::vector<std::shared_ptr<const Node>> children = {};
};

/// How an operator is written and how tightly it binds (higher is tighter).
struct OperatorSpelling {
    Expression::Node::Operator op;
    std::string_view text;
    int precedence;
};

constexpr int kLowestPrecedence = 1;
constexpr int kComparisonPrecedence = 3;
constexpr int kUnaryPrecedence = 6;

/// Every binary operator; longer spellings stand before their prefixes.
constexpr OperatorSpelling kOperators[] = {
    {Expression::Node::Operator::Or, "||", 1},
    {Expression::Node::Operator::And, "&&", 2},
    {Expression::Node::Operator::LessEqual, "<=", kComparisonPrecedence},
    {Expression::Node::Operator::GreaterEqual, ">=", kComparisonPrecedence},
    {Expression::Node::Operator::Equal, "==", kComparisonPrecedence},
    {Expression::Node::Operator::NotEqual, "!=", kComparisonPrecedence},
    {Expression::Node::Operator::Less, "<", kComparisonPrecedence},
    {Expression::Node::Operator::Greater, ">", kComparisonPrecedence},
    {Expression::Node::Operator::Add, "+", 4},
    {Expression::Node::Operator::Subtract, "-", 4},
    {Expression::Node::Operator::Multiply, "*", 5},
    {Expression::Node::Operator::Divide, "/", 5},
    {Expression::Node::Operator::Remainder, "%", 5},
};

[[nodiscard]] std::shared_ptr<const Expression::Node> makeNode(Expression::Node node);

/// Canonical text of the tree: single spaces round binary operators, no parentheses but those needed.
[[nodiscard]] std::string textOf(const Expression::Node &node);

} // namespace ww
