// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/CudaArchitecture.h"
#include "core/device/Backend.h"
#include "core/device/cuda/CudaDriver.h"

#include <memory>
#include <vector>

namespace ww {

/// Capabilities::platform of a device of this architecture: "CUDA sm_90". Its children learn from it what to
/// compile for, also those that never see the device.
[[nodiscard]] std::string cudaPlatform(int architecture);
/// The architecture in such a text; nothing for another text, or one without known limits.
[[nodiscard]] std::optional<CudaArchitecture> architectureOfPlatform(const std::string &platform);

/// Every CUDA device, "cuda:0" and on.
[[nodiscard]] Result<std::vector<Capabilities>> findCudaDevices(const CudaDriver &driver);

/// A device with its primary context, current in this thread, and one stream.
class CudaDevice {
public:
    [[nodiscard]] static Result<std::unique_ptr<CudaDevice>> open(const DeviceAddress &address);
    ~CudaDevice();
    CudaDevice(const CudaDevice &) = delete;
    CudaDevice &operator=(const CudaDevice &) = delete;

    [[nodiscard]] const CudaDriver &driver() const { return m_driver; }
    [[nodiscard]] const Capabilities &facts() const { return m_facts; }
    [[nodiscard]] const CudaArchitecture &architecture() const { return m_architecture; }
    [[nodiscard]] CUstream stream() const { return m_stream; }
    [[nodiscard]] CUdevice handle() const { return m_device; }
    /// "00000000:01:00.0", by which NVML knows it.
    [[nodiscard]] std::string busId() const;
    [[nodiscard]] int attribute(CUdevice_attribute which) const;
    /// Waits for the stream; the error of whatever ran in it.
    [[nodiscard]] CudaResult<void> finish(const std::string &what) const;

private:
    explicit CudaDevice(CudaDriver driver) : m_driver(std::move(driver)) { }
    [[nodiscard]] Status makeCurrent();

    CudaDriver m_driver;
    Capabilities m_facts;
    CudaArchitecture m_architecture;
    CUdevice m_device = 0;
    CUcontext m_context = nullptr;
    CUstream m_stream = nullptr;
};

} // namespace ww
