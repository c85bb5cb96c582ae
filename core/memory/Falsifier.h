// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/judge/Evaluation.h"
#include "core/memory/Rule.h"

namespace ww {

/// The task that falsifiers are candidates of: y[i] = 2 x[i] + 1, so small that only the compiler works.
[[nodiscard]] Result<Task> falsifierTask(const std::string &language);

/// A candidate for falsifierTask() with these declarations before its kernel and these statements in it;
/// `plan` stands for the usual launch line where it is not empty.
[[nodiscard]] std::string probeSource(const std::string &language, std::string_view declarations,
                                      std::string_view statements, std::string_view plan = {});

/// The source of a candidate of any task as a candidate for falsifierTask(): its plan is taken out, its
/// parameters become macros, and a kernel that is right stands before it. What fails to compile still does.
/// Empty for a source over 16 KiB, which no memory keeps.
[[nodiscard]] std::string probeOf(const std::string &language, std::string_view source,
                                  const Parameters &parameters);

/// What an evaluation of the falsifier, up to its compile stage, says of the rule.
struct FalsifierFinding {
    RuleCheck check = RuleCheck::Untested; ///< Untested: it failed in another way, and nothing is shown
    std::string why; ///< a sentence
};
[[nodiscard]] FalsifierFinding judgeFalsifier(const Rule &rule, const Evaluation &evaluation);

} // namespace ww
