// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/search/EditBlocks.h"

#include <optional>

namespace ww {

/// An answer that follows one of the schemas of ReplyParser.h.
struct StructuredReply {
    std::string title;
    std::string source; ///< empty where it gives edits
    std::vector<SourceEdit> edits;
};

/// Reads a clean answer that is one JSON object, bare or in a fenced block; nothing where it is not. An
/// object without what is wanted is an error.
[[nodiscard]] std::optional<Result<StructuredReply>> structuredReply(std::string_view text);

} // namespace ww
