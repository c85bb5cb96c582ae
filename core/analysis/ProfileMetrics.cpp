// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/ProfileMetrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace ww {
namespace {

// clang-format off
constexpr std::array kMetrics {
    ProfileMetric {"duration_us", "gpu__time_duration.sum", 1e-3, "µs", "time under the profiler"},
    ProfileMetric {"sm_pct", "sm__throughput.avg.pct_of_peak_sustained_elapsed", 1, "%", "multiprocessors, busiest part"},
    ProfileMetric {"memory_pct", "gpu__compute_memory_throughput.avg.pct_of_peak_sustained_elapsed", 1, "%", "memory system, busiest part"},
    ProfileMetric {"dram_pct", "gpu__dram_throughput.avg.pct_of_peak_sustained_elapsed", 1, "%", "device memory"},
    ProfileMetric {"l2_pct", "lts__throughput.avg.pct_of_peak_sustained_elapsed", 1, "%", "L2 cache"},
    ProfileMetric {"l1_pct", "l1tex__throughput.avg.pct_of_peak_sustained_active", 1, "%", "L1 cache and shared memory"},
    ProfileMetric {"dram_read_bytes", "dram__bytes_read.sum", 1, "bytes", "read from device memory"},
    ProfileMetric {"dram_write_bytes", "dram__bytes_write.sum", 1, "bytes", "written to device memory"},
    ProfileMetric {"l1_hit_pct", "l1tex__t_sector_hit_rate.pct", 1, "%", "hits in L1"},
    ProfileMetric {"l2_hit_pct", "lts__t_sector_hit_rate.pct", 1, "%", "hits in L2"},
    ProfileMetric {"occupancy_pct", "sm__warps_active.avg.pct_of_peak_sustained_active", 1, "%", "occupancy achieved"},
    ProfileMetric {"sm_busy_pct", "sm__cycles_active.avg.per_cycle_elapsed", 100, "%", "time in which a multiprocessor has work"},
    ProfileMetric {"sm_active_cycles", "sm__cycles_active.max", 1, "", "cycles with work of the busiest multiprocessor"},
    ProfileMetric {"sm_cycles", "sm__cycles_elapsed.max", 1, "", "cycles that were counted"},
    ProfileMetric {"ipc", "sm__inst_executed.avg.per_cycle_active", 1, "", "instructions a cycle and multiprocessor"},
    ProfileMetric {"issue_pct", "smsp__issue_active.avg.pct_of_peak_sustained_active", 1, "%", "cycles that issue an instruction"},
    ProfileMetric {"eligible_warps", "smsp__warps_eligible.avg.per_cycle_active", 1, "", "warps that could issue, a scheduler"},
    ProfileMetric {"tensor_pct", "sm__pipe_tensor_cycles_active.avg.pct_of_peak_sustained_active", 1, "%", "matrix units"},
    ProfileMetric {"fma_pct", "sm__pipe_fma_cycles_active.avg.pct_of_peak_sustained_active", 1, "%", "float32 units"},
    ProfileMetric {"alu_pct", "sm__pipe_alu_cycles_active.avg.pct_of_peak_sustained_active", 1, "%", "integer and logic units"},
    ProfileMetric {"fp64_pct", "sm__pipe_fp64_cycles_active.avg.pct_of_peak_sustained_active", 1, "%", "float64 units"},
    ProfileMetric {"special_pct", "sm__inst_executed_pipe_xu.avg.pct_of_peak_sustained_active", 1, "%", "units for exp, sin, conversions"},
    ProfileMetric {"load_store_pct", "sm__inst_executed_pipe_lsu.avg.pct_of_peak_sustained_active", 1, "%", "load and store units"},
    ProfileMetric {"bank_conflicts", "l1tex__data_bank_conflicts_pipe_lsu_mem_shared.sum", 1, "", "cycles lost to bank conflicts"},
    ProfileMetric {"load_sectors", "l1tex__average_t_sectors_per_request_pipe_lsu_mem_global_op_ld.ratio", 1, "", "sectors a global load of a warp"},
    ProfileMetric {"store_sectors", "l1tex__average_t_sectors_per_request_pipe_lsu_mem_global_op_st.ratio", 1, "", "sectors a global store of a warp"},
    ProfileMetric {"local_read_bytes", "l1tex__t_bytes_pipe_lsu_mem_local_op_ld.sum", 1, "bytes", "read from local memory"},
    ProfileMetric {"local_write_bytes", "l1tex__t_bytes_pipe_lsu_mem_local_op_st.sum", 1, "bytes", "written to local memory"},
    ProfileMetric {"stall_memory", "smsp__average_warps_issue_stalled_long_scoreboard_per_issue_active.ratio", 1, "", "warps waiting for memory, an issue"},
    ProfileMetric {"stall_shared", "smsp__average_warps_issue_stalled_short_scoreboard_per_issue_active.ratio", 1, "", "warps waiting for shared memory, an issue"},
    ProfileMetric {"stall_barrier", "smsp__average_warps_issue_stalled_barrier_per_issue_active.ratio", 1, "", "warps waiting at a barrier, an issue"},
    ProfileMetric {"stall_math", "smsp__average_warps_issue_stalled_math_pipe_throttle_per_issue_active.ratio", 1, "", "warps waiting for a busy arithmetic unit, an issue"},
    ProfileMetric {"stall_queue", "smsp__average_warps_issue_stalled_lg_throttle_per_issue_active.ratio", 1, "", "warps waiting for the queue to global memory, an issue"},
    ProfileMetric {"stall_mio", "smsp__average_warps_issue_stalled_mio_throttle_per_issue_active.ratio", 1, "", "warps waiting for the queue to shared memory, an issue"},
    ProfileMetric {"stall_wait", "smsp__average_warps_issue_stalled_wait_per_issue_active.ratio", 1, "", "warps waiting a fixed latency, an issue"},
    ProfileMetric {"stall_matrix", "smsp__average_warps_issue_stalled_gmma_per_issue_active.ratio", 1, "", "warps waiting for warpgroup matrix units, an issue"},
};
// clang-format on

} // namespace

std::span<const ProfileMetric> profileMetrics()
{
    return kMetrics;
}

const ProfileMetric *findProfileMetric(std::string_view name)
{
    const auto found = std::find_if(kMetrics.begin(), kMetrics.end(),
                                    [name](const ProfileMetric &metric) { return metric.name == name; });
    return found == kMetrics.end() ? nullptr : &*found;
}

void leaveOutIdleEnds(std::map<std::string, double> &metrics)
{
    const auto active = metrics.find("sm_active_cycles"), all = metrics.find("sm_cycles");
    if (active == metrics.end() || all == metrics.end() || !(all->second > 0) || !(active->second > 0))
        return;
    const double span = std::min(active->second / all->second, 1.0);
    for (const ProfileMetric &metric : kMetrics) {
        const auto value = metrics.find(std::string(metric.name));
        if (value == metrics.end())
            continue;
        if (metric.counter.ends_with("_elapsed"))
            value->second = std::min(value->second / span, 100.0);
        else if (metric.name == "duration_us" || metric.name == "sm_cycles")
            value->second *= span;
    }
}

std::string remarkOnShortPlan(const std::map<std::string, double> &metrics, double timedUs)
{
    constexpr double kLonger = 1.2;
    const auto duration = metrics.find("duration_us");
    if (duration == metrics.end() || !(timedUs > 0) || duration->second < kLonger * timedUs)
        return {};
    return fmt::format(
        "the counters ran for {:.0f} µs and the plan takes {:.0f} µs: shares of the elapsed time are "
        "up to {:.1f} times as high in the kernels themselves",
        duration->second, timedUs, duration->second / timedUs);
}

} // namespace ww
