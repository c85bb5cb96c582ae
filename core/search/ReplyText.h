// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ww {

/// Text that a model fenced off as code.
struct CodeBlock {
    std::string info; ///< what stands behind the opening fence: "c", "opencl", …
    std::string text; ///< ends with a line end
    bool closed = true; ///< false: the answer ended before the block did
};

/// A model's answer as the parsers take it: LF line ends, no byte order mark, well-formed UTF-8, without what
/// the model thought aloud (`<think>…</think>`).
[[nodiscard]] std::string cleanReply(std::string_view text);

/// The text with LF line ends, the last line's included.
[[nodiscard]] std::string withUnixLineEnds(std::string_view text);

/// The fenced blocks of a clean answer in their order: fences of three or more ` or ~, indented or not, with
/// whatever behind them; a closing fence may stand at the end of the last line of code.
[[nodiscard]] std::vector<CodeBlock> codeBlocks(std::string_view text);

/// What follows "Title:" at the start of a line, without marks of emphasis, at most 60 bytes; empty when
/// there is no such line.
[[nodiscard]] std::string titleIn(std::string_view text);

/// The lines of a text without their ends.
[[nodiscard]] std::vector<std::string_view> linesOf(std::string_view text);

} // namespace ww
