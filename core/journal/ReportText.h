// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/journal/Session.h"

#include <string>
#include <string_view>

/// The small texts that every part of the HTML report is made of.
namespace ww {

/// The text as HTML content or attribute value: markup escaped, what HTML forbids replaced.
[[nodiscard]] std::string htmlEscaped(std::string_view text);
/// "512 µs", "1.34 ms": three significant digits.
[[nodiscard]] std::string timeText(double microseconds);
/// "1:42", "2:03:10".
[[nodiscard]] std::string durationText(double seconds);
/// "24.6×".
[[nodiscard]] std::string ratioText(double ratio);
/// "24.6× [24.1, 25.0]"; empty when the candidate was not timed.
[[nodiscard]] std::string speedupText(const std::optional<Evaluation> &evaluation);

/// How a candidate is shown: shape and colour say the same thing.
struct Look {
    const char *glyph;
    const char *style; ///< CSS class
    const char *words;
};
[[nodiscard]] Look lookOf(const Session &session, const Node &node);
/// Every look there is, for the legend.
[[nodiscard]] std::vector<Look> allLooks();

/// Best-so-far against step as an inline SVG; empty when nothing correct was found.
[[nodiscard]] std::string bestChart(const Session &session);

} // namespace ww
