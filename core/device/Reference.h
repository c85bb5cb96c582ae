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

/// The reference's outputs for the key: kept ones, or made in the runner that serves the reference alone. On
/// mixed and structured data the reference runs a second time on inputs that are one rounding away, which
/// gives the slack; too much of it makes the set unusable. Values that are no numbers make Default, Exact and
/// Shifted data an invalid reference, other sets unusable.
[[nodiscard]] Outcome<std::shared_ptr<const ExpectedData>> expectedFor(GateCase &gate, Bench &bench,
                                                                       const DataKey &key);

/// One shape with data that both sides have an answer for.
struct Case {
    DataKey key;
    std::shared_ptr<const ExpectedData> expected;
    std::shared_ptr<const InputData> inputs;
};
[[nodiscard]] Outcome<Case> caseFor(GateCase &gate, Bench &bench, const DataKey &key);

} // namespace ww
