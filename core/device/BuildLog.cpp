// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/BuildLog.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>

namespace ww {
namespace {

constexpr size_t kMostDiagnostics = 200;

/// A decimal number followed by ':' at the front of `text`, which loses both.
std::optional<int> takeNumber(std::string_view &text)
{
    int value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    const auto length = static_cast<size_t>(end - text.data());
    if (code != std::errc() || length >= text.size() || text[length] != ':' || value < 0)
        return std::nullopt;
    text.remove_prefix(length + 1);
    return value;
}

using Severity = Diagnostic::Severity;

/// A severity word at the front of `text`, which loses it.
std::optional<Severity> takeSeverity(std::string_view &text)
{
    constexpr std::pair<std::string_view, Severity> kWords[] {{"fatal error: ", Severity::Error},
                                                              {"error: ", Severity::Error},
                                                              {"warning: ", Severity::Warning},
                                                              {"note: ", Severity::Note}};
    for (const auto &[word, severity] : kWords) {
        if (!text.starts_with(word))
            continue;
        text.remove_prefix(word.size());
        return severity;
    }
    return std::nullopt;
}

const char *wordOf(Severity severity)
{
    switch (severity) {
    case Severity::Error: return "error";
    case Severity::Warning: return "warning";
    case Severity::Note: return "note";
    }
    return "error";
}

/// Reads "candidate.cu(7): error: message" or "candidate.cu(7): warning #177-D: message" (NVRTC). Lines about
/// headers stay as they are: their numbers mean nothing in the source.
std::optional<Diagnostic> readNvrtcLine(std::string_view line)
{
    constexpr std::string_view kFile = "candidate.cu(";
    if (!line.starts_with(kFile))
        return std::nullopt;
    line.remove_prefix(kFile.size());
    int row = 0;
    const auto [end, code] = std::from_chars(line.data(), line.data() + line.size(), row);
    line.remove_prefix(static_cast<size_t>(end - line.data()));
    if (code != std::errc() || !line.starts_with("): "))
        return std::nullopt;
    line.remove_prefix(3);
    constexpr std::array<std::pair<std::string_view, Severity>, 5> kWords {
        {{"catastrophic error", Severity::Error},
         {"error", Severity::Error},
         {"warning", Severity::Warning},
         {"remark", Severity::Note},
         {"note", Severity::Note}}};
    for (const auto &[word, severity] : kWords) {
        const size_t colon = line.find(": ");
        if (line.starts_with(word) && colon != std::string_view::npos)
            return Diagnostic {severity, row, 0, std::string(line.substr(colon + 2))};
    }
    return std::nullopt;
}

/// Reads what NVRTC says of no line: "At end of source: error: message", and its assembler's "ptxas …, line
/// 45; error   : message", whose line is one of the PTX.
std::optional<Diagnostic> readUnlocatedLine(std::string_view line)
{
    constexpr std::string_view kEnd = "At end of source: error: ", kError = "; error   : ";
    if (line.starts_with(kEnd))
        return Diagnostic {Severity::Error, 0, 0, std::string(line.substr(kEnd.size()))};
    const size_t at = line.find(kError);
    if (line.starts_with("ptxas ") && at != std::string_view::npos)
        return Diagnostic {Severity::Error, 0, 0, std::string(line.substr(at + kError.size()))};
    return std::nullopt;
}

/// The line without " <Spelling=file:line:column>", which clang adds to places inside macros.
std::string withoutSpelling(std::string_view line)
{
    const size_t begin = line.find(" <Spelling=");
    const size_t end = begin == std::string_view::npos ? begin : line.find(">: ", begin);
    if (end == std::string_view::npos)
        return std::string(line);
    return std::string(line.substr(0, begin)) + std::string(line.substr(end + 1));
}

/// Reads "file:line:column: severity: message" (clang) and "severity: file:line:column: message" (PoCL).
std::optional<Diagnostic> readLine(std::string_view text)
{
    if (auto located = readNvrtcLine(text))
        return located;
    if (auto unlocated = readUnlocatedLine(text))
        return unlocated;
    const std::string plain = withoutSpelling(text);
    std::string_view line = plain;
    const std::optional<Severity> leading = takeSeverity(line);
    for (size_t colon = line.find(':'); colon != std::string_view::npos; colon = line.find(':', colon + 1)) {
        std::string_view tail = line.substr(colon + 1);
        const std::optional<int> row = takeNumber(tail);
        const std::optional<int> column = row ? takeNumber(tail) : std::nullopt;
        if (!column || !tail.starts_with(' '))
            continue;
        tail.remove_prefix(1);
        const std::optional<Severity> severity = leading ? leading : takeSeverity(tail);
        if (severity)
            return Diagnostic {*severity, *row, *column, std::string(tail)};
    }
    return std::nullopt;
}

} // namespace

BuildLog readBuildLog(std::string_view log)
{
    BuildLog result;
    while (!log.empty()) {
        const size_t end = log.find('\n');
        const std::string_view line = log.substr(0, end);
        log.remove_prefix(end == std::string_view::npos ? log.size() : end + 1);
        const std::optional<Diagnostic> located = readLine(line);
        if (located && located->line > 0)
            result.text += fmt::format("{}{}: {}: {}", located->line,
                                       located->column > 0 ? fmt::format(":{}", located->column) : "",
                                       wordOf(located->severity), located->message);
        else
            result.text += line;
        result.text += '\n';
        if (located && result.diagnostics.size() < kMostDiagnostics)
            result.diagnostics.push_back(*located);
    }
    return result;
}

} // namespace ww
