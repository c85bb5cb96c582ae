// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/journal/SqlLayout.h"

namespace ww {

/// The tables of a memory file.
[[nodiscard]] const SqlLayout &memoryLayout();

} // namespace ww
