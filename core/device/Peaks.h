// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/Bench.h"
#include "core/device/GateTypes.h"

#include <map>
#include <string>

namespace ww {

/// Ceilings of the device by name, as Capabilities carry them.
using Peaks = std::map<std::string, double>;

/// What an earlier worker measured on this device and driver; empty when there is nothing usable.
[[nodiscard]] Peaks loadPeaks(const Capabilities &device);
/// Keeps them for the next worker, in the cache folder.
[[nodiscard]] Status savePeaks(const Capabilities &device, const Peaks &peaks);

/// Fills in the bench's peaks once: from the cache, else measured in the reference's runner (under the
/// device lock, about a second).
void ensurePeaks(Bench &bench, const Cancellation &cancellation);

/// Measures once more, at most once in the bench's life, and keeps the higher figures. For a time that
/// beats them: they may have been measured while the machine was busy.
void raisePeaks(Bench &bench, const Cancellation &cancellation);

/// Speed of light for a workload from the task's cost and the peaks; nothing where the cost does not
/// evaluate. medianUs gives the score.
[[nodiscard]] std::optional<BoundRecord> boundOf(const Task &task, const Workload &workload,
                                                 const Peaks &peaks, double medianUs);

} // namespace ww
