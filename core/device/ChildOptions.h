// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/Backend.h"
#include "core/device/Jail.h"

#include <string>
#include <vector>

namespace ww {

/// What a child process of the worker is for.
enum class ChildRole {
    List, ///< tells which devices there are, then ends
    Probe, ///< tells what of the jail works, then ends
    Compiler, ///< builds programs, runs nothing
    Runner, ///< builds and runs programs
};

/// The descriptor on which a child finds its channel.
constexpr int kChildChannelFd = 3;
/// The descriptor through which a child is executed: its path may be out of sight inside the sandbox.
constexpr int kChildProgramFd = 4;

struct ChildOptions {
    ChildRole role = ChildRole::Probe;
    DeviceAddress device;
    JailPolicy jail;
};

/// The command line of the internal mode, from "--child" on, and back.
[[nodiscard]] std::vector<std::string> childArguments(const ChildOptions &options);
[[nodiscard]] Result<ChildOptions> parseChildArguments(const std::vector<std::string> &arguments);

} // namespace ww
