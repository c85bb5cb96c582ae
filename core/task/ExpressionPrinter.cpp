// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/task/ExpressionNode.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace ww {
namespace {

using Node = Expression::Node;

const OperatorSpelling &spellingOf(Node::Operator op)
{
    return *std::find_if(std::begin(kOperators), std::end(kOperators),
                         [op](const OperatorSpelling &spelling) { return spelling.op == op; });
}

void print(const Node &node, int atLeast, std::string &out);

void printBinary(const Node &node, std::string &out)
{
    const OperatorSpelling &spelling = spellingOf(node.op);
    // Operators group to the left, so an equal one on the right needs parentheses; comparisons do not
    // chain, so there an equal one needs them on either side.
    const bool chains = spelling.precedence != kComparisonPrecedence;
    print(*node.children[0], chains ? spelling.precedence : spelling.precedence + 1, out);
    out += fmt::format(" {} ", spelling.text);
    print(*node.children[1], spelling.precedence + 1, out);
}

void print(const Node &node, int atLeast, std::string &out)
{
    switch (node.kind) {
    case Node::Kind::Integer: out += std::to_string(node.value); return;
    case Node::Kind::Name: out += node.name; return;
    case Node::Kind::Negate:
    case Node::Kind::Not:
        out += node.kind == Node::Kind::Negate ? '-' : '!';
        print(*node.children[0], kUnaryPrecedence, out);
        return;
    case Node::Kind::Call:
        out += node.name + "(";
        for (size_t i = 0; i < node.children.size(); ++i) {
            out += i == 0 ? "" : ", ";
            print(*node.children[i], kLowestPrecedence, out);
        }
        out += ')';
        return;
    case Node::Kind::Binary: {
        const bool parentheses = spellingOf(node.op).precedence < atLeast;
        out += parentheses ? "(" : "";
        printBinary(node, out);
        out += parentheses ? ")" : "";
        return;
    }
    }
}

} // namespace

std::shared_ptr<const Node> makeNode(Node node)
{
    return std::make_shared<const Node>(std::move(node));
}

std::string textOf(const Node &node)
{
    std::string out;
    print(node, kLowestPrecedence, out);
    return out;
}

} // namespace ww
