// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/PtxReader.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <set>

namespace ww {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

std::string_view trimmed(std::string_view text)
{
    const size_t begin = text.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

/// The words of a text between blanks.
std::vector<std::string_view> wordsOf(std::string_view text)
{
    std::vector<std::string_view> words;
    while (!(text = trimmed(text)).empty()) {
        const size_t end = std::min(text.find_first_of(kBlanks), text.size());
        words.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    return words;
}

int64_t numberIn(std::string_view text)
{
    int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// ".param .align 64 .b8 name[128]" or ".param .u64 name".
PtxParameter parameterOf(std::string_view declaration)
{
    PtxParameter parameter;
    for (const std::string_view word : wordsOf(declaration)) {
        if (word.size() < 3 || word.front() != '.')
            continue;
        const int64_t bits = numberIn(word.substr(2));
        if (bits == 0)
            continue;
        const char letter = word[1];
        parameter.bytes = bits / 8;
        parameter.kind = letter == 'f' ? PtxParameter::Kind::Float
            : bits == 64               ? PtxParameter::Kind::Pointer
                                       : PtxParameter::Kind::Integer;
    }
    const size_t bracket = declaration.find('[');
    if (bracket != std::string_view::npos) {
        parameter.kind = PtxParameter::Kind::Bytes;
        parameter.bytes *= numberIn(declaration.substr(bracket + 1));
    }
    return parameter;
}

bool isNamePart(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' || c == '%';
}

struct Feature {
    std::string_view text; ///< as it stands in PTX
    const char *name;
};
constexpr std::array kFeatures {
    Feature {"%clock", "clock"},
    Feature {"%globaltimer", "clock"},
    Feature {"nanosleep.", "nanosleep"},
    Feature {"trap;", "trap"},
    Feature {"brkpt;", "trap"},
    Feature {"cudaLaunchDevice", "launch"},
    Feature {"griddepcontrol.", "dependent launch"},
    Feature {"createpolicy.", "cache policy"},
    Feature {"applypriority.", "cache policy"},
    Feature {"discard.", "cache policy"},
    Feature {"evict_last", "cache policy"},
    Feature {"cp.async.bulk", "bulk copy"},
};

/// "mma.bf16" or "wgmma.bf16": the form of a matrix instruction and the type of its operands.
std::string matrixFeature(std::string_view instruction)
{
    // From narrow to wide: an instruction also names its accumulator, which is never the narrower.
    constexpr std::array kTypes {"b1",   "s4", "u4", "e2m1", "e2m3", "e3m2", "e4m3",
                                 "e5m2", "s8", "u8", "bf16", "f16",  "tf32", "f64"};
    const char *form = instruction.starts_with("wgmma") ? "wgmma." : "mma.";
    for (const char *type : kTypes) {
        const std::string suffix = std::string(".") + type;
        const size_t at = instruction.find(suffix);
        if (at == std::string_view::npos)
            continue;
        const size_t behind = at + suffix.size();
        if (behind == instruction.size() || instruction[behind] == '.')
            return std::string(form) + type;
    }
    return std::string(form) + "other";
}

} // namespace

std::vector<PtxEntry> ptxEntries(std::string_view ptx)
{
    constexpr std::string_view kEntry = ".entry";
    std::vector<PtxEntry> entries;
    for (size_t at = ptx.find(kEntry); at != std::string_view::npos; at = ptx.find(kEntry, at + 1)) {
        const size_t open = ptx.find('(', at);
        const size_t body = ptx.find('{', at);
        PtxEntry entry;
        const size_t nameEnd = std::min({open, body, ptx.size()});
        entry.symbol = std::string(trimmed(ptx.substr(at + kEntry.size(), nameEnd - at - kEntry.size())));
        entry.symbol.resize(std::min(entry.symbol.find_first_of(kBlanks), entry.symbol.size()));
        const bool named =
            !entry.symbol.empty() && std::all_of(entry.symbol.begin(), entry.symbol.end(), isNamePart);
        if (!named)
            continue;
        const size_t close = ptx.find(')', open);
        if (open < body && close != std::string_view::npos) {
            std::string_view list = ptx.substr(open + 1, close - open - 1);
            while (!trimmed(list).empty()) {
                const size_t comma = std::min(list.find(','), list.size());
                entry.parameters.push_back(parameterOf(list.substr(0, comma)));
                list.remove_prefix(std::min(comma + 1, list.size()));
            }
        }
        entries.push_back(std::move(entry));
    }
    return entries;
}

std::vector<std::string> ptxFeatures(std::string_view ptx)
{
    std::set<std::string> found;
    while (!ptx.empty()) {
        const size_t end = std::min(ptx.find('\n'), ptx.size());
        std::string_view line = trimmed(ptx.substr(0, end));
        ptx.remove_prefix(std::min(end + 1, ptx.size()));
        line = line.substr(0, line.find("//"));
        for (const Feature &feature : kFeatures) {
            if (line.find(feature.text) != std::string_view::npos)
                found.insert(feature.name);
        }
        for (const std::string_view word : wordsOf(line)) {
            if (word.starts_with("wgmma.mma_async.") || word.starts_with("mma.sync.")
                || word.starts_with("wmma.mma."))
                found.insert(matrixFeature(word));
        }
    }
    return {found.begin(), found.end()};
}

} // namespace ww
