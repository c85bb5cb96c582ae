// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/EditBlocks.h"

#include "core/base/Utf8.h"
#include "core/search/ReplyText.h"

#include <fmt/format.h>

#include <algorithm>

namespace ww {
namespace {

constexpr size_t kShortestMark = 5;
constexpr size_t kQuoted = 80;

enum class Mark { None, Begin, Middle, End };

Mark markOf(std::string_view line)
{
    const size_t first = line.find_first_not_of(" \t");
    if (first == std::string_view::npos)
        return Mark::None;
    const char c = line[first];
    const size_t length = std::min(line.find_first_not_of(c, first), line.size()) - first;
    const size_t after = first + length;
    if (length < kShortestMark || (after < line.size() && line[after] != ' '))
        return Mark::None;
    switch (c) {
    case '<': return Mark::Begin;
    // Code may underline a heading in a comment, but not with nothing else on the line.
    case '=':
        return line.find_first_not_of(" \t", after) == std::string_view::npos ? Mark::Middle : Mark::None;
    case '>': return Mark::End;
    default: return Mark::None;
    }
}

tl::unexpected<Error> broken(size_t number, std::string_view why)
{
    return failure(ErrorCode::BadInput, fmt::format("edit {} cannot be used", number), std::string(why));
}

size_t occurrences(const std::string &text, const std::string &part)
{
    size_t count = 0;
    for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++count;
    return count;
}

std::string firstLine(const std::string &text)
{
    const size_t begin = std::min(text.find_first_not_of(" \t\n"), text.size());
    return clipped(std::string_view(text).substr(begin, text.find('\n', begin) - begin), kQuoted);
}

} // namespace

Result<std::vector<SourceEdit>> readEditBlocks(std::string_view text)
{
    std::vector<SourceEdit> edits;
    Mark at = Mark::None; // the last mark of the block being read
    for (const std::string_view line : linesOf(text)) {
        const Mark mark = markOf(line);
        if (mark == Mark::Begin && at == Mark::None) {
            edits.emplace_back();
            at = Mark::Begin;
        } else if (mark == Mark::Middle && at == Mark::Begin) {
            at = Mark::Middle;
        } else if (mark == Mark::End && at == Mark::Middle) {
            at = Mark::None;
        } else if (mark == Mark::Begin || (mark == Mark::End && at == Mark::Begin)) {
            return broken(edits.size(),
                          "its marks do not follow each other: <<<<<<< OLD, =======, >>>>>>> NEW");
        } else if (at != Mark::None) {
            std::string &part = at == Mark::Begin ? edits.back().oldText : edits.back().newText;
            part += line;
            part += '\n';
        }
    }
    if (at != Mark::None)
        return broken(edits.size(), "the answer ends within it");
    return edits;
}

Result<std::string> applyEdits(std::string source, const std::vector<SourceEdit> &edits)
{
    const std::string before = source;
    for (size_t i = 0; i < edits.size(); ++i) {
        const SourceEdit &edit = edits[i];
        if (edit.oldText.find_first_not_of(" \t\n") == std::string::npos)
            return broken(i + 1, "its old text is empty");
        const size_t found = occurrences(source, edit.oldText);
        if (found != 1)
            return broken(
                i + 1,
                fmt::format("its old text, which begins with '{}', occurs {} in the kernel; it must "
                            "occur exactly once, character by character",
                            firstLine(edit.oldText),
                            found == 0 ? std::string("nowhere") : fmt::format("{} times", found)));
        source.replace(source.find(edit.oldText), edit.oldText.size(), edit.newText);
    }
    if (source == before)
        return failure(ErrorCode::BadInput, "the edits change nothing", "the kernel is the same afterwards");
    return source;
}

} // namespace ww
