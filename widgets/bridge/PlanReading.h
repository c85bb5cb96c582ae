// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/bridge/ViewTypes.h"

namespace ww::ui {

/// Tunables and located messages of a source's `//@` lines; never fails. Names are not checked against a
/// task here: that is done when the candidate is evaluated.
[[nodiscard]] PlanView readPlan(const QString &source);

} // namespace ww::ui
