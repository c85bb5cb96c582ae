// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/PromptFile.h"

#include "core/base/Hash.h"
#include "core/base/Utf8.h"

#include <fmt/format.h>

#include <algorithm>

namespace ww {
namespace {

constexpr size_t kLongestQuote = 40;

/// Finds the line and column of a place, for messages.
class Places {
public:
    Places(const std::string &file, std::string_view text) : m_file(file), m_text(text) { }

    [[nodiscard]] tl::unexpected<Error> fault(size_t at, std::string why, std::string remedy) const
    {
        const std::string_view before = m_text.substr(0, at);
        const auto line = std::count(before.begin(), before.end(), '\n') + 1;
        const size_t start = before.rfind('\n');
        const size_t column = at - (start == std::string_view::npos ? 0 : start + 1) + 1;
        return failure(ErrorCode::BadInput, "cannot use the prompt", std::move(why), std::move(remedy),
                       fmt::format("{}:{}:{}", m_file, line, column));
    }

private:
    const std::string &m_file;
    std::string_view m_text;
};

std::string listOf(const std::set<std::string> &names)
{
    std::string list;
    for (const std::string &name : names)
        list += (list.empty() ? "" : ", ") + name;
    return list;
}

/// True when nothing else stands on the line of text[begin, end).
bool aloneOnLine(std::string_view text, size_t begin, size_t end)
{
    return (begin == 0 || text[begin - 1] == '\n') && end < text.size() && text[end] == '\n';
}

} // namespace

Result<PromptFile> PromptFile::parse(const std::string &file, std::string_view text,
                                     const std::set<std::string> &known)
{
    const Places places(file, text);
    if (!isUtf8(text))
        return places.fault(0, "it is not UTF-8", "Save it as UTF-8");
    PromptFile prompt;
    prompt.m_hash = sha256Hex(text);
    std::vector<std::pair<std::string, size_t>> open;
    size_t at = 0;
    for (;;) {
        const size_t begin = text.find("{{", at);
        prompt.m_pieces.push_back({Piece::Kind::Text, std::string(text.substr(at, begin - at))});
        if (begin == std::string_view::npos)
            break;
        const size_t close = text.find("}}", begin);
        std::string name(text.substr(begin + 2, close == std::string_view::npos ? 0 : close - begin - 2));
        if (close == std::string_view::npos || name.find('\n') != std::string::npos)
            return places.fault(begin, "'{{' is not followed by '}}' on its line", "Close the slot");
        Piece::Kind kind = Piece::Kind::Slot;
        if (!name.empty() && (name.front() == '#' || name.front() == '/')) {
            kind = name.front() == '#' ? Piece::Kind::Begin : Piece::Kind::End;
            name.erase(0, 1);
        }
        if (known.count(name) == 0)
            return places.fault(begin, fmt::format("there is no slot '{}'", clipped(name, kLongestQuote)),
                                "There are: " + listOf(known));
        if (kind == Piece::Kind::Begin)
            open.emplace_back(name, begin);
        if (kind == Piece::Kind::End && (open.empty() || open.back().first != name))
            return places.fault(begin, fmt::format("'{{{{/{}}}}}' closes nothing that is open", name),
                                fmt::format("Open it with '{{{{#{}}}}}'", name));
        if (kind == Piece::Kind::End)
            open.pop_back();
        at = close + 2;
        if (kind != Piece::Kind::Slot && aloneOnLine(text, begin, at))
            ++at;
        prompt.m_pieces.push_back({kind, std::move(name)});
    }
    if (!open.empty())
        return places.fault(open.back().second, fmt::format("'{{{{#{}}}}}' is not closed", open.back().first),
                            fmt::format("Close it with '{{{{/{}}}}}'", open.back().first));
    return prompt;
}

std::string PromptFile::fill(const PromptSlots &slots) const
{
    const auto valueOf = [&slots](const std::string &name) {
        const auto found = slots.find(name);
        return found == slots.end() ? std::string() : found->second;
    };
    std::string text;
    size_t hidden = 0; // nested parts that are left out
    for (const Piece &piece : m_pieces) {
        const bool isEmpty = piece.kind != Piece::Kind::Text && valueOf(piece.text).empty();
        switch (piece.kind) {
        case Piece::Kind::Begin: hidden += hidden > 0 || isEmpty ? 1 : 0; break;
        case Piece::Kind::End: hidden -= hidden > 0 ? 1 : 0; break;
        case Piece::Kind::Text: text += hidden == 0 ? piece.text : ""; break;
        case Piece::Kind::Slot: text += hidden == 0 ? valueOf(piece.text) : ""; break;
        }
    }
    return text;
}

} // namespace ww
