// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/Reference.h"

namespace ww {

/// The baseline's median in a runner that no candidate has touched, measured once a task and kept; the
/// baseline's outputs are checked on the way.
[[nodiscard]] Outcome<CleanBaseline> cleanBaseline(GateCase &gate, Bench &bench, const DataKey &key,
                                                   double seconds);

} // namespace ww
