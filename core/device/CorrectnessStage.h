// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/Bench.h"
#include "core/device/BoundWorkload.h"
#include "core/judge/ElementTypes.h"

namespace ww {

/// The reference's outputs on these inputs, made in the runner that serves the reference alone. What goes
/// wrong is the task's fault (InvalidReference) or ours.
[[nodiscard]] Outcome<Tensors> runReference(GateCase &gate, Bench &bench, const DataKey &key,
                                            std::shared_ptr<const InputData> inputs);

/// The reference's outputs for the key: kept ones, or made in the runner that serves the reference alone.
[[nodiscard]] Outcome<std::shared_ptr<const ExpectedData>> expectedFor(GateCase &gate, Bench &bench,
                                                                       const DataKey &key);

/// Compares the outputs of the last launch with what is expected. Damaged memory or an output that is wrong
/// is a Stop; records are added to the evaluation either way, with `label` as the name of their data set.
[[nodiscard]] Outcome<void> judgeOutputs(GateCase &gate, const BoundWorkload &bound,
                                         const ExpectedData &expected, const std::string &label);

/// The smallest workload once, on poisoned memory between red zones.
[[nodiscard]] Outcome<void> runSmoke(GateCase &gate, Bench &bench, ChildProcess &runner);

/// Every workload on every data set; on the default set twice with different poison, so that reads of
/// what was never written show.
[[nodiscard]] Outcome<void> runCorrectness(GateCase &gate, Bench &bench, ChildProcess &runner);

} // namespace ww
