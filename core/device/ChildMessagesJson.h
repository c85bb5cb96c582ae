// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/ChildMessages.h"

#include <string>
#include <string_view>

namespace ww {

/// The message as the text of a frame.
[[nodiscard]] std::string toFrameText(const ToChild &message);
[[nodiscard]] std::string toFrameText(const FromChild &message);

/// Reads a frame's text. What a child says is not trusted: anything malformed is an error.
[[nodiscard]] Result<ToChild> parseToChild(std::string_view text);
[[nodiscard]] Result<FromChild> parseFromChild(std::string_view text);

} // namespace ww
