// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Utf8.h"

#include <fmt/format.h>

#include <algorithm>

namespace ww {
namespace {

/// Length of the well-formed sequence at `at`, or 0.
size_t sequenceLength(std::string_view s, size_t at)
{
    const auto byte = [&](size_t i) { return static_cast<unsigned char>(s[i]); };
    const unsigned char lead = byte(at);
    if (lead < 0x80)
        return 1;
    size_t length = 0;
    if (lead >= 0xC2 && lead <= 0xDF)
        length = 2;
    else if (lead >= 0xE0 && lead <= 0xEF)
        length = 3;
    else if (lead >= 0xF0 && lead <= 0xF4)
        length = 4;
    else
        return 0;
    if (at + length > s.size())
        return 0;
    const unsigned char second = byte(at + 1);
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) || (lead == 0xF0 && second < 0x90)
        || (lead == 0xF4 && second > 0x8F))
        return 0;
    for (size_t i = 1; i < length; ++i) {
        if ((byte(at + i) & 0xC0) != 0x80)
            return 0;
    }
    return length;
}

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// A character of a terminal's control codes or of bidirectional writing, which hide what is written.
bool hidesText(std::string_view character)
{
    if (character.size() == 2)
        return character[0] == '\xC2' && static_cast<unsigned char>(character[1]) < 0xA0;
    if (character.size() != 3 || character[0] != '\xE2')
        return false;
    const auto last = static_cast<unsigned char>(character[2]);
    return (character[1] == '\x80' && last >= 0xAA && last <= 0xAE)
        || (character[1] == '\x81' && last >= 0xA6 && last <= 0xA9);
}

/// U+2400 + `control`, or U+2421 for DEL.
std::string pictureOf(char control)
{
    const int offset = control == 0x7F ? 0x21 : control;
    return {'\xE2', '\x90', static_cast<char>(0x80 + offset)};
}

} // namespace

bool isUtf8(std::string_view bytes)
{
    for (size_t i = 0; i < bytes.size();) {
        const size_t length = sequenceLength(bytes, i);
        if (length == 0)
            return false;
        i += length;
    }
    return true;
}

std::string toValidUtf8(std::string_view bytes)
{
    std::string text;
    text.reserve(bytes.size());
    for (size_t i = 0; i < bytes.size();) {
        const size_t length = sequenceLength(bytes, i);
        if (length == 0) {
            text += kReplacement;
            ++i;
        } else {
            text.append(bytes.substr(i, length));
            i += length;
        }
    }
    return text;
}

std::string forTerminal(std::string_view text)
{
    std::string shown;
    shown.reserve(text.size());
    for (size_t i = 0; i < text.size();) {
        const size_t length = std::max<size_t>(sequenceLength(text, i), 1);
        const std::string_view character = text.substr(i, length);
        const char first = character.front();
        if ((first >= 0 && first < 0x20 && first != '\n' && first != '\t') || first == 0x7F)
            shown += pictureOf(first);
        else if (sequenceLength(text, i) == 0 || hidesText(character))
            shown += kReplacement;
        else
            shown += character;
        i += length;
    }
    return shown;
}

std::string clipped(std::string_view text, size_t limit)
{
    if (text.size() <= limit)
        return std::string(text);
    size_t end = limit;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
        --end;
    return fmt::format("{}\n[{} more bytes left out]", text.substr(0, end), text.size() - end);
}

} // namespace ww
