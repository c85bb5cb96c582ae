// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ww {

/// The toolkit's headers that a source includes before anything else of it: only comments of one line and
/// blank lines stand before and between. No text of a candidate can change what these headers come to.
struct LeadingIncludes {
    std::vector<std::string> headers; ///< in order: "cuda_bf16.h"
    size_t end = 0; ///< offset of the line behind the last of them
    int line = 1; ///< its number
};

/// Reads the leading includes; none where a line is in doubt, such as a comment that may go on in the next.
[[nodiscard]] LeadingIncludes leadingIncludes(std::string_view source);

} // namespace ww
