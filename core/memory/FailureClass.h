// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/judge/Evaluation.h"

#include <string>
#include <string_view>

namespace ww {

/// A way to fail that can be warned of.
struct FailureClass {
    std::string name; ///< "missing-address-space"; "compiler-…" for one that is known by its message alone
    std::string sentence; ///< what a rule about it says
    std::string diagnostic; ///< what was said of the candidate, one line
    std::string falsifier; ///< a source that must fail in this way; empty: none is known
    bool isKnown = false; ///< one of KnownMistakes
};

/// What an evaluation teaches.
struct FailureFinding {
    enum class Kind {
        None, ///< it did not fail
        Infrastructure, ///< not the candidate's fault: never a rule
        Unexplained, ///< its own fault, of no kind that a sentence could warn of
        Explained, ///< `failure` says how
    };
    Kind kind = Kind::None;
    FailureClass failure;
};

/// Reads the class of a failure off the diagnostics and the verdict. What probes and hidden data found is
/// never looked at, and text that the source itself made the compiler say teaches nothing.
[[nodiscard]] FailureFinding classify(const Evaluation &evaluation, std::string_view language,
                                      std::string_view source);

/// The evaluation's first error, on one line.
[[nodiscard]] std::string tidyMessage(const Evaluation &evaluation);

/// The message without what is of one source alone: quoted names and numbers become "…" and "#".
[[nodiscard]] std::string generalised(std::string_view message);

} // namespace ww
