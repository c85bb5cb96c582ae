// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ww {

/// A line of compiled code and the lines that it was made from.
struct CodeLine {
    std::string text;
    int sourceLine = 0; ///< of the candidate, from 1; 0 where it belongs to no line of it
    int ptxLine = 0; ///< machine code only: index + 1 in CodeRecord::ptx; 0 where unknown
};

/// What the compiler made of a candidate, as a person reads it. Lines link by number: those of PTX and of
/// machine code with the candidate's, those of machine code with PTX.
struct CodeRecord {
    std::vector<CodeLine> ptx; ///< intermediate code; empty where the compiler has none
    std::vector<CodeLine> sass; ///< machine code, one instruction a line, "kernel:" above each kernel's
    std::string sassProblem; ///< why there is no machine code to show, with the remedy; empty where there is
    std::map<std::string, int64_t> opcodes; ///< how often each instruction stands in it: {"FFMA", 128}, …
    std::vector<std::string> findings; ///< what a reader should know of it, a sentence each
};

} // namespace ww
