// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/Backend.h"
#include "core/device/opencl/ClHandles.h"

#include <string>
#include <vector>

namespace ww {

/// An OpenCL error code as a person reads it: "CL_OUT_OF_RESOURCES (-5)".
[[nodiscard]] std::string clErrorName(cl_int code);
/// "what: CL_…" as an Infrastructure failure, with a remedy where one is known.
[[nodiscard]] tl::unexpected<Error> clFailure(std::string what, cl_int code);

/// A device found on this machine.
struct FoundDevice {
    cl_device_id id = nullptr;
    Capabilities facts; ///< spec "opencl:N", N counting over all platforms
};

/// Every device of every platform. No device at all is NotFound, saying what to install.
[[nodiscard]] Result<std::vector<FoundDevice>> findDevices();

/// A device with its context and an in-order queue that takes time stamps.
struct ClDevice {
    cl_device_id id = nullptr;
    Capabilities facts;
    ClContext context;
    ClQueue queue;
    uint64_t baseAlignment = 128; ///< bytes, for sub-buffers

    [[nodiscard]] static Result<ClDevice> open(const DeviceAddress &address);
    [[nodiscard]] bool isCpu() const { return facts.deviceKind == "cpu"; }
};

} // namespace ww
