// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/journal/Session.h"
#include "core/search/Proposer.h"

#include <optional>

namespace ww {

/// A parameter set that is worth measuring while a device has nothing else to do.
struct Tuning {
    Move move; ///< of kind Tune, from the candidate whose source it is
    Proposal proposal;
};

/// What tuning tries next, as of the log before place `before`: a pure function, so that an audit can derive
/// it again. It takes the fastest sources, best first, and of each the fastest parameters known, and changes
/// one tunable by one place in its list; what is faster is where it goes on from. Nothing where each of them
/// is faster than all its neighbours, or where tuning has had its share of the measurements already.
[[nodiscard]] std::optional<Tuning> nextTuning(const Session &session, int64_t before);

} // namespace ww
