// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ww {

/// True for `[A-Za-z_][A-Za-z0-9_]*` of at most 64 characters: what axes, tensors, tunables, scratch
/// buffers and kernels may be called.
[[nodiscard]] bool isIdentifier(std::string_view text);

/// True for the functions of Expression ("ceil_div", "round_up", "min", "max"): no name may shadow one.
[[nodiscard]] bool isExpressionFunction(std::string_view name);

/// True for C, OpenCL C and CUDA keywords and built-in type names: a macro of that name would change
/// what the source means.
[[nodiscard]] bool isReservedWord(std::string_view name);

/// The known name that `text` is most likely a slip of, or nothing when none is near. Near: at most one
/// edit in three characters (Levenshtein distance), case aside.
[[nodiscard]] std::optional<std::string> closestName(std::string_view text,
                                                     std::span<const std::string> known);

/// closestName() as the end of a sentence: " (did you mean 'tune'?)", or empty.
[[nodiscard]] std::string didYouMean(std::string_view text, std::span<const std::string> known);

/// `text` in single quotes for a message: clipped to 40 bytes, control and ill-formed bytes made visible.
[[nodiscard]] std::string inQuotes(std::string_view text);

} // namespace ww
