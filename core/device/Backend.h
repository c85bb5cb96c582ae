// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/ChildMessages.h"
#include "core/device/OwnedFd.h"

#include <functional>
#include <memory>
#include <vector>

namespace ww {

/// Called by a backend when it passes from compiling to running kernel code and back.
using PhaseListener = std::function<void(bool running)>;

/// A device as a child process works with it. One backend is one device opened once; the process that
/// holds it runs candidate code, so nothing here is trusted by the supervisor.
class Backend {
public:
    virtual ~Backend() = default;

    [[nodiscard]] virtual const Capabilities &device() const = 0;

    /// Pays what the first real build would pay; a runner also what the first launch would.
    virtual void warmUp(bool forRunning) = 0;

    /// Builds a program without running any of it; a runner keeps it for the binds to come.
    [[nodiscard]] virtual BuildReply build(const BuildRequest &request, bool keep) = 0;

    /// Lays out buffers and arguments; replaces what was bound before.
    [[nodiscard]] virtual RunReply bind(const BindRequest &request, std::vector<OwnedFd> fds) = 0;
    [[nodiscard]] virtual RunReply launch(const LaunchRequest &request, const PhaseListener &phase) = 0;
    [[nodiscard]] virtual RunReply time(const TimeRequest &request, const PhaseListener &phase) = 0;
    [[nodiscard]] virtual RunReply read(const ReadRequest &request) = 0;
    /// Refused by a backend that has no other means than timing.
    [[nodiscard]] virtual RunReply observe(const ObserveRequest &, const PhaseListener &)
    {
        RunReply refusal;
        refusal.problem = Problem::Device;
        refusal.message = "this backend has neither graphs nor traces nor counters";
        return refusal;
    }
    [[nodiscard]] virtual RunReply measurePeaks() = 0;
    [[nodiscard]] virtual RunReply golden() = 0;
};

/// Which of the machine's devices: the `ordinal`-th with this platform and name. Stable where a running
/// number is not: a sandbox may hide other devices.
struct DeviceAddress {
    std::string platform;
    std::string name;
    int ordinal = 0;
};

/// What the process of a backend's children links.
struct BackendDriver {
    std::string name; ///< "opencl", "cuda"
    /// Every device there is, in order; `spec` names it.
    std::function<Result<std::vector<Capabilities>>()> list;
    std::function<Result<std::unique_ptr<Backend>>(const DeviceAddress &)> open;
    /// For a child that only compiles and sees no device; empty where building takes the device itself.
    std::function<Result<std::unique_ptr<Backend>>(const DeviceAddress &)> openCompiler;
};

} // namespace ww
