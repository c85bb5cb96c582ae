// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/cuda/SharedLibrary.h"

#include <map>
#include <optional>
#include <string>

namespace ww {

/// NVIDIA's management library, read from and never written to: no setting of the card is changed.
class Nvml {
public:
    /// The card with that bus number; nothing where the library or the card cannot be had.
    [[nodiscard]] static std::optional<Nvml> open(const std::string &busId);

    /// "580.159.04".
    [[nodiscard]] std::string driverVersion() const;
    /// What the card is doing: "temperature_c", "power_w", "sm_mhz", "memory_mhz", and "throttled: power cap"
    /// and its kin as 1 where something slows it down. What it does not tell is left out.
    [[nodiscard]] std::map<std::string, double> readings() const;

private:
    using Device = struct NvmlDevice *;
    SharedLibrary m_library;
    Device m_device = nullptr;
    int (*m_systemDriverVersion)(char *, unsigned) = nullptr;
    int (*m_temperature)(Device, int sensor, unsigned *celsius) = nullptr;
    int (*m_power)(Device, unsigned *milliwatts) = nullptr;
    int (*m_clock)(Device, int domain, unsigned *megahertz) = nullptr;
    int (*m_reasons)(Device, unsigned long long *bits) = nullptr;
};

} // namespace ww
