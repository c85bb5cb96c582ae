// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/memory/Sentence.h"

#include "core/base/Hash.h"
#include "core/base/Utf8.h"

#include <fmt/format.h>

namespace ww {
namespace {

std::string onOneLine(std::string_view text)
{
    std::string line;
    for (const char c : toValidUtf8(text)) {
        const bool blank = static_cast<unsigned char>(c) <= ' ' || c == 127;
        if (!blank)
            line += c;
        else if (!line.empty() && line.back() != ' ')
            line += ' ';
    }
    while (line.ends_with(' '))
        line.pop_back();
    return line;
}

} // namespace

Result<std::string> checkedSentence(std::string_view text)
{
    std::string line = onOneLine(text);
    if (line.empty())
        return failure(ErrorCode::BadInput, "cannot take this as a rule", "it says nothing",
                       "Write one sentence");
    if (line.size() > kMaxSentence)
        return failure(ErrorCode::BadInput, "cannot take this as a rule",
                       fmt::format("it has {} bytes, and a rule at most {}", line.size(), kMaxSentence),
                       "Write one short sentence");
    return line;
}

std::string tidyLine(std::string_view text, size_t limit)
{
    std::string line = onOneLine(text);
    if (line.size() <= limit)
        return line;
    size_t end = limit - 3; // the ellipsis
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80)
        --end;
    return line.substr(0, end) + "…";
}

std::string ruleKey(std::string_view language, std::string_view errorClass)
{
    return fmt::format("{}/{}", language, errorClass);
}

Result<Rule> writtenRule(const std::string &language, std::string_view sentence, const std::string &origin)
{
    if (language != "opencl" && language != "cuda")
        return failure(ErrorCode::BadInput, fmt::format("unknown language '{}'", language),
                       "there are opencl and cuda", "Say which one the rule is about");
    Rule rule;
    WW_TRY(rule.sentence, checkedSentence(sentence));
    rule.language = language;
    rule.origin = origin;
    rule.errorClass = fmt::format("{}-{}", origin == "written" ? "written" : "imported",
                                  sha256Hex(rule.sentence).substr(0, 10));
    rule.key = ruleKey(language, rule.errorClass);
    return rule;
}

bool isDeviceLimit(std::string_view errorClass)
{
    return errorClass.starts_with("limit-");
}

} // namespace ww
