// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

/// What the writer and the reader of a session file must agree on, byte for byte.
namespace ww {

/// CRC-32 over the parts one after another: finds rows that were changed outside.
[[nodiscard]] int64_t checksum(std::initializer_list<std::string_view> parts);

/// The number as it lies in memory, for checksum().
template <class T> [[nodiscard]] std::string_view bytesOf(const T &number)
{
    static_assert(std::is_arithmetic_v<T>);
    return {reinterpret_cast<const char *>(&number), sizeof number};
}

/// Samples as stored: little-endian float32.
[[nodiscard]] std::string_view bytesOf(const std::vector<float> &values);
/// The samples stored in `bytes`, whose size must be a multiple of four.
[[nodiscard]] std::vector<float> samplesFrom(std::string_view bytes);

/// The 32 bytes that a SHA-256 in lower-case hexadecimal stands for; empty when `hex` is none.
[[nodiscard]] std::string hashBytes(std::string_view hex);

/// The failure of reading a file whose content is not what was written.
[[nodiscard]] tl::unexpected<Error> damaged(const std::string &path, std::string why);

} // namespace ww
