// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/LineTable.h"
#include "core/judge/CodeRecord.h"

#include <string_view>

namespace ww {

/// A PTX text line by line, each instruction with the line of `sourceName` that its `.loc` names; what was
/// inlined from a header belongs to the line it was inlined at. Lines that only carry such notes are kept:
/// the numbers of machine code's tables count them. Source: PTX ISA 9.0, "Debugging Directives".
[[nodiscard]] std::vector<CodeLine> ptxListing(std::string_view ptx, std::string_view sourceName);

/// The instructions in what nvdisasm or `cuobjdump -sass` prints, with the lines that the tables give; empty
/// where there are none in it.
[[nodiscard]] std::vector<CodeLine> sassListing(std::string_view printed, const LineTables &lines);

/// How often each instruction stands in a listing of machine code, by its name up to the first dot.
[[nodiscard]] std::map<std::string, int64_t> opcodeCounts(const std::vector<CodeLine> &sass);

/// What the instructions tell a reader, a sentence each: matrix units and the types they multiply in, fast
/// copies, clock reads, local memory, double precision.
[[nodiscard]] std::vector<std::string> codeFindings(const std::vector<CodeLine> &sass);

} // namespace ww
