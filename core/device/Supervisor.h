// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/Sandbox.h"

namespace ww {

/// How a worker was asked to work.
struct WorkerOptions {
    SandboxChoice sandbox = SandboxChoice::Auto;
    std::string device; ///< "cuda:0"; empty = the first GPU, else the first device
    bool list = false;
    bool help = false;
};

/// The worker process: serves the protocol on stdin and stdout until stdin ends or a shutdown comes.
/// Gives the exit status.
[[nodiscard]] int superviseMain(const WorkerOptions &options);

/// Prints one Capabilities line a device; exit status 1, with the reason on stderr, when there is none.
[[nodiscard]] int listMain(const WorkerOptions &options);

} // namespace ww
