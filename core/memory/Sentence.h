// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/memory/Rule.h"

namespace ww {

/// Longest sentence of a rule in bytes.
constexpr size_t kMaxSentence = 320;

/// The text as a rule's sentence: one line, blanks collapsed, control characters gone, valid UTF-8. Refused
/// when nothing is left or when it is longer than kMaxSentence.
[[nodiscard]] Result<std::string> checkedSentence(std::string_view text);

/// The same for text that nobody can be asked about: what is too long is cut, with "…".
[[nodiscard]] std::string tidyLine(std::string_view text, size_t limit = kMaxSentence);

/// "opencl/missing-address-space".
[[nodiscard]] std::string ruleKey(std::string_view language, std::string_view errorClass);

/// A rule of a person's own words. Refuses an unknown language and what is no sentence.
[[nodiscard]] Result<Rule> writtenRule(const std::string &language, std::string_view sentence,
                                       const std::string &origin = "written");

/// True for classes that are about the limits of one device ("limit-…"): told for that device alone.
[[nodiscard]] bool isDeviceLimit(std::string_view errorClass);

} // namespace ww
