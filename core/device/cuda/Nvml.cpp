// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/cuda/Nvml.h"

#include <array>
#include <cstdint>

namespace ww {
namespace {

// Values of nvml.h, which comes with the driver and not with every toolkit: its ABI is stable.
constexpr int kSuccess = 0;
constexpr int kGpuSensor = 0;
constexpr int kSmClock = 1, kMemoryClock = 2;

struct Reason {
    uint64_t bit;
    const char *name;
};
/// Idle (bit 0) and clocks set by an application (bit 1) slow nothing down that anybody measures.
constexpr std::array kReasons {Reason {0x04, "power cap"},         Reason {0x08, "hardware slowdown"},
                               Reason {0x20, "thermal"},           Reason {0x40, "hardware thermal slowdown"},
                               Reason {0x80, "power brake"},       Reason {0x100, "display clocks"},
                               Reason {0x10, "synchronised boost"}};

} // namespace

std::optional<Nvml> Nvml::open(const std::string &busId)
{
    Nvml nvml;
    nvml.m_library = SharedLibrary::open({"libnvidia-ml.so.1", "/usr/local/nvidia/lib64/libnvidia-ml.so.1"});
    int (*init)() = nullptr;
    int (*find)(const char *, Device *) = nullptr;
    const bool complete = nvml.m_library.resolve(init, "nvmlInit_v2")
        && nvml.m_library.resolve(find, "nvmlDeviceGetHandleByPciBusId_v2")
        && nvml.m_library.resolve(nvml.m_systemDriverVersion, "nvmlSystemGetDriverVersion")
        && nvml.m_library.resolve(nvml.m_temperature, "nvmlDeviceGetTemperature")
        && nvml.m_library.resolve(nvml.m_power, "nvmlDeviceGetPowerUsage")
        && nvml.m_library.resolve(nvml.m_clock, "nvmlDeviceGetClockInfo")
        && nvml.m_library.resolve(nvml.m_reasons, "nvmlDeviceGetCurrentClocksThrottleReasons");
    if (!complete || init() != kSuccess || find(busId.c_str(), &nvml.m_device) != kSuccess)
        return std::nullopt;
    return nvml;
}

std::string Nvml::driverVersion() const
{
    std::array<char, 96> text {};
    return m_systemDriverVersion(text.data(), text.size() - 1) == kSuccess ? text.data() : std::string();
}

std::map<std::string, double> Nvml::readings() const
{
    std::map<std::string, double> found;
    unsigned value = 0;
    if (m_temperature(m_device, kGpuSensor, &value) == kSuccess)
        found["temperature_c"] = value;
    if (m_power(m_device, &value) == kSuccess)
        found["power_w"] = value * 1e-3;
    if (m_clock(m_device, kSmClock, &value) == kSuccess)
        found["sm_mhz"] = value;
    if (m_clock(m_device, kMemoryClock, &value) == kSuccess)
        found["memory_mhz"] = value;
    unsigned long long bits = 0;
    if (m_reasons(m_device, &bits) != kSuccess)
        return found;
    for (const Reason &reason : kReasons) {
        if ((bits & reason.bit) != 0)
            found[std::string("throttled: ") + reason.name] = 1;
    }
    return found;
}

} // namespace ww
