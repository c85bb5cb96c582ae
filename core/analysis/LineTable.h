// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace ww {

/// Which line of a text the instructions of a kernel come from: the offset in the kernel at which a line
/// begins → its number, 0 where what follows comes from another file (a header).
using KernelLines = std::map<uint64_t, int>;

/// The line at an offset; 0 where none is known.
[[nodiscard]] int lineAt(const KernelLines &lines, uint64_t offset);

/// What links the machine code of a cubin to the texts it was made from, by symbol of the kernel.
struct LineTables {
    std::map<std::string, KernelLines> source; ///< lines of the candidate's own file
    std::map<std::string, KernelLines> ptx; ///< lines of the PTX listing
};

/// Reads the line tables that NVRTC writes with --generate-line-info: .debug_line and .nv_debug_line_sass,
/// both in the form of DWARF 2 to 4 ("DWARF Debugging Information Format, Version 4", 6.2). `sourceName` is
/// the name of the candidate's file. Without such sections, and from where one of them breaks off, there are
/// no lines; BadInput only where the bytes are no cubin.
[[nodiscard]] Result<LineTables> readLineTables(std::string_view cubin, std::string_view sourceName);

} // namespace ww
