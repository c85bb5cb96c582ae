// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/ReplyText.h"

#include "core/base/Utf8.h"

#include <algorithm>

namespace ww {
namespace {

constexpr size_t kLongestTitle = 60;

std::string_view trimmed(std::string_view text)
{
    const size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Local servers hand thoughts through as text when they do not know the model's marks.
void dropThoughts(std::string &text)
{
    constexpr std::string_view kOpen = "<think>", kClose = "</think>";
    const size_t end = text.find(kClose);
    if (end != std::string::npos)
        text.erase(0, end + kClose.size());
    else if (const size_t begin = text.find(kOpen);
             begin != std::string::npos && trimmed(text.substr(0, begin)).empty())
        text.clear(); // nothing but thoughts
}

/// A line that begins with a fence: its character and length. Length 0: none.
struct Fence {
    char mark = 0;
    size_t length = 0;
    std::string_view rest;
};

Fence fenceOf(std::string_view line)
{
    line = trimmed(line);
    if (line.empty() || (line[0] != '`' && line[0] != '~'))
        return {};
    const size_t length = std::min(line.find_first_not_of(line[0]), line.size());
    if (length < 3)
        return {};
    const std::string_view rest = trimmed(line.substr(length));
    // `code` within a sentence may begin a line.
    if (line[0] == '`' && rest.find('`') != std::string_view::npos)
        return {};
    return {line[0], length, rest};
}

} // namespace

std::string withUnixLineEnds(std::string_view text)
{
    std::string out;
    out.reserve(text.size() + 1);
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n')
            continue;
        out += text[i] == '\r' ? '\n' : text[i];
    }
    if (!out.empty() && out.back() != '\n')
        out += '\n';
    return out;
}

std::string cleanReply(std::string_view text)
{
    if (text.starts_with("\xEF\xBB\xBF"))
        text.remove_prefix(3);
    std::string clean = withUnixLineEnds(toValidUtf8(text));
    dropThoughts(clean);
    return clean;
}

std::vector<std::string_view> linesOf(std::string_view text)
{
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const size_t end = text.find('\n');
        lines.push_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

std::vector<CodeBlock> codeBlocks(std::string_view text)
{
    std::vector<CodeBlock> blocks;
    Fence open;
    for (const std::string_view line : linesOf(text)) {
        const Fence fence = fenceOf(line);
        if (open.length == 0) {
            if (fence.length == 0)
                continue;
            open = fence;
            blocks.push_back({std::string(fence.rest), "", false});
            continue;
        }
        const bool closes = fence.mark == open.mark && fence.length >= open.length && fence.rest.empty();
        if (closes) {
            blocks.back().closed = true;
            open = {};
            continue;
        }
        const std::string mark(open.length, open.mark);
        const bool closesBehindCode = trimmed(line).ends_with(mark) && fence.length == 0;
        blocks.back().text += closesBehindCode ? line.substr(0, line.rfind(mark)) : line;
        blocks.back().text += '\n';
        if (closesBehindCode) {
            blocks.back().closed = true;
            open = {};
        }
    }
    return blocks;
}

std::string titleIn(std::string_view text)
{
    for (std::string_view line : linesOf(text)) {
        const auto isMark = [](char c) { return c == '*' || c == '#' || c == '_' || c == ' ' || c == '`'; };
        while (!line.empty() && isMark(line.front()))
            line.remove_prefix(1);
        constexpr std::string_view kWord = "title:";
        const auto sameLetter = [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); };
        if (line.size() < kWord.size() || !std::equal(kWord.begin(), kWord.end(), line.begin(), sameLetter))
            continue;
        line.remove_prefix(kWord.size());
        while (!line.empty() && isMark(line.front()))
            line.remove_prefix(1);
        while (!line.empty() && (isMark(line.back()) || line.back() == '\t'))
            line.remove_suffix(1);
        size_t end = std::min(line.size(), kLongestTitle);
        while (end < line.size() && end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80)
            --end;
        return std::string(line.substr(0, end));
    }
    return {};
}

} // namespace ww
