// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/candidate/LaunchPlan.h"

#include <QtGlobal>

namespace ww {

/// The diagnostics of a plan, a line each.
inline std::string described(const PlanParse &parse)
{
    std::string text;
    for (const Diagnostic &diagnostic : parse.diagnostics)
        text += std::to_string(diagnostic.line) + ":" + std::to_string(diagnostic.column) + " "
            + diagnostic.message + "\n";
    return text;
}

/// The plan of a source that must have a good one.
inline LaunchPlan planOf(const std::string &source)
{
    const PlanParse parse = parsePlan(source);
    if (!parse.ok())
        qFatal("%s", described(parse).c_str());
    return parse.plan;
}

} // namespace ww
