// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/journal/Session.h"
#include "core/memory/Evidence.h"

namespace ww {

/// What a session teaches: failures that may become rules, gains from parent to child, and what became of
/// prompts. A pure function. Faults of the infrastructure teach nothing; neither does what probes and hidden
/// data found, nor a recording of another system, whose kernels are in no language of ours.
[[nodiscard]] Lessons lessonsOf(const Session &session);

/// What limits a kernel that was timed: the class of its profile where counters were read; else "register
/// spills", "arithmetic" or "memory bandwidth" by its task's cost. Empty when neither is known. `device`
/// gives the peaks; without them 16 operations a byte are the border.
[[nodiscard]] std::string limitOf(const Evaluation &evaluation, const Capabilities *device);

} // namespace ww
