// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/judge/ElementTypes.h"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace ww {

/// One data set of one workload with the reference's answer: what a wrong kernel is made from.
struct KnownAnswer {
    const Task &task;
    const Workload &workload;
    std::vector<std::span<const std::byte>> inputs; ///< those that are no scalars, in the task's order
    const Tensors &expected; ///< the reference's outputs
};

/// A kernel that is wrong in a known way, by what it would give (evaluation.md, 2). How many of them a task's
/// data and tolerance reject is its mutation score.
struct Mutation {
    enum class Kind {
        Output, ///< `make` gives the wrong outputs
        Input, ///< `make` gives inputs on which the reference's answer is the wrong outputs
        Stale, ///< the outputs are the right ones for other data; there is nothing to make
    };
    std::string name;
    Kind kind = Kind::Output;
    bool trivial = false; ///< takes no work at all: a task that lets it pass is not fit to be searched on
    std::function<Tensors(const KnownAnswer &)> make;
};

/// All of them. On some data a mutation changes nothing: it is then not wrong there.
[[nodiscard]] const std::vector<Mutation> &knownMutations();

} // namespace ww
