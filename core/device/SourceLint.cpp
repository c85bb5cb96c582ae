// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/SourceLint.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace ww {
namespace {

/// A character after phases 1 and 2 of translation, and where it came from.
struct Letter {
    char c = 0;
    int line = 1;
    int column = 1;
};

// Written in two parts, because the compiler of this file looks for trigraphs too.
constexpr std::string_view kHashTrigraph = "?"
                                           "?=";
constexpr std::string_view kBackslashTrigraph = "?"
                                                "?/";

/// The text with spliced lines joined and, when asked for, trigraphs replaced.
std::vector<Letter> translated(std::string_view source, bool trigraphs)
{
    std::vector<Letter> letters;
    letters.reserve(source.size());
    int line = 1, column = 1;
    size_t at = 0;
    const auto step = [&](size_t count) {
        for (size_t i = 0; i < count && at < source.size(); ++i, ++at) {
            column = source[at] == '\n' ? 1 : column + 1;
            line += source[at] == '\n' ? 1 : 0;
        }
    };
    while (at < source.size()) {
        const std::string_view rest = source.substr(at);
        const bool hash = trigraphs && rest.starts_with(kHashTrigraph);
        const bool backslash = trigraphs && rest.starts_with(kBackslashTrigraph);
        const char c = hash ? '#' : backslash ? '\\' : rest.front();
        const size_t width = hash || backslash ? kHashTrigraph.size() : 1;
        if (c == '\\') {
            // Compilers accept blanks between the backslash and the end of the line.
            const size_t end = rest.find_first_not_of(" \t\r\v\f", width);
            if (end != std::string_view::npos && rest[end] == '\n') {
                step(end + 1);
                continue;
            }
        }
        letters.push_back({c, line, column});
        step(width);
    }
    return letters;
}

Diagnostic refusal(const Letter &place, const std::string &what)
{
    return {Diagnostic::Severity::Error, place.line, place.column,
            what + " is not allowed: a candidate is one file; put what it needs into the source itself"};
}

/// Blanks out comments and the insides of literals, keeping every letter's place. A literal with assembly
/// that reads files is a finding.
void blankComments(std::vector<Letter> &letters, std::vector<Diagnostic> &found)
{
    const auto is = [&](size_t i, char c) { return i < letters.size() && letters[i].c == c; };
    for (size_t i = 0; i < letters.size();) {
        if (is(i, '/') && is(i + 1, '/')) {
            while (i < letters.size() && !is(i, '\n'))
                letters[i++].c = ' ';
        } else if (is(i, '/') && is(i + 1, '*')) {
            size_t end = i + 2;
            while (end < letters.size() && !(is(end, '*') && is(end + 1, '/')))
                ++end;
            for (end = std::min(end + 2, letters.size()); i < end; ++i)
                letters[i].c = ' ';
        } else if (is(i, '"') || is(i, '\'')) {
            const Letter start = letters[i];
            const char quote = letters[i++].c;
            std::string text;
            while (i < letters.size() && !is(i, quote) && !is(i, '\n')) {
                const size_t count = is(i, '\\') ? 2 : 1;
                for (size_t k = 0; k < count && i < letters.size() && !is(i, '\n'); ++k)
                    text += std::exchange(letters[i++].c, ' ');
            }
            if (is(i, quote))
                ++i;
            for (const char *directive : {".include", ".incbin"}) {
                if (text.find(directive) != std::string::npos)
                    found.push_back(refusal(start, fmt::format("'{}' in assembly", directive)));
            }
        } else {
            ++i;
        }
    }
}

bool isBlank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

Diagnostic headerRefusal(const Letter &place, const std::optional<std::string> &header)
{
    return {Diagnostic::Severity::Error, place.line, place.column,
            fmt::format("{} may not be included: only the toolkit's headers for device code may, such as "
                        "<cuda_fp16.h>, <mma.h>, <cooperative_groups.h> and <cuda/barrier>",
                        header ? fmt::format("<{}>", *header) : "what does not stand as <name>")};
}

bool isWordLetter(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// True when the quote at `i` opens a raw string: R, LR, uR, UR or u8R stands before it.
bool opensRawString(const std::vector<Letter> &letters, size_t i)
{
    std::string prefix;
    for (size_t at = i; at > 0 && isWordLetter(letters[at - 1].c); --at)
        prefix.insert(prefix.begin(), letters[at - 1].c);
    constexpr std::array<std::string_view, 5> kRaw {"R", "LR", "uR", "UR", "u8R"};
    return std::find(kRaw.begin(), kRaw.end(), prefix) != kRaw.end();
}

/// The header that an #include names, `at` being behind the word: "name" for <name>, else nothing.
std::optional<std::string> includedHeader(const std::vector<Letter> &letters, size_t at)
{
    while (at < letters.size() && isBlank(letters[at].c))
        ++at;
    if (at >= letters.size() || letters[at].c != '<')
        return std::nullopt;
    std::string name;
    for (++at; at < letters.size() && letters[at].c != '>'; ++at) {
        if (letters[at].c == '\n')
            return std::nullopt;
        name += letters[at].c;
    }
    return at < letters.size() ? std::optional(name) : std::nullopt;
}

std::vector<Diagnostic> readersIn(std::vector<Letter> letters, bool cuda)
{
    constexpr std::array kReaders {"include", "include_next", "import", "embed", "__include_macros"};
    std::vector<Diagnostic> found;
    for (size_t i = 0; cuda && i < letters.size(); ++i) {
        if (letters[i].c == '"' && opensRawString(letters, i))
            found.push_back({Diagnostic::Severity::Error, letters[i].line, letters[i].column,
                             "raw string literals are not allowed: write the text with \\\" and \\n"});
    }
    blankComments(letters, found);
    bool lineStart = true;
    for (size_t i = 0; i < letters.size(); ++i) {
        const char c = letters[i].c;
        const bool digraph = c == '%' && i + 1 < letters.size() && letters[i + 1].c == ':';
        if (lineStart && (c == '#' || digraph)) {
            size_t word = i + (digraph ? 2 : 1);
            while (word < letters.size() && isBlank(letters[word].c))
                ++word;
            std::string name;
            while (
                word < letters.size()
                && (std::isalnum(static_cast<unsigned char>(letters[word].c)) != 0 || letters[word].c == '_'))
                name += letters[word++].c;
            const auto header = cuda && name == "include" ? includedHeader(letters, word) : std::nullopt;
            for (const char *reader : kReaders) {
                if (name == reader && !(header && isCudaHeader(*header)))
                    found.push_back(cuda && name == "include" ? headerRefusal(letters[i], header)
                                                              : refusal(letters[i], "#" + name));
            }
        }
        lineStart = c == '\n' || (lineStart && isBlank(c));
    }
    return found;
}

/// A word or a sign, and where it stands.
struct Token {
    std::string text;
    Letter place;
};

/// The tokens of the lines of a source; literals have been blanked out and count as their quotes.
std::vector<std::vector<Token>> tokensOf(const std::vector<Letter> &letters)
{
    std::vector<std::vector<Token>> lines(1);
    for (size_t i = 0; i < letters.size(); ++i) {
        const char c = letters[i].c;
        if (c == '\n')
            lines.emplace_back();
        else if (isWordLetter(c) && !lines.back().empty() && i > 0 && isWordLetter(letters[i - 1].c))
            lines.back().back().text += c;
        else if (!isBlank(c))
            lines.back().push_back({std::string(1, c), letters[i]});
    }
    return lines;
}

/// How many tokens macros expand to.
class Expansion {
public:
    void define(const std::string &name, std::span<const Token> body)
    {
        Macro &macro = m_macros[name];
        if (body.size() >= macro.body.size())
            macro.body.assign(body.begin(), body.end());
    }
    /// At least 1; capped, so that nothing overflows.
    uint64_t weigh(const std::string &word, int depth = 0)
    {
        constexpr int kDeepest = 500;
        const auto found = m_macros.find(word);
        if (found == m_macros.end() || found->second.open)
            return 1;
        Macro &macro = found->second;
        if (macro.weight > 0 || depth > kDeepest)
            return depth > kDeepest ? kMostExpandedTokens : macro.weight;
        macro.open = true;
        uint64_t sum = 1;
        for (const Token &token : macro.body)
            sum = std::min(sum + weigh(token.text, depth + 1), kMostExpandedTokens);
        macro.open = false;
        return macro.weight = sum;
    }

private:
    struct Macro {
        std::vector<Token> body;
        uint64_t weight = 0; ///< 0: not known yet
        bool open = false; ///< being expanded: a macro does not expand within itself
    };
    std::map<std::string, Macro> m_macros;
};

/// A source that is small only as it is written: a compiler would work on it for minutes.
std::optional<Diagnostic> overExpanded(std::string_view source)
{
    std::vector<Letter> letters = translated(source, false);
    std::vector<Diagnostic> ignored;
    blankComments(letters, ignored);
    const std::vector<std::vector<Token>> lines = tokensOf(letters);
    Expansion expansion;
    const auto isDirective = [](const std::vector<Token> &line) { return line[0].text == "#"; };
    for (const std::vector<Token> &line : lines) {
        if (line.size() > 3 && isDirective(line) && line[1].text == "define")
            expansion.define(line[2].text, std::span(line).subspan(3));
    }
    uint64_t sum = 0;
    for (const std::vector<Token> &line : lines) {
        for (size_t i = 0; i < line.size() && !isDirective(line); ++i) {
            sum += expansion.weigh(line[i].text);
            if (sum >= kMostExpandedTokens)
                return Diagnostic {
                    Diagnostic::Severity::Error, line[i].place.line, line[i].place.column,
                    fmt::format(
                        "with its macros expanded the source has over {} million tokens: write a loop "
                        "instead",
                        kMostExpandedTokens / 1'000'000)};
        }
    }
    return std::nullopt;
}

} // namespace

bool isCudaHeader(std::string_view name)
{
    constexpr std::array<std::string_view, 17> kFiles {"cuda_fp16.h",
                                                       "cuda_bf16.h",
                                                       "cuda_fp8.h",
                                                       "cuda_fp6.h",
                                                       "cuda_fp4.h",
                                                       "mma.h",
                                                       "cooperative_groups.h",
                                                       "cuda_pipeline.h",
                                                       "cuda_awbarrier.h",
                                                       "math_constants.h",
                                                       "vector_types.h",
                                                       "cuComplex.h",
                                                       "cuda.h",
                                                       "cuda_runtime.h",
                                                       "device_launch_parameters.h",
                                                       "cuda_pipeline_primitives.h",
                                                       "cuda_awbarrier_primitives.h"};
    constexpr std::array<std::string_view, 5> kFolders {"cooperative_groups/", "cuda/", "cub/", "nv/",
                                                        "crt/"};
    if (name.find("..") != std::string_view::npos)
        return false;
    return std::find(kFiles.begin(), kFiles.end(), name) != kFiles.end()
        || std::any_of(kFolders.begin(), kFolders.end(),
                       [name](std::string_view folder) { return name.starts_with(folder); });
}

std::vector<Diagnostic> lintSource(std::string_view source, std::string_view language)
{
    const bool cuda = language == "cuda";
    std::vector<Diagnostic> found = readersIn(translated(source, false), cuda);
    // Whether trigraphs count is the compiler's choice: what is a comment for one is code for the other.
    for (Diagnostic &diagnostic : readersIn(translated(source, true), cuda)) {
        const bool known = std::any_of(found.begin(), found.end(), [&](const Diagnostic &other) {
            return other.line == diagnostic.line && other.column == diagnostic.column;
        });
        if (!known)
            found.push_back(std::move(diagnostic));
    }
    if (auto large = overExpanded(source))
        found.push_back(std::move(*large));
    return found;
}

} // namespace ww
