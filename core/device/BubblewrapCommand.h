// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ww {

/// The bubblewrap command line up to the program to run: no network, own process and user numbers, the
/// system's folders read-only, nothing of /home, /root or /etc but what drivers need, and a private /tmp
/// of at most `tmpBytes`. `readable` are further folders, `gpu` adds graphics device nodes and /sys.
[[nodiscard]] std::vector<std::string> bubblewrapCommand(const std::vector<std::string> &readable,
                                                         uint64_t tmpBytes, bool gpu);

} // namespace ww
