// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Random.h"
#include "core/journal/Session.h"

#include <optional>
#include <set>

namespace ww {

/// The parameter sets of one source that are valid on every workload of the session's task, without
/// those the session already holds.
class ParameterSpace {
public:
    /// `session` must have a task and outlive the space. A source whose plan does not parse has no sets.
    ParameterSpace(const Session &session, const std::string &source);
    /// The same for any sets that are `tried`; `task` must outlive the space.
    ParameterSpace(const Task &task, const std::string &source, std::set<Parameters> tried);
    ParameterSpace(const ParameterSpace &) = delete;
    ParameterSpace &operator=(const ParameterSpace &) = delete;

    /// The defaults of the plan, if untried and valid.
    [[nodiscard]] std::optional<Parameters> untriedDefaults() const;

    /// Any untried set: `draws` at random, then the listed order from a random place on.
    [[nodiscard]] std::optional<Parameters> untriedSet(RandomStream &random, int draws) const;

    /// An untried set that differs from `from` in one tunable (more often than not, in one place of its
    /// list) or in two: `draws` at random, then in listed order.
    [[nodiscard]] std::optional<Parameters> changeOf(const Parameters &from, RandomStream &random,
                                                     int draws) const;

    /// An untried set that differs from `from` in one tunable, by one place of its list: the first in the
    /// order of the plan, upwards before downwards.
    [[nodiscard]] std::optional<Parameters> untriedNeighbour(const Parameters &from) const;

private:
    [[nodiscard]] bool isUsable(const Parameters &parameters) const;
    [[nodiscard]] std::optional<Parameters> ifUsable(Parameters parameters) const;
    [[nodiscard]] std::optional<Parameters> firstChangeOf(const Parameters &from) const;
    [[nodiscard]] Parameters completed(const Parameters &chosen) const;

    const Task &m_task;
    LaunchPlan m_plan;
    std::vector<const Tunable *> m_choices; ///< tunables with more than one value
    bool m_planOk = false;
    std::set<Parameters> m_tried;
};

} // namespace ww
