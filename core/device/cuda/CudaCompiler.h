// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/Backend.h"

namespace ww {

/// "cuda:sm_90" and its kin: architectures that NVRTC compiles for. There is no device behind them; `why`
/// says why not.
[[nodiscard]] Result<std::vector<Capabilities>> cudaCompileTargets(const std::string &why);

/// A backend that builds for the architecture of an address and runs nothing. Needs no driver.
[[nodiscard]] Result<std::unique_ptr<Backend>> openCudaCompiler(const DeviceAddress &address);

} // namespace ww
