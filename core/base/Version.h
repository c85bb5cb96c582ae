// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace ww {
/// "warpwright 0.1.0": recorded in sessions and shown by --version.
constexpr const char *kProgramVersion = "warpwright 0.1.0";
} // namespace ww
