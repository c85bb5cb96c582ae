// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/Bench.h"
#include "core/device/GateTypes.h"

#include <map>
#include <string>

namespace ww {

/// Ceilings of the device by name, as Capabilities carry them.
using Peaks = std::map<std::string, double>;

/// Fills in peaks and noise floor as an earlier worker measured them on this device and driver; leaves them
/// as they are when there is nothing usable.
void loadMeasured(Capabilities &device);
/// Keeps both for the next worker, in the cache folder.
[[nodiscard]] Status saveMeasured(const Capabilities &device);

/// Fills in the bench's peaks and noise floor once: from the cache, else measured in the reference's runner
/// (under the device lock, about two seconds).
void ensurePeaks(Bench &bench, const Cancellation &cancellation);

/// Measures once more, at most once in the bench's life, and keeps the higher figures. For a time that
/// beats them: they may have been measured while the machine was busy.
void raisePeaks(Bench &bench, const Cancellation &cancellation);

/// The least time that the workload can take, µs, for the physics floor: arithmetic where all is float32 or
/// wider, memory where the data do not fit the cache. 0 where neither binds.
[[nodiscard]] double floorUs(const Task &task, const Workload &workload, const Capabilities &device);

/// Speed of light for a workload from the task's cost and the peaks; nothing where the cost does not
/// evaluate. medianUs gives the score.
[[nodiscard]] std::optional<BoundRecord> boundOf(const Task &task, const Workload &workload,
                                                 const Peaks &peaks, double medianUs);

} // namespace ww
