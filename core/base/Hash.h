// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace ww {

/// SHA-256 of the bytes as 64 lower-case hexadecimal digits. Identifies sources, tasks and records;
/// collision-resistant because a model's text must not be able to pass for another's.
[[nodiscard]] std::string sha256Hex(std::string_view bytes);

/// 128 bits from the system's random source as 32 hexadecimal digits: run nonces and session ids.
[[nodiscard]] std::string randomToken();

} // namespace ww
