// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/cuda/LeadingIncludes.h"

#include "core/device/SourceLint.h"

#include <algorithm>

namespace ww {
namespace {

std::string_view trimmed(std::string_view text)
{
    const size_t begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

/// The header of a line that is an include of one and nothing else but a comment; empty for any other line.
std::string_view headerOf(std::string_view line)
{
    if (!line.starts_with('#'))
        return {};
    line = trimmed(line.substr(1));
    if (!line.starts_with("include"))
        return {};
    line = trimmed(line.substr(std::string_view("include").size()));
    const size_t close = line.find('>');
    if (!line.starts_with('<') || close == std::string_view::npos)
        return {};
    const std::string_view rest = trimmed(line.substr(close + 1));
    const std::string_view header = line.substr(1, close - 1);
    return (rest.empty() || rest.starts_with("//")) && isCudaHeader(header) ? header : std::string_view();
}

} // namespace

LeadingIncludes leadingIncludes(std::string_view source)
{
    LeadingIncludes found;
    int number = 1;
    for (size_t begin = 0; begin < source.size(); ++number) {
        const size_t end = std::min(source.find('\n', begin), source.size() - 1) + 1;
        const std::string_view line = trimmed(source.substr(begin, end - begin - (source[end - 1] == '\n')));
        // A backslash, or a trigraph that stands for one, joins the next line to this one.
        if (line.ends_with('\\') || line.ends_with("?\?/"))
            return found;
        const std::string_view header = headerOf(line);
        if (header.empty() && !line.empty() && !line.starts_with("//"))
            return found;
        begin = end;
        if (header.empty())
            continue;
        found.headers.emplace_back(header);
        found.end = end;
        found.line = number + 1;
    }
    return found;
}

} // namespace ww
