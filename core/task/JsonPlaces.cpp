// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/task/JsonPlaces.h"

#include <algorithm>
#include <charconv>

namespace ww {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

/// Walks a text that is known to be well-formed; anything else ends the walk at the end of the text.
class Walk {
public:
    explicit Walk(std::string_view text) : m_text(text) { toToken(); }

    [[nodiscard]] int line() const
    {
        const std::string_view before = m_text.substr(0, m_at);
        return 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n'));
    }

    /// Goes to the value of a member of the object that begins here; false where it has none of that name.
    bool enterMember(std::string_view key)
    {
        if (peek() != '{')
            return false;
        step();
        while (peek() == '"') {
            const bool found = takeString() == key;
            step(); // the colon
            if (found)
                return true;
            skipValue();
            if (peek() == ',')
                step();
        }
        return false;
    }

    /// The same for an element of a list.
    bool enterElement(size_t index)
    {
        if (peek() != '[')
            return false;
        step();
        for (size_t i = 0; i < index && peek() != ']' && peek() != '\0'; ++i) {
            skipValue();
            if (peek() == ',')
                step();
        }
        return peek() != ']' && peek() != '\0';
    }

private:
    [[nodiscard]] char peek() const { return m_at < m_text.size() ? m_text[m_at] : '\0'; }
    void toToken() { m_at = std::min(m_text.find_first_not_of(kBlanks, m_at), m_text.size()); }
    void step()
    {
        ++m_at;
        toToken();
    }
    /// The text between the quotes, escapes left as they are.
    std::string_view takeString()
    {
        const size_t begin = ++m_at;
        while (m_at < m_text.size() && m_text[m_at] != '"')
            m_at += m_text[m_at] == '\\' ? 2 : 1;
        const size_t end = std::min(m_at, m_text.size());
        step();
        return m_text.substr(begin, end - begin);
    }
    void skipValue()
    {
        int depth = 0;
        do {
            const char c = peek();
            if (c == '"') {
                takeString();
                continue;
            }
            if (c == '\0')
                return;
            if (c == '{' || c == '[')
                ++depth;
            else if (c == '}' || c == ']')
                --depth;
            else if (c != ',' && c != ':')
                m_at = std::min(m_text.find_first_of(",]} \t\r\n", m_at), m_text.size()) - 1;
            step();
        } while (depth > 0);
    }

    std::string_view m_text;
    size_t m_at = 0;
};

} // namespace

int lineOfPath(std::string_view json, std::string_view path)
{
    Walk walk(json);
    int line = walk.line();
    while (!path.empty()) {
        bool entered = false;
        if (path.front() == '[') {
            size_t index = 0;
            const size_t close = std::min(path.find(']'), path.size());
            std::from_chars(path.data() + 1, path.data() + close, index);
            entered = walk.enterElement(index);
            path.remove_prefix(std::min(close + 1, path.size()));
        } else {
            const size_t end = std::min(path.find_first_of(".["), path.size());
            entered = walk.enterMember(path.substr(0, end));
            path.remove_prefix(end);
        }
        if (!entered)
            break;
        line = walk.line();
        if (path.starts_with('.'))
            path.remove_prefix(1);
    }
    return line;
}

} // namespace ww
