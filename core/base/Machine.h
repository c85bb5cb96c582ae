// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace ww {

/// Bytes of memory that this process can count on: the machine's, or less where a control group says so.
[[nodiscard]] uint64_t memoryOfThisMachine();

} // namespace ww
