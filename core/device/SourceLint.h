// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/candidate/LaunchPlan.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace ww {

/// The largest source a candidate may have.
constexpr size_t kMaxSourceBytes = 1u << 20;
/// The most words and signs it may have once macros without arguments are expanded: a compiler needs minutes
/// and gigabytes for more.
constexpr uint64_t kMostExpandedTokens = 2'000'000;

/// Faults of a source that no compiler needs to see: directives that read other files (`#include` and its
/// kin, also behind comments, spliced lines, digraphs and
/// trigraphs; `.incbin` in assembly). In CUDA the toolkit's own headers may be included (isCudaHeader), and
/// raw string literals may not stand, because a comment could hide in one. And a source that its macros
/// expand to more than kMostExpandedTokens. Located in the text as written. The sandbox, not this, keeps
/// files out of reach; this says so in better words.
[[nodiscard]] std::vector<Diagnostic> lintSource(std::string_view source,
                                                 std::string_view language = "opencl");

/// Whether a CUDA source may include <name>: headers that declare device code and read nothing else.
[[nodiscard]] bool isCudaHeader(std::string_view name);

} // namespace ww
