// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/candidate/PlanStatement.h"

namespace ww {

/// Checks what the plan's names stand for, once all its lines are read: names that collide, expressions
/// and arguments that name nothing, outputs that no launch is given. Tensors, scalars and axes are known
/// only with a task; without one an unknown name may be any of them and passes.
[[nodiscard]] std::vector<Diagnostic>
checkPlanNames(const LaunchPlan &plan, const std::vector<PlanStatement> &statements, const Task *task);

/// The name when the expression is nothing but a name, else empty.
[[nodiscard]] std::string bareName(const Expression &expression);

} // namespace ww
