// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/Bottleneck.h"

#include "core/analysis/ProfileMetrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

namespace ww {
namespace {

/// A unit this busy is what a kernel waits for (Nsight Compute, "GPU Speed Of Light Throughput": above 60 %
/// it counts as well used).
constexpr double kBusyPct = 60;
/// Under this share of time with work the grid is too small or uneven.
constexpr double kIdlePct = 60;
constexpr double kLowOccupancyPct = 30;
/// A warp's load of 32 neighbouring floats touches four sectors, of 16-byte vectors sixteen.
constexpr double kScatteredSectors = 17;
constexpr double kManyStalls = 1.0;

class Rules {
public:
    explicit Rules(const std::map<std::string, double> &metrics) : m_metrics(metrics) { }

    Bottleneck decide()
    {
        const auto sm = value("sm_pct"), memory = value("memory_pct"), dram = value("dram_pct");
        if (!sm || !memory)
            return {"unknown",
                    {"the throughput of multiprocessors and memory, which decide, was not measured"}};
        Bottleneck found {className(*sm, *memory, dram.value_or(0)), std::move(m_reasons)};
        m_reasons.clear();
        addRemarks();
        found.reasons.insert(found.reasons.end(), m_reasons.begin(), m_reasons.end());
        return found;
    }

private:
    [[nodiscard]] std::optional<double> value(const char *name) const
    {
        const auto found = m_metrics.find(name);
        if (found == m_metrics.end() || !std::isfinite(found->second))
            return std::nullopt;
        return found->second;
    }
    void because(std::string reason) { m_reasons.push_back(std::move(reason)); }

    std::string className(double sm, double memory, double dram)
    {
        const double tensor = value("tensor_pct").value_or(0);
        if (dram >= kBusyPct && dram >= sm && dram >= tensor) {
            because(
                fmt::format("device memory is at {:.0f} % of its bandwidth: only fewer bytes help", dram));
            return "memory bandwidth";
        }
        if (tensor >= kBusyPct) {
            because(fmt::format("the matrix units work {:.0f} % of the time", tensor));
            return "matrix units";
        }
        if (sm >= kBusyPct && sm >= memory) {
            because(fmt::format("the multiprocessors are at {:.0f} % of what they issue or compute", sm));
            addBusiestPipe();
            return "arithmetic";
        }
        if (memory >= kBusyPct) {
            because(fmt::format("caches or shared memory are at {:.0f} % (L1 and shared {:.0f} %, L2 {:.0f} "
                                "%) while device memory is at {:.0f} %",
                                memory, value("l1_pct").value_or(0), value("l2_pct").value_or(0), dram));
            return "cache and shared memory";
        }
        because(fmt::format("no unit is busy: multiprocessors {:.0f} %, memory {:.0f} %", sm, memory));
        const auto busy = value("sm_busy_pct");
        if (busy && *busy < kIdlePct) {
            because(fmt::format("a multiprocessor has work in {:.0f} % of the time: the grid is too small or "
                                "uneven, or launches are short",
                                *busy));
            return "too little work";
        }
        addWorstStall();
        return "latency";
    }

    void addBusiestPipe()
    {
        constexpr std::array kPipes {std::pair {"fma_pct", "float32 units"},
                                     std::pair {"alu_pct", "integer and logic units"},
                                     std::pair {"fp64_pct", "float64 units"},
                                     std::pair {"special_pct", "units for exp, sin and conversions"},
                                     std::pair {"load_store_pct", "load and store units"}};
        const char *busiest = nullptr;
        double most = 0;
        for (const auto &[name, words] : kPipes) {
            if (const auto busy = value(name); busy && *busy > most) {
                most = *busy;
                busiest = words;
            }
        }
        if (busiest)
            because(fmt::format("the busiest are the {} with {:.0f} %", busiest, most));
    }

    void addWorstStall()
    {
        constexpr std::array kStalls {
            std::pair {"stall_memory", "data from memory: more loads in flight, or staging ahead"},
            std::pair {"stall_shared", "shared memory: fewer or wider accesses"},
            std::pair {"stall_barrier", "a barrier: less work between unequal warps"},
            std::pair {"stall_math", "a busy arithmetic unit"},
            std::pair {"stall_queue", "the queue to global memory: fewer, wider accesses"},
            std::pair {"stall_mio", "the queue to shared memory: fewer, wider accesses"},
            std::pair {"stall_wait", "fixed latencies: more independent instructions"},
            std::pair {"stall_matrix", "warpgroup matrix instructions: more of them in flight"}};
        const char *worst = nullptr;
        double most = kManyStalls;
        for (const auto &[name, words] : kStalls) {
            if (const auto stalled = value(name); stalled && *stalled > most) {
                most = *stalled;
                worst = words;
            }
        }
        if (worst)
            because(fmt::format("for each instruction issued {:.1f} warps wait for {}", most, worst));
    }

    /// What is worth saying whatever the class.
    void addRemarks()
    {
        if (const auto occupancy = value("occupancy_pct"); occupancy && *occupancy < kLowOccupancyPct)
            because(fmt::format("occupancy achieved is {:.0f} %", *occupancy));
        const double local = value("local_read_bytes").value_or(0) + value("local_write_bytes").value_or(0);
        if (local > 0)
            because(fmt::format("{:.3g} MB go through local memory: spilled registers or indexed arrays",
                                local / 1e6));
        for (const auto &[name, words] :
             {std::pair {"load_sectors", "load"}, std::pair {"store_sectors", "store"}}) {
            if (const auto sectors = value(name); sectors && *sectors > kScatteredSectors)
                because(fmt::format("a global {} of a warp touches {:.1f} sectors of 32 bytes: neighbouring "
                                    "threads use scattered addresses",
                                    words, *sectors));
        }
    }

    const std::map<std::string, double> &m_metrics;
    std::vector<std::string> m_reasons;
};

} // namespace

Bottleneck bottleneckOf(const std::map<std::string, double> &metrics)
{
    return Rules(metrics).decide();
}

std::string profileText(const ProfileRecord &profile)
{
    std::string text = fmt::format("bottleneck: {}\n", profile.bottleneck);
    for (const std::string &reason : profile.reasons)
        text += fmt::format("- {}\n", reason);
    for (const ProfileMetric &metric : profileMetrics()) {
        const auto value = profile.metrics.find(std::string(metric.name));
        if (value != profile.metrics.end())
            text += fmt::format("{} = {:.4g}{}{} ({})\n", metric.name, value->second,
                                metric.unit.empty() ? "" : " ", metric.unit, metric.meaning);
    }
    return text;
}

} // namespace ww
