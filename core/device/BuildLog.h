// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/candidate/LaunchPlan.h"

#include <string>
#include <string_view>
#include <vector>

namespace ww {

/// A compiler's log made readable: located messages read "line:column: severity: message" in `text`, without
/// the name of the compiler's temporary file.
struct BuildLog {
    std::string text;
    std::vector<Diagnostic> diagnostics; ///< at most 200
};

/// Reads the log of a clang-based compiler, as PoCL and most OpenCL drivers have. A log in another form comes
/// through as it is, without diagnostics.
[[nodiscard]] BuildLog readBuildLog(std::string_view log);

} // namespace ww
