// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/bridge/PlanReading.h"

#include "widgets/bridge/Views.h"

namespace ww::ui {

PlanView readPlan(const QString &source)
{
    return planView(parsePlan(source.toStdString()));
}

} // namespace ww::ui
