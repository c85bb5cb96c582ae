// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/Cancellation.h"
#include "core/device/Sandbox.h"

#include <vector>

namespace ww {

/// Every device of the backend, asked for in a child: a driver that crashes or hangs costs a message and
/// at most `seconds`. Sandbox level and note are filled in.
[[nodiscard]] Result<std::vector<Capabilities>> listDevices(const Sandbox &sandbox, double seconds);

/// A chosen device and how its children find it again.
struct ChosenDevice {
    Capabilities facts;
    DeviceAddress address;
    [[nodiscard]] bool isGpu() const { return facts.deviceKind != "cpu" && !compilesOnly(); }
    /// There is no device: kernels are compiled for one and nothing more.
    [[nodiscard]] bool compilesOnly() const { return facts.deviceKind == "compiler"; }
    /// Its compiler needs no device.
    [[nodiscard]] bool compilesAlone() const { return facts.backend == "cuda"; }
};

/// The device of that name ("cuda:0"); for none the first GPU, else the first that can run anything.
[[nodiscard]] Result<ChosenDevice> chooseDevice(const std::vector<Capabilities> &devices,
                                                const std::string &spec = {});

} // namespace ww
