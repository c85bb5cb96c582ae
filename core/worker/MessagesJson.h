// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/worker/Messages.h"

#include <string>
#include <string_view>

namespace ww {

/// The message as one line of UTF-8 JSON with its "\n"; never contains another newline.
[[nodiscard]] std::string toLine(const ToWorker &message);
[[nodiscard]] std::string toLine(const FromWorker &message);

/// Reads one line (without "\n") sent to a worker. Unknown fields are ignored; bad UTF-8, bad JSON, a
/// missing "v" or "type", another version or a wrongly typed field is an error that says so.
[[nodiscard]] Result<ToWorker> parseToWorker(std::string_view line);
/// Reads one line from a worker; an unknown type is an error with code Unsupported (skip and go on).
[[nodiscard]] Result<FromWorker> parseFromWorker(std::string_view line);

} // namespace ww
