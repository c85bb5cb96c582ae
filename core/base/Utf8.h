// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace ww {

/// True when the bytes are well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates).
[[nodiscard]] bool isUtf8(std::string_view bytes);

/// The text with every ill-formed byte replaced by U+FFFD, for logs and messages from strangers.
[[nodiscard]] std::string toValidUtf8(std::string_view bytes);

/// The text for a terminal: valid UTF-8 in which a control character other than tab and line feed is the
/// picture of itself (U+2400 and on), and one that would turn the direction of writing is U+FFFD, so that
/// nobody's text can move the cursor, set the title or hide what stands there.
[[nodiscard]] std::string forTerminal(std::string_view text);

/// At most `limit` bytes, cut at a character boundary, with a note of how much was left out.
[[nodiscard]] std::string clipped(std::string_view text, size_t limit);

} // namespace ww
