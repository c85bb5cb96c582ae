// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/BoundWorkload.h"

namespace ww {

/// Compares the outputs of the last run with what is expected. Damaged memory or an output that is wrong is a
/// Stop; records are added to the evaluation either way, with `label` as the name of their data set.
[[nodiscard]] Outcome<void> judgeOutputs(GateCase &gate, const BoundWorkload &bound, const DataKey &key,
                                         const ExpectedData &expected, const std::string &label);

/// The stop with what only people may read: data, shape, and the options of `evaluate` that bring it about.
/// `set` is left out of them where the failure needs more than one set.
[[nodiscard]] Stop located(Stop end, const GateCase &gate, const DataKey &key, std::optional<DataSet> set);

} // namespace ww
