// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ww {

/// The bytes as text of RFC 4648, section 4, with padding: how they travel inside JSON.
[[nodiscard]] std::string toBase64(std::string_view bytes);

/// The bytes of such a text; nothing where it is none (other characters, a length that is no multiple of
/// four).
[[nodiscard]] std::optional<std::string> fromBase64(std::string_view text);

} // namespace ww
