// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/task/Expression.h"

#include "core/task/ExpressionNode.h"
#include "core/task/Names.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ww {
namespace {

using Node = Expression::Node;
using Operator = Node::Operator;

/// Checked 64-bit arithmetic. A function that returns false has put the reason into `fault`.
struct Whole {
    using Number = int64_t;

    static bool fromInteger(int64_t value, Number &out)
    {
        out = value;
        return true;
    }
    static bool inRange(bool overflow, std::string &fault)
    {
        if (overflow)
            fault = "leaves the range of 64-bit integers";
        return !overflow;
    }
    static bool negate(Number a, Number &out, std::string &fault)
    {
        return inRange(__builtin_sub_overflow(Number {0}, a, &out), fault);
    }
    static bool add(Number a, Number b, Number &out, std::string &fault)
    {
        return inRange(__builtin_add_overflow(a, b, &out), fault);
    }
    static bool subtract(Number a, Number b, Number &out, std::string &fault)
    {
        return inRange(__builtin_sub_overflow(a, b, &out), fault);
    }
    static bool multiply(Number a, Number b, Number &out, std::string &fault)
    {
        return inRange(__builtin_mul_overflow(a, b, &out), fault);
    }
    static bool divide(Number a, Number b, Number &out, std::string &fault)
    {
        if (!inRange(a == INT64_MIN && b == -1, fault))
            return false;
        out = a / b;
        return true;
    }
    static Number remainder(Number a, Number b) { return b == -1 ? 0 : a % b; }
    static Number ceilDiv(Number a, Number b) { return a / b + (a % b > 0 ? 1 : 0); }
};

/// The same in double precision: what a cost may need beyond 2^63.
struct Real {
    using Number = double;

    static bool fromInteger(int64_t value, Number &out)
    {
        out = static_cast<double>(value);
        return true;
    }
    static bool finite(Number value, std::string &fault)
    {
        if (!std::isfinite(value))
            fault = "leaves the range of double precision";
        return std::isfinite(value);
    }
    static bool negate(Number a, Number &out, std::string &)
    {
        out = -a;
        return true;
    }
    static bool add(Number a, Number b, Number &out, std::string &fault)
    {
        return finite(out = a + b, fault);
    }
    static bool subtract(Number a, Number b, Number &out, std::string &fault)
    {
        return finite(out = a - b, fault);
    }
    static bool multiply(Number a, Number b, Number &out, std::string &fault)
    {
        return finite(out = a * b, fault);
    }
    static bool divide(Number a, Number b, Number &out, std::string &)
    {
        out = std::trunc(a / b);
        return true;
    }
    static Number remainder(Number a, Number b) { return std::fmod(a, b); }
    static Number ceilDiv(Number a, Number b) { return std::ceil(a / b); }
};

/// Walks a tree with one kind of arithmetic; the first fault ends the walk and is in fault().
template <class Arithmetic> class Evaluator {
public:
    using Number = typename Arithmetic::Number;

    explicit Evaluator(const Bindings &bindings) : m_bindings(bindings) { }

    [[nodiscard]] const std::string &fault() const { return m_fault; }

    bool evaluate(const Node &node, Number &out)
    {
        switch (node.kind) {
        case Node::Kind::Integer: return Arithmetic::fromInteger(node.value, out);
        case Node::Kind::Name: return lookUp(node.name, out);
        case Node::Kind::Negate: {
            Number a {};
            return evaluate(*node.children[0], a) && (Arithmetic::negate(a, out, m_fault) || blame(node));
        }
        case Node::Kind::Not: {
            Number a {};
            if (!evaluate(*node.children[0], a))
                return false;
            out = a == Number {} ? 1 : 0;
            return true;
        }
        case Node::Kind::Binary: return binary(node, out);
        case Node::Kind::Call: return call(node, out);
        }
        return false;
    }

private:
    bool lookUp(const std::string &name, Number &out)
    {
        const auto found = m_bindings.find(name);
        if (found != m_bindings.end())
            return Arithmetic::fromInteger(found->second, out);
        m_fault = fmt::format("unknown name {}", inQuotes(name));
        return false;
    }

    /// Puts the sub-expression in front of the arithmetic's own words.
    bool blame(const Node &node)
    {
        m_fault = fmt::format("{} {}", inQuotes(textOf(node)), m_fault);
        return false;
    }

    bool binary(const Node &node, Number &out)
    {
        Number a {}, b {};
        if (!evaluate(*node.children[0], a))
            return false;
        if (node.op == Operator::And || node.op == Operator::Or) {
            const bool decided = (a != Number {}) == (node.op == Operator::Or);
            if (!decided && !evaluate(*node.children[1], b))
                return false;
            out = (decided ? node.op == Operator::Or : b != Number {}) ? 1 : 0;
            return true;
        }
        if (!evaluate(*node.children[1], b))
            return false;
        if ((node.op == Operator::Divide || node.op == Operator::Remainder) && b == Number {}) {
            m_fault = fmt::format("division by zero: {} is 0 in {}", inQuotes(textOf(*node.children[1])),
                                  inQuotes(textOf(node)));
            return false;
        }
        return apply(node.op, a, b, out) || blame(node);
    }

    bool apply(Operator op, Number a, Number b, Number &out)
    {
        switch (op) {
        case Operator::Add: return Arithmetic::add(a, b, out, m_fault);
        case Operator::Subtract: return Arithmetic::subtract(a, b, out, m_fault);
        case Operator::Multiply: return Arithmetic::multiply(a, b, out, m_fault);
        case Operator::Divide: return Arithmetic::divide(a, b, out, m_fault);
        case Operator::Remainder: out = Arithmetic::remainder(a, b); return true;
        case Operator::Less: out = a < b; return true;
        case Operator::LessEqual: out = a <= b; return true;
        case Operator::Greater: out = a > b; return true;
        case Operator::GreaterEqual: out = a >= b; return true;
        case Operator::Equal: out = a == b; return true;
        case Operator::NotEqual: out = a != b; return true;
        case Operator::And:
        case Operator::Or: break;
        }
        return false;
    }

    bool call(const Node &node, Number &out)
    {
        if (!evaluate(*node.children[0], out))
            return false;
        for (size_t i = 1; i < node.children.size(); ++i) {
            Number next {};
            if (!evaluate(*node.children[i], next))
                return false;
            if (node.name == "min") {
                out = std::min(out, next);
            } else if (node.name == "max") {
                out = std::max(out, next);
            } else {
                if (next < Number {1}) {
                    m_fault = fmt::format("{} needs a second argument of at least 1, {} is {}", node.name,
                                          inQuotes(textOf(*node.children[i])), next);
                    return false;
                }
                out = Arithmetic::ceilDiv(out, next);
                if (node.name == "round_up" && !Arithmetic::multiply(out, next, out, m_fault))
                    return blame(node);
            }
        }
        return true;
    }

    const Bindings &m_bindings;
    std::string m_fault;
};

template <class Arithmetic>
Result<typename Arithmetic::Number> evaluateWith(const Node *root, const Bindings &bindings)
{
    if (!root)
        return failure(ErrorCode::Internal, "cannot evaluate an expression", "it is empty");
    Evaluator<Arithmetic> evaluator(bindings);
    typename Arithmetic::Number value {};
    if (evaluator.evaluate(*root, value))
        return value;
    return failure(ErrorCode::BadInput, fmt::format("cannot evaluate {}", inQuotes(textOf(*root))),
                   evaluator.fault());
}

void collectNames(const Node &node, std::set<std::string> &names)
{
    if (node.kind == Node::Kind::Name)
        names.insert(node.name);
    for (const auto &child : node.children)
        collectNames(*child, names);
}

} // namespace

Expression Expression::constant(int64_t value)
{
    return Expression(makeNode({.kind = Node::Kind::Integer, .value = value}));
}

Result<int64_t> Expression::evaluate(const Bindings &bindings) const
{
    return evaluateWith<Whole>(m_root.get(), bindings);
}

Result<double> Expression::evaluateReal(const Bindings &bindings) const
{
    return evaluateWith<Real>(m_root.get(), bindings);
}

std::set<std::string> Expression::names() const
{
    std::set<std::string> names;
    if (m_root)
        collectNames(*m_root, names);
    return names;
}

std::string Expression::text() const
{
    return m_root ? textOf(*m_root) : std::string();
}

} // namespace ww
