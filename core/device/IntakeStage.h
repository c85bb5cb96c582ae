// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/GateTypes.h"

namespace ww {

/// Understands a kernel's plan and fills in its parameters. A fault is a Rejected stop with the plan's
/// diagnostics.
[[nodiscard]] Outcome<PreparedKernel> prepareKernel(const Task &task, KernelChoice choice,
                                                    PlanUse use = PlanUse::Kernel);

/// The first stage: size and form of the source, plan, parameters, and that the plan gives numbers the
/// device can take on every workload. Fills the case's kernels and workloads.
[[nodiscard]] Outcome<void> runIntake(GateCase &gate, const Capabilities &device);

/// Bytes of all tensors of the workload; 0 where a shape does not evaluate (admission refuses those).
[[nodiscard]] uint64_t tensorBytes(const Task &task, const Workload &workload);

} // namespace ww
