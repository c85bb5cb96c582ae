// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <string>
#include <string_view>
#include <vector>

namespace ww {

/// A change of a source: a text that occurs exactly once, and what stands in its place afterwards.
struct SourceEdit {
    std::string oldText;
    std::string newText;
};

/// Reads edit blocks from a clean answer (cleanReply()), wherever they stand in it:
/// ```
/// <<<<<<< OLD
/// the text as it is
/// =======
/// the text as it shall be
/// >>>>>>> NEW
/// ```
/// Marks have five or more characters and any word behind them. A block without its middle or end mark is an
/// error; no block at all gives an empty list.
[[nodiscard]] Result<std::vector<SourceEdit>> readEditBlocks(std::string_view text);

/// The source after all edits, one after another. An error says which edit failed and why: its old text is
/// empty, does not occur, or occurs more than once; or all together change nothing.
[[nodiscard]] Result<std::string> applyEdits(std::string source, const std::vector<SourceEdit> &edits);

} // namespace ww
