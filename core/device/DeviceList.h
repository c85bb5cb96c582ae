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
    [[nodiscard]] bool isGpu() const { return facts.deviceKind != "cpu"; }
};

/// The device with that number; by default the first GPU, else the first of all.
[[nodiscard]] Result<ChosenDevice> chooseDevice(const std::vector<Capabilities> &devices, int number = -1);

} // namespace ww
