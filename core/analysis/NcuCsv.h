// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"
#include "core/judge/ProfileRecord.h"

#include <string>
#include <string_view>
#include <vector>

namespace ww {

/// One launch in a report of Nsight Compute.
struct NcuKernel {
    std::string name; ///< as ncu prints it: "softmax(const float *, float *, int, int, float)"
    ProfileRecord profile; ///< the metrics that this program knows, with the bottleneck they speak for
};

/// Reads what `ncu --csv` prints, either as one row a metric ("Metric Name", "Metric Unit", "Metric Value")
/// or, with `--page raw`, as one column a metric with a row of units; lines before the header are passed
/// over. Columns are found by name, values are brought to one unit. BadInput names the line; so is a report
/// without any metric of profileMetrics().
[[nodiscard]] Result<std::vector<NcuKernel>> readNcuCsv(std::string_view text);

/// The counters to ask ncu for, joined by commas: its option --metrics.
[[nodiscard]] std::string ncuMetrics();

} // namespace ww
