// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace ww {

/// Where CUDA Toolkits are usually installed, newest release first: "/usr/local/cuda", "/opt/cuda",
/// "/usr/local/cuda-13.0", …; only those that exist.
[[nodiscard]] std::vector<std::string> toolkitFolders();

/// What to try to open for a library of the toolkit: each name in the library folders of each toolkit, then
/// where the loader looks. `names` stand in order of preference.
[[nodiscard]] std::vector<std::string> toolkitLibraries(const std::vector<std::string> &names);

} // namespace ww
