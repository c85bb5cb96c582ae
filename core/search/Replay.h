// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/search/Engine.h"

#include <string>

namespace ww {

/// What a replay came to.
struct ReplayReport {
    int events = 0; ///< that make up the tree, and calls of models: compared one by one, byte for byte
    std::string difference; ///< the first that is not as it was; empty: the same tree
    /// True where the recorded search was paused for a fault, stopped or killed: what was under way then may
    /// differ. What stands in the log before it must not.
    bool interrupted = false;
    int eventsBefore = 0; ///< of the events, those before it; all where nothing interrupted the search
    std::string differenceBefore; ///< the first among these
};

/// Runs a recorded search again, into the new session file `to`, with no device and no network: the policy
/// decides anew, answers are read anew, and only what a device measured, a model answered and a person did is
/// taken from the record. `listener` is told as of a live search. Fails where `from` is no search of ours.
[[nodiscard]] Result<ReplayReport> replaySession(const std::string &from, const std::string &to,
                                                 EngineListener listener = {});

} // namespace ww
