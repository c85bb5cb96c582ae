// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/candidate/LaunchPlan.h"

#include <string_view>
#include <vector>

namespace ww {

/// The largest source a candidate may have.
constexpr size_t kMaxSourceBytes = 1u << 20;

/// Faults of a source that no compiler needs to see: directives that read other files (`#include` and its
/// kin, also behind comments, spliced lines, digraphs and
/// trigraphs; `.incbin` in assembly). Located in the text as written. The
/// sandbox, not this, keeps files out of reach; this says so in better words.
[[nodiscard]] std::vector<Diagnostic> lintSource(std::string_view source);

} // namespace ww
