// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string_view>

namespace ww {

/// A mistake that models are known to make, how it shows in a diagnostic, and a source that makes it.
struct KnownMistake {
    const char *name; ///< its error class
    const char *message; ///< ECMAScript expression found in the first error's message
    const char *line; ///< and in the source line it stands at; empty: any
    const char *sentence; ///< the rule
    const char *declarations = ""; ///< of the falsifier, see probeSource(); all three empty: there is none
    const char *statements = "";
    const char *plan = "";
};

/// The mistakes of one language; those of the launch plan and of what is found while a kernel runs come after
/// those of the compiler. The first that fits is the one.
[[nodiscard]] std::span<const KnownMistake> openClMistakes();
[[nodiscard]] std::span<const KnownMistake> cudaMistakes();
/// Of both languages.
[[nodiscard]] std::span<const KnownMistake> planMistakes();

} // namespace ww
