// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/memory/DivergentBarrier.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <span>
#include <utility>
#include <vector>

namespace ww {
namespace {

struct Token {
    std::string_view text;
    int line = 0;
};
using Tokens = std::span<const Token>;

constexpr std::array<std::string_view, 3> kBarriers {"barrier", "work_group_barrier", "__syncthreads"};
/// What differs between the work-items of a group.
constexpr std::array<std::string_view, 5> kOwnToAnItem {
    "get_local_id", "get_global_id", "get_local_linear_id", "get_global_linear_id", "threadIdx"};

template <size_t Count> bool isOneOf(std::string_view word, const std::array<std::string_view, Count> &words)
{
    return std::find(words.begin(), words.end(), word) != words.end();
}

bool isWordCharacter(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// Words and single characters; comments, texts and lines of the preprocessor are left out.
std::vector<Token> tokensOf(std::string_view source)
{
    std::vector<Token> tokens;
    int line = 1;
    bool lineHasToken = false;
    for (size_t at = 0; at < source.size();) {
        const char c = source[at];
        size_t end = at + 1;
        const auto upTo = [&](std::string_view mark) {
            const size_t found = source.find(mark, at + 1);
            return found == std::string_view::npos ? source.size() : found;
        };
        if (c == '\n') {
            ++line;
            lineHasToken = false;
        } else if (source.substr(at, 2) == "//" || (c == '#' && !lineHasToken)) {
            end = upTo("\n");
        } else if (source.substr(at, 2) == "/*") {
            end = std::min(upTo("*/") + 2, source.size());
            line += static_cast<int>(std::count(source.begin() + static_cast<std::ptrdiff_t>(at),
                                                source.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
        } else if (c == '"' || c == '\'') {
            end = std::min(upTo(std::string_view(&source[at], 1)) + 1, source.size());
        } else if (std::isspace(static_cast<unsigned char>(c)) == 0) {
            while (isWordCharacter(c) && end < source.size() && isWordCharacter(source[end]))
                ++end;
            tokens.push_back({source.substr(at, end - at), line});
            lineHasToken = true;
        }
        at = end;
    }
    return tokens;
}

/// Reads a source from its beginning to the first barrier that not all work-items reach.
class Reader {
public:
    explicit Reader(Tokens tokens) : m_tokens(tokens) { }

    std::optional<int> read()
    {
        for (; m_at < m_tokens.size(); ++m_at) {
            const std::string_view word = m_tokens[m_at].text;
            if (word == "{")
                m_blocks.push_back(std::exchange(m_next, false) || diverges());
            else if (word == "}")
                endBlock();
            else if (word == ";")
                endStatement();
            else if (word == "if" || word == "while" || word == "switch" || word == "for")
                readCondition(word == "for");
            else if (word == "else")
                m_next = m_lastIf;
            else if (word == "return" && (diverges() || m_next) && !m_blocks.empty())
                m_someHaveLeft = true;
            else if (word == "=")
                readAssignment();
            else if (isOneOf(word, kBarriers) && (diverges() || m_next || m_someHaveLeft)
                     && !m_blocks.empty())
                return m_tokens[m_at].line;
        }
        return std::nullopt;
    }

private:
    [[nodiscard]] bool diverges() const { return !m_blocks.empty() && m_blocks.back(); }
    [[nodiscard]] std::string_view word(size_t at) const
    {
        return at < m_tokens.size() ? m_tokens[at].text : std::string_view();
    }

    void endBlock()
    {
        if (m_blocks.empty())
            return;
        const bool was = m_blocks.back();
        m_blocks.pop_back();
        m_lastIf = was && !diverges();
        if (m_blocks.empty()) { // of a function
            m_someHaveLeft = false;
            m_own.clear();
        }
    }

    void endStatement()
    {
        m_lastIf = m_next;
        m_next = false;
    }

    /// The place of the bracket that closes the one at `open`.
    [[nodiscard]] size_t closing(size_t open) const
    {
        int depth = 0;
        for (size_t at = open; at < m_tokens.size(); ++at) {
            depth += word(at) == "(" ? 1 : word(at) == ")" ? -1 : 0;
            if (depth == 0)
                return at;
        }
        return m_tokens.size();
    }

    [[nodiscard]] bool isOwn(size_t from, size_t to, std::string_view but = {}) const
    {
        for (size_t at = from; at < std::min(to, m_tokens.size()); ++at) {
            if (isOneOf(word(at), kOwnToAnItem) || (word(at) != but && m_own.count(word(at)) > 0))
                return true;
        }
        return false;
    }

    /// Of a `for` the middle part counts, without the loop's own variable.
    void readCondition(bool isLoop)
    {
        size_t from = m_at + 1;
        if (word(from) != "(")
            return;
        const size_t end = closing(from);
        size_t to = end;
        std::string_view variable;
        if (isLoop) {
            const auto next = [&](std::string_view mark, size_t at) {
                while (at < end && word(at) != mark)
                    ++at;
                return at;
            };
            const size_t first = next(";", from);
            variable = word(std::max<size_t>(next("=", from), 1) - 1);
            from = first;
            to = next(";", first + 1);
        }
        m_next = m_next || isOwn(from, to, variable);
        m_at = end;
    }

    /// "name = …" makes a name as own to an item as what it is given.
    void readAssignment()
    {
        if (m_at == 0 || word(m_at + 1) == "=")
            return;
        size_t end = m_at + 1;
        for (int depth = 0; end < m_tokens.size(); ++end) {
            const std::string_view at = word(end);
            depth += at == "(" || at == "[" ? 1 : at == ")" || at == "]" ? -1 : 0;
            if (depth < 0 || at == ";" || at == "{" || (depth == 0 && at == ","))
                break;
        }
        const std::string_view name = word(m_at - 1);
        if (!name.empty() && isWordCharacter(name.front()) && isOwn(m_at + 1, end))
            m_own.insert(name);
    }

    Tokens m_tokens;
    size_t m_at = 0;
    std::vector<bool> m_blocks; ///< open ones: whether not all work-items are in them
    bool m_next = false; ///< the next statement or block is not for all work-items
    bool m_lastIf = false; ///< the last one was not: then neither is its `else`
    bool m_someHaveLeft = false; ///< the function, by a return under a condition
    std::set<std::string_view> m_own; ///< names of what differs between work-items
};

} // namespace

std::optional<int> divergentBarrier(std::string_view source)
{
    const std::vector<Token> tokens = tokensOf(source);
    return Reader(tokens).read();
}

} // namespace ww
