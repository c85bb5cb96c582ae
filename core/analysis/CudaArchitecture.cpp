// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/CudaArchitecture.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace ww {
namespace {

constexpr int64_t kKiB = 1024;

constexpr std::array kArchitectures {
    CudaArchitecture {75, 32, 16, 32, 64 * kKiB, 64 * kKiB, 0, 256},
    CudaArchitecture {80, 64, 32, 64, 164 * kKiB, 163 * kKiB, kKiB},
    CudaArchitecture {86, 48, 16, 16, 100 * kKiB, 99 * kKiB, kKiB},
    CudaArchitecture {87, 48, 16, 16, 164 * kKiB, 163 * kKiB, kKiB},
    CudaArchitecture {89, 48, 24, 24, 100 * kKiB, 99 * kKiB, kKiB},
    CudaArchitecture {90, 64, 32, 64, 228 * kKiB, 227 * kKiB, kKiB},
    CudaArchitecture {100, 64, 32, 64, 228 * kKiB, 227 * kKiB, kKiB},
    CudaArchitecture {103, 64, 32, 64, 228 * kKiB, 227 * kKiB, kKiB},
    CudaArchitecture {110, 48, 24, 24, 228 * kKiB, 227 * kKiB, kKiB},
    CudaArchitecture {120, 48, 24, 24, 100 * kKiB, 99 * kKiB, kKiB},
    CudaArchitecture {121, 48, 24, 24, 100 * kKiB, 99 * kKiB, kKiB},
};

} // namespace

std::optional<CudaArchitecture> cudaArchitecture(int number)
{
    const auto found =
        std::find_if(kArchitectures.begin(), kArchitectures.end(),
                     [number](const CudaArchitecture &known) { return known.number == number; });
    return found == kArchitectures.end() ? std::nullopt : std::optional(*found);
}

std::vector<int> knownCudaArchitectures()
{
    std::vector<int> numbers;
    for (const CudaArchitecture &known : kArchitectures)
        numbers.push_back(known.number);
    return numbers;
}

std::optional<int> cudaArchitectureNumber(std::string_view name)
{
    constexpr std::string_view kPrefix = "sm_";
    if (!name.starts_with(kPrefix))
        return std::nullopt;
    name.remove_prefix(kPrefix.size());
    if (name.ends_with('a'))
        name.remove_suffix(1);
    int number = 0;
    const auto [end, code] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (code != std::errc() || end != name.data() + name.size() || number < 10 || number > 999)
        return std::nullopt;
    return number;
}

std::string cudaTargetName(int number)
{
    return fmt::format("sm_{}{}", number, number >= 90 ? "a" : "");
}

} // namespace ww
