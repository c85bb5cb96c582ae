// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/journal/Journal.h"

namespace ww {

/// What an import read and what it had to guess or drop.
struct ImportReport {
    int candidates = 0;
    std::vector<std::string> notes;
};

/// Reads a packed AdaExplore run (JSON, optionally gzip) into a new session file. Known traps are
/// handled and noted: times in `*_us` are milliseconds; the stage of a failure comes from its error text.
[[nodiscard]] Result<ImportReport> importAdaExplore(const std::string &path, const std::string &sessionPath);

} // namespace ww
