// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/task/Task.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ww {

/// The axes that vary and the scalars of a workload: "rows=37,cols=129,scale=0.5".
[[nodiscard]] std::string shapeText(const Task &task, const Workload &workload);

/// The untimed workload that a text in the form of shapeText() describes, named after it. Every
/// axis that varies must be given; a scalar that is not has the value of the task's first workload. Fails on
/// names the task does not have and on a constraint that does not hold.
[[nodiscard]] Result<Workload> workloadOfShape(const Task &task, std::string_view text);

/// Up to `count` untimed shapes within the task's constraints and within what its own workloads span, small
/// enough to be checked in a moment, none of them a workload of the task. A pure function of task and
/// seed. Where an input holds whole numbers between fixed bounds, which may be indices, no axis is smaller
/// than in any workload.
[[nodiscard]] std::vector<Workload> hiddenShapes(const Task &task, uint64_t seed, size_t count);

/// A shape a little smaller than the workload along its axes, as large as the constraints allow: its time
/// must be near the workload's. Nothing where the constraints leave no room.
[[nodiscard]] std::optional<Workload> neighbourShape(const Task &task, const Workload &workload,
                                                     uint64_t seed);

} // namespace ww
