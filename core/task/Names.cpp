// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/task/Names.h"

#include "core/base/Utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

namespace ww {
namespace {

constexpr size_t kMaxNameLength = 64;
constexpr size_t kMaxQuoted = 40;

constexpr std::array<std::string_view, 4> kFunctions {"ceil_div", "round_up", "min", "max"};

constexpr auto kReservedWords = std::to_array<std::string_view>(
    {// C
     "auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum",
     "extern", "float", "for", "goto", "if", "inline", "int", "long", "register", "restrict", "return",
     "short", "signed", "sizeof", "static", "struct", "switch", "typedef", "union", "unsigned", "void",
     "volatile", "while", "defined", "bool", "true", "false",
     // C++ and CUDA
     "alignas", "alignof", "and", "asm", "catch", "class", "concept", "constexpr", "decltype", "delete",
     "explicit", "export", "friend", "mutable", "namespace", "new", "noexcept", "not", "nullptr", "operator",
     "or", "protected", "public", "requires", "template", "this", "throw", "try", "typeid", "typename",
     "using", "virtual", "xor", "threadIdx", "blockIdx", "blockDim", "gridDim", "warpSize", "dim3",
     // OpenCL C
     "kernel", "global", "local", "constant", "private", "generic", "read_only", "write_only", "read_write",
     "pipe", "uniform", "half", "quad", "complex", "imaginary", "size_t", "ptrdiff_t", "intptr_t",
     "uintptr_t", "sampler_t", "event_t", "queue_t", "ndrange_t", "clk_event_t", "reserve_id_t",
     "cl_mem_fence_flags"});

/// Base types that OpenCL C and CUDA also have as vectors: float4, uchar16, …
constexpr auto kVectorTypes =
    std::to_array<std::string_view>({"char", "uchar", "short", "ushort", "int", "uint", "long", "ulong",
                                     "longlong", "ulonglong", "float", "double", "half", "bool"});

bool isBuiltInType(std::string_view name)
{
    for (const std::string_view base : kVectorTypes) {
        if (!name.starts_with(base))
            continue;
        const std::string_view width = name.substr(base.size());
        if (width.empty() || width == "1" || width == "2" || width == "3" || width == "4" || width == "8"
            || width == "16")
            return true;
    }
    return name.starts_with("image") && name.ends_with("_t");
}

char lower(char c)
{
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

size_t editDistance(std::string_view a, std::string_view b)
{
    std::vector<size_t> row(b.size() + 1);
    for (size_t j = 0; j <= b.size(); ++j)
        row[j] = j;
    for (size_t i = 1; i <= a.size(); ++i) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.size(); ++j) {
            const size_t replaced = diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row[b.size()];
}

} // namespace

bool isIdentifier(std::string_view text)
{
    if (text.empty() || text.size() > kMaxNameLength)
        return false;
    const auto isLetter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    return isLetter(text.front()) && std::all_of(text.begin(), text.end(), [&](char c) {
               return isLetter(c) || (c >= '0' && c <= '9');
           });
}

bool isExpressionFunction(std::string_view name)
{
    return std::find(kFunctions.begin(), kFunctions.end(), name) != kFunctions.end();
}

bool isReservedWord(std::string_view name)
{
    return std::find(kReservedWords.begin(), kReservedWords.end(), name) != kReservedWords.end()
        || isBuiltInType(name);
}

std::optional<std::string> closestName(std::string_view text, std::span<const std::string> known)
{
    if (text.size() > kMaxNameLength)
        return std::nullopt;
    std::optional<std::string> best;
    size_t bestDistance = std::max<size_t>(1, (text.size() + 2) / 3) + 1;
    for (const std::string &name : known) {
        if (name.size() > kMaxNameLength)
            continue;
        const size_t distance = editDistance(text, name);
        // A name of one letter is "near" every other; only its case can be a slip.
        if (distance < bestDistance && (distance == 0 || std::min(text.size(), name.size()) > distance)) {
            bestDistance = distance;
            best = name;
        }
    }
    return best;
}

std::string didYouMean(std::string_view text, std::span<const std::string> known)
{
    const std::optional<std::string> name = closestName(text, known);
    return name ? fmt::format(" (did you mean '{}'?)", *name) : std::string();
}

std::string inQuotes(std::string_view text)
{
    size_t end = std::min(text.size(), kMaxQuoted);
    while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
        --end;
    const bool cut = end < text.size();
    std::string shown;
    for (const char c : toValidUtf8(text.substr(0, end))) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
            shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        else
            shown += c;
    }
    return fmt::format("'{}{}'", shown, cut ? "…" : "");
}

} // namespace ww
