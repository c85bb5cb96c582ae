// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <string>
#include <string_view>

namespace ww {

/// True when the bytes begin as a gzip file does.
[[nodiscard]] bool isGzip(std::string_view bytes);

/// The content of a gzip file. Fails where it is cut off, damaged, or would take more than `limit` bytes.
[[nodiscard]] Result<std::string> gunzip(std::string_view bytes, size_t limit);

} // namespace ww
