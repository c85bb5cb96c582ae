// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/CudaArchitecture.h"
#include "core/analysis/PtxReader.h"
#include "core/device/ChildMessages.h"
#include "core/device/cuda/Nvrtc.h"
#include "core/device/cuda/PrecompiledHeaders.h"

#include <map>

namespace ww {

/// A kernel of a compiled program as a launch needs it.
struct CudaKernelShape {
    std::string symbol; ///< its name in the cubin
    std::vector<PtxParameter> parameters;
};

/// A compiled program, or why it is none.
struct CudaProgramBuild {
    BuildReply
        reply; ///< resources: registers, spills, shared memory, occupancy, … of every kernel of the plan
    std::string cubin; ///< empty when `reply.problem` is not None
    std::string ptx;
    std::map<std::string, CudaKernelShape> kernels; ///< by the plan's name
};

/// Compiles the source for an architecture, reads the machine code and checks the kernels that the plan
/// names: that they exist, take as many arguments as they get, and that a block of theirs fits a
/// multiprocessor. Parameters are defined before everything but the headers that the source begins with. With
/// `headers` those are kept for the next source.
[[nodiscard]] CudaProgramBuild buildCudaProgram(const Nvrtc &nvrtc, const CudaArchitecture &architecture,
                                                const BuildRequest &request,
                                                PrecompiledHeaders *headers = nullptr);

} // namespace ww
