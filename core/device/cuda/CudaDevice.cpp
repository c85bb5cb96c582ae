// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/cuda/CudaDevice.h"

#include "core/device/cuda/Cupti.h"
#include "core/device/cuda/Nvml.h"

#include <fmt/format.h>

#include <array>

namespace ww {
namespace {

constexpr std::string_view kPlatform = "CUDA ";

int attributeOf(const CudaDriver &driver, CUdevice device, CUdevice_attribute which)
{
    int value = 0;
    driver.cuDeviceGetAttribute(&value, which, device);
    return value;
}

std::string busIdOf(const CudaDriver &driver, CUdevice device)
{
    std::array<char, 32> id {};
    driver.cuDeviceGetPCIBusId(id.data(), static_cast<int>(id.size()) - 1, device);
    return id.data();
}

Capabilities factsOf(const CudaDriver &driver, CUdevice device, int number)
{
    std::array<char, 256> name {};
    driver.cuDeviceGetName(name.data(), static_cast<int>(name.size()) - 1, device);
    int version = 0;
    driver.cuDriverGetVersion(&version);
    const auto attribute = [&](CUdevice_attribute which) { return attributeOf(driver, device, which); };
    Capabilities facts;
    facts.backend = "cuda";
    facts.device = name.data();
    facts.deviceKind = "gpu";
    facts.spec = fmt::format("cuda:{}", number);
    facts.driver = fmt::format("CUDA {}.{}", version / 1000, version % 1000 / 10);
    if (const auto nvml = Nvml::open(busIdOf(driver, device)))
        facts.driver = fmt::format("{}, {}", nvml->driverVersion(), facts.driver);
    facts.platform = cudaPlatform(10 * attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
                                  + attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR));
    facts.counters = Cupti::installed() ? "CUPTI" : "none";
    facts.computeUnits = attribute(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
    facts.globalCacheBytes = attribute(CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE);
    facts.localMemoryBytes = attribute(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
    facts.maxWorkGroup = attribute(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK);
    return facts;
}

} // namespace

std::string cudaPlatform(int architecture)
{
    return fmt::format("{}sm_{}", kPlatform, architecture);
}

std::optional<CudaArchitecture> architectureOfPlatform(const std::string &platform)
{
    if (!platform.starts_with(kPlatform))
        return std::nullopt;
    const std::optional<int> number =
        cudaArchitectureNumber(std::string_view(platform).substr(kPlatform.size()));
    return number ? cudaArchitecture(*number) : std::nullopt;
}

Result<std::vector<Capabilities>> findCudaDevices(const CudaDriver &driver)
{
    int count = 0;
    if (const CUresult code = driver.cuDeviceGetCount(&count); code != CUDA_SUCCESS)
        return failure(ErrorCode::Infrastructure, "cannot count the CUDA devices", driver.describe(code));
    std::vector<Capabilities> devices;
    for (int i = 0; i < count; ++i) {
        CUdevice device = 0;
        if (driver.cuDeviceGet(&device, i) == CUDA_SUCCESS)
            devices.push_back(factsOf(driver, device, i));
    }
    if (devices.empty())
        return failure(ErrorCode::NotFound, "there is no CUDA device", "the driver offers none");
    return devices;
}

Result<std::unique_ptr<CudaDevice>> CudaDevice::open(const DeviceAddress &address)
{
    const std::string what = fmt::format("the device {} cannot be opened", address.name);
    WW_TRY(CudaDriver driver, CudaDriver::load());
    WW_TRY(const std::vector<Capabilities> devices, findCudaDevices(driver));
    int ordinal = address.ordinal;
    for (size_t i = 0; i < devices.size(); ++i) {
        if (devices[i].platform != address.platform || devices[i].device != address.name || ordinal-- > 0)
            continue;
        const auto architecture = architectureOfPlatform(devices[i].platform);
        if (!architecture)
            return failure(ErrorCode::Unsupported, what,
                           fmt::format("this version has no figures for {}", devices[i].platform));
        std::unique_ptr<CudaDevice> device(new CudaDevice(std::move(driver)));
        device->m_facts = devices[i];
        device->m_architecture = *architecture;
        device->m_driver.cuDeviceGet(&device->m_device, static_cast<int>(i));
        WW_CHECK(device->makeCurrent());
        return device;
    }
    return failure(ErrorCode::NotFound, what, "the driver no longer shows it inside the sandbox");
}

Status CudaDevice::makeCurrent()
{
    const auto checked = [&](CUresult code, const char *what) -> Status {
        if (code == CUDA_SUCCESS)
            return {};
        return failure(ErrorCode::Infrastructure, what, m_driver.describe(code));
    };
    WW_CHECK(checked(m_driver.cuDevicePrimaryCtxRetain(&m_context, m_device), "cannot make a CUDA context"));
    WW_CHECK(checked(m_driver.cuCtxSetCurrent(m_context), "cannot use the CUDA context"));
    // Kernels have no business with the device heap or printf: both shrink to what the driver allows.
    m_driver.cuCtxSetLimit(CU_LIMIT_MALLOC_HEAP_SIZE, 0);
    m_driver.cuCtxSetLimit(CU_LIMIT_PRINTF_FIFO_SIZE, 0);
    // Not a non-blocking stream: copies from ordinary memory go through the default stream, and what is
    // queued here must wait for them.
    return checked(m_driver.cuStreamCreate(&m_stream, CU_STREAM_DEFAULT), "cannot make a CUDA stream");
}

CudaDevice::~CudaDevice()
{
    if (m_stream)
        m_driver.cuStreamDestroy(m_stream);
    if (m_context)
        m_driver.cuDevicePrimaryCtxRelease(m_device);
}

std::string CudaDevice::busId() const
{
    return busIdOf(m_driver, m_device);
}

int CudaDevice::attribute(CUdevice_attribute which) const
{
    return attributeOf(m_driver, m_device, which);
}

CudaResult<void> CudaDevice::finish(const std::string &what) const
{
    return m_driver.checked(m_driver.cuStreamSynchronize(m_stream), what);
}

} // namespace ww
