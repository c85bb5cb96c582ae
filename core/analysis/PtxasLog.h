// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace ww {

/// What the assembler says of a kernel under "-v": bytes a thread moves because registers ran out.
struct SpillFigures {
    int64_t storeBytes = 0;
    int64_t loadBytes = 0;
};

/// The assembler's remarks in a build log, apart from what the compiler wrote for a person.
struct PtxasLog {
    std::map<std::string, SpillFigures> spills; ///< by symbol
    int64_t staticSharedBytes = 0; ///< of the kernel that declares most
    std::string rest; ///< every other line: errors and warnings with their places
};

/// Splits a log of NVRTC 13.0 with --ptxas-options=-v.
[[nodiscard]] PtxasLog readPtxasLog(std::string_view log);

} // namespace ww
