// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/candidate/LaunchPlan.h"

#include <fmt/format.h>

namespace ww {
namespace {

std::string joined(const std::vector<Expression> &expressions)
{
    std::string text;
    for (const Expression &expression : expressions)
        text += (text.empty() ? "" : ", ") + expression.text();
    return text;
}

} // namespace

std::string printPlan(const LaunchPlan &plan)
{
    std::string text;
    for (const Tunable &tunable : plan.tunables)
        text += fmt::format("//@ tune {} = {}\n", tunable.name, fmt::join(tunable.values, ", "));
    for (const Requirement &requirement : plan.requirements)
        text += fmt::format("//@ require {}\n", requirement.condition.text());
    for (const Scratch &scratch : plan.scratch)
        text += fmt::format("//@ scratch {}: {}[{}]{}\n", scratch.name, toString(scratch.dtype),
                            joined(scratch.shape), scratch.zeroed ? " zero" : "");
    for (const TensorMap &map : plan.tensorMaps) {
        text += fmt::format("//@ tensor_map {}: {} box({})", map.name, map.tensor, joined(map.box));
        text += map.swizzle.empty() ? "\n" : fmt::format(" swizzle({})\n", map.swizzle.text());
    }
    for (const Launch &launch : plan.launches) {
        if (launch.isCall) {
            text += fmt::format("//@ call {}({})\n", launch.kernel, joined(launch.args));
            continue;
        }
        text += fmt::format("//@ launch {} grid({}) block({})", launch.kernel, joined(launch.grid),
                            joined(launch.block));
        if (!launch.shared.empty())
            text += fmt::format(" shared({})", launch.shared.text());
        if (!launch.cluster.empty())
            text += fmt::format(" cluster({})", joined(launch.cluster));
        if (launch.cooperative)
            text += " cooperative";
        text += fmt::format(" args({})\n", joined(launch.args));
    }
    return text;
}

} // namespace ww
