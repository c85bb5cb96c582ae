// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace ww {

/// The line, from 1, on which the value at `path` begins ("workloads[2].axes", as JsonFields names places)
/// in a JSON text that parseJson() has accepted. Where the path leads nowhere, the line of the deepest value
/// on it; 1 for an empty path.
[[nodiscard]] int lineOfPath(std::string_view json, std::string_view path);

} // namespace ww
