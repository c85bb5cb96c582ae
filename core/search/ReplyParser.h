// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"
#include "core/model/ModelTypes.h"

#include <string>

namespace ww {

/// A kernel read from a model's answer.
struct ReadReply {
    std::string title; ///< empty where it gave none
    std::string source;
};

/// Reads a whole candidate from an answer: JSON by wholeReplySchema(), or the fenced block with the plan
/// lines and the kernel, whatever stands around it; plan and kernel may stand in a block each. The error is a
/// sentence for the model to act on.
[[nodiscard]] Result<ReadReply> readWholeReply(const ModelReply &reply);

/// Reads edits of `parent` from an answer, JSON by editReplySchema() or edit blocks (EditBlocks.h), and
/// applies them.
[[nodiscard]] Result<ReadReply> readEditReply(const ModelReply &reply, const std::string &parent);

/// JSON schemas of answers, for endpoints that offer structured output.
[[nodiscard]] std::string wholeReplySchema();
[[nodiscard]] std::string editReplySchema();

} // namespace ww
