// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/cuda/CudaDevice.h"

#include <utility>

namespace ww {

/// Device memory that is given back when this dies.
class CudaMemory {
public:
    CudaMemory() = default;
    /// Plain device memory, never managed: what is asked for beyond the card's fails here.
    [[nodiscard]] static CudaResult<CudaMemory> allocate(const CudaDevice &device, size_t bytes,
                                                         const std::string &what)
    {
        CudaMemory memory;
        if (auto done = device.driver().checked(device.driver().cuMemAlloc(&memory.m_address, bytes), what);
            !done)
            return tl::make_unexpected(done.error());
        memory.m_driver = &device.driver();
        memory.m_bytes = bytes;
        return memory;
    }
    ~CudaMemory()
    {
        if (m_driver)
            m_driver->cuMemFree(m_address);
    }
    CudaMemory(CudaMemory &&other) noexcept { *this = std::move(other); }
    CudaMemory &operator=(CudaMemory &&other) noexcept
    {
        std::swap(m_driver, other.m_driver);
        std::swap(m_address, other.m_address);
        std::swap(m_bytes, other.m_bytes);
        return *this;
    }
    CudaMemory(const CudaMemory &) = delete;
    CudaMemory &operator=(const CudaMemory &) = delete;

    [[nodiscard]] CUdeviceptr address() const { return m_address; }
    [[nodiscard]] size_t bytes() const { return m_bytes; }

private:
    const CudaDriver *m_driver = nullptr;
    CUdeviceptr m_address = 0;
    size_t m_bytes = 0;
};

/// A loaded program.
class CudaModule {
public:
    CudaModule() = default;
    [[nodiscard]] static CudaResult<CudaModule> load(const CudaDevice &device, const std::string &cubin)
    {
        CudaModule module;
        const CUresult code =
            device.driver().cuModuleLoadDataEx(&module.m_module, cubin.data(), 0, nullptr, nullptr);
        if (auto done = device.driver().checked(code, "the driver does not load the compiled program"); !done)
            return tl::make_unexpected(done.error());
        module.m_driver = &device.driver();
        return module;
    }
    ~CudaModule()
    {
        if (m_driver)
            m_driver->cuModuleUnload(m_module);
    }
    CudaModule(CudaModule &&other) noexcept { *this = std::move(other); }
    CudaModule &operator=(CudaModule &&other) noexcept
    {
        std::swap(m_driver, other.m_driver);
        std::swap(m_module, other.m_module);
        return *this;
    }
    CudaModule(const CudaModule &) = delete;
    CudaModule &operator=(const CudaModule &) = delete;

    [[nodiscard]] CUmodule get() const { return m_module; }

private:
    const CudaDriver *m_driver = nullptr;
    CUmodule m_module = nullptr;
};

/// A point in a stream whose time can be asked for.
class CudaEvent {
public:
    CudaEvent() = default;
    [[nodiscard]] static CudaResult<CudaEvent> create(const CudaDevice &device)
    {
        CudaEvent event;
        if (auto done = device.driver().checked(
                device.driver().cuEventCreate(&event.m_event, CU_EVENT_DEFAULT), "cannot make an event");
            !done)
            return tl::make_unexpected(done.error());
        event.m_driver = &device.driver();
        return event;
    }
    ~CudaEvent()
    {
        if (m_driver)
            m_driver->cuEventDestroy(m_event);
    }
    CudaEvent(CudaEvent &&other) noexcept { *this = std::move(other); }
    CudaEvent &operator=(CudaEvent &&other) noexcept
    {
        std::swap(m_driver, other.m_driver);
        std::swap(m_event, other.m_event);
        return *this;
    }
    CudaEvent(const CudaEvent &) = delete;
    CudaEvent &operator=(const CudaEvent &) = delete;

    [[nodiscard]] CUevent get() const { return m_event; }

private:
    const CudaDriver *m_driver = nullptr;
    CUevent m_event = nullptr;
};

} // namespace ww
