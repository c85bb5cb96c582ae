// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace ww {

/// Whether a key can be kept under this name: 1 to 64 letters, digits, '.', '-' and '_'. A key itself is
/// mostly longer, or holds other characters, so that it is not taken for a name.
[[nodiscard]] inline bool isKeyName(std::string_view name)
{
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    return !name.empty() && name.size() <= 64 && name.front() != '-'
        && name.find_first_not_of(kAllowed) == std::string_view::npos;
}

} // namespace ww
