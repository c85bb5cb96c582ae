// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/cuda/CudaProgram.h"

#include <string_view>

namespace ww {

/// A compiled program as bytes that a compiler child hands to a runner: a line for each kernel, an empty
/// line, the machine code.
[[nodiscard]] std::string packCudaProgram(const CudaProgramBuild &build);

/// The program in such bytes. They come from a process that has seen a stranger's source: what does not read
/// is BadInput, and what reads is checked again when it is bound.
[[nodiscard]] Result<CudaProgramBuild> unpackCudaProgram(std::string_view bytes);

} // namespace ww
