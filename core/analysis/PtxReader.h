// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ww {

/// One parameter of a kernel in PTX.
struct PtxParameter {
    enum class Kind { Pointer, Integer, Float, Bytes };
    /// A pointer and a 64-bit integer look alike in PTX: both are Pointer.
    Kind kind = Kind::Integer;
    int64_t bytes = 0;
};

/// A kernel as PTX declares it.
struct PtxEntry {
    std::string symbol;
    std::vector<PtxParameter> parameters;
};

/// The kernels of a PTX text, in order. Source: PTX ISA 9.0, "Kernel Function Parameters".
[[nodiscard]] std::vector<PtxEntry> ptxEntries(std::string_view ptx);

/// Instructions of note in a PTX text, each named once and sorted: "mma.tf32" and its kin (matrix units by
/// operand type, "wgmma.bf16" where the warpgroup form is used), "clock" (reads a clock or timer), "trap",
/// "nanosleep", "launch" (starts work from the device), "dependent launch", "cache policy", "bulk copy".
[[nodiscard]] std::vector<std::string> ptxFeatures(std::string_view ptx);

} // namespace ww
