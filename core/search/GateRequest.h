// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/journal/Session.h"

namespace ww {

/// What a worker is asked for a candidate of the session: its first measurement, or the confirmation, in a
/// fresh process on other data. `task` is what is sent of the session's task.
[[nodiscard]] EvaluateRequest gateRequest(const Session &session, const Task &task, CandidateId id,
                                          bool confirmation);

} // namespace ww
