// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/BuildLog.h"

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

struct Located {
    std::string_view rest; ///< from the first number on
    Diagnostic diagnostic;
};

/// Reads "<file>:line:column: severity: message".
std::optional<Located> readLine(std::string_view line)
{
    using Severity = Diagnostic::Severity;
    for (size_t colon = line.find(':'); colon != std::string_view::npos; colon = line.find(':', colon + 1)) {
        std::string_view tail = line.substr(colon + 1);
        const std::string_view start = tail;
        const std::optional<int> row = takeNumber(tail);
        const std::optional<int> column = row ? takeNumber(tail) : std::nullopt;
        if (!column)
            continue;
        Located located {start, {Severity::Error, *row, *column, {}}};
        const std::pair<std::string_view, Severity> words[] {{" fatal error: ", Severity::Error},
                                                             {" error: ", Severity::Error},
                                                             {" warning: ", Severity::Warning},
                                                             {" note: ", Severity::Note}};
        for (const auto &[word, severity] : words) {
            if (!tail.starts_with(word))
                continue;
            located.diagnostic.severity = severity;
            located.diagnostic.message = tail.substr(word.size());
            return located;
        }
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
        const std::optional<Located> located = readLine(line);
        result.text += located ? located->rest : line;
        result.text += '\n';
        if (located && result.diagnostics.size() < kMostDiagnostics)
            result.diagnostics.push_back(located->diagnostic);
    }
    return result;
}

} // namespace ww
