// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ww {

/// A kernel as the machine code in a cubin shows it.
struct CubinKernel {
    std::string symbol; ///< as in the cubin, mangled unless extern "C"
    int64_t registers = 0; ///< of a thread
    int64_t stackBytes = 0; ///< of a thread, in local memory
    int64_t staticSharedBytes = 0;
    int64_t barriers = 0;
    int64_t maxThreads = 0; ///< promised by __launch_bounds__; 0 = none
    int64_t instructions = 0;
    int64_t localLoads = 0, localStores = 0; ///< instructions that go to local memory: spills and arrays
};

/// A variable in device memory that outlives a launch.
struct CubinVariable {
    std::string symbol;
    int64_t bytes = 0;
};

/// What can be read from a cubin without a GPU and without cuobjdump.
struct CubinFacts {
    int architecture = 0; ///< 90 for sm_90 and sm_90a
    std::vector<CubinKernel> kernels;
    std::vector<CubinVariable> variables; ///< writable ones: a kernel could keep results in them
    std::string codeHash; ///< SHA-256 of all machine code: equal for sources that compile alike
};

/// Reads an ELF file as NVRTC and ptxas 13.0 write it. The layout of .nv.info and the opcodes of local loads
/// and stores are not documented; they were read off compilations of known sources for sm_75 to sm_120.
[[nodiscard]] Result<CubinFacts> readCubin(std::string_view bytes);

/// The function's own name: "scale" of "scale", "_Z5scalePf" and "_ZN1n5scaleIiEEvPT_".
[[nodiscard]] std::string plainKernelName(const std::string &symbol);

} // namespace ww
