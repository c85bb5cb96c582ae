// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/opencl/ClDevice.h"

namespace ww {

/// A built program, or why it is none.
struct ClProgramBuild {
    ClProgramHandle program; ///< empty when `reply.problem` is not None
    BuildReply reply;
};

/// Builds the source with its defines for the device and checks the kernels that the plan names: that
/// they exist, take as many arguments as they get, and fit the device. Programs of equal source and different
/// `module` share no loaded code.
[[nodiscard]] ClProgramBuild buildProgram(const ClDevice &device, const BuildRequest &request,
                                          int module = 0);

/// SHA-256 of what the compiler made, and its size; for PoCL the bitcode in its cache folder, because asking
/// for the binary makes it compile every kernel once more for any work-group size (0.3 s a softmax,
/// measured).
struct ProgramBinary {
    std::string hash; ///< empty where it cannot be had
    size_t bytes = 0;
};
[[nodiscard]] ProgramBinary binaryOf(const ClDevice &device, const ClProgramHandle &program);

/// Removes every file of PoCL's cache, so that what is found there after a build is that build's.
void emptyCompilerCache();

} // namespace ww
