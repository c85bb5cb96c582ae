// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/journal/SqlLayout.h"

namespace ww {

/// The tables of a session file.
[[nodiscard]] const SqlLayout &journalLayout();

} // namespace ww
