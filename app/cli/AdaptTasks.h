// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/Command.h"
#include "core/model/Prices.h"
#include "core/search/SearchConfig.h"

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace ww::cli {

/// Which small tasks `adapt` lets a model attempt.
struct AdaptTasks {
    std::vector<std::string> named; ///< folders or names of tasks, of which the smallest workloads are taken
    bool patterns = true; ///< the small tasks that ship
    int written = 0; ///< so many more are written by the model
};

/// What may still be spent. A limit of 0 is none.
struct Money {
    double limit = 0; ///< US dollars
    double spent = 0;
    std::optional<ModelPrice> price; ///< nothing where it is not known

    [[nodiscard]] bool allows(double more) const { return limit <= 0 || spent + more <= limit; }
};

/// The tasks that are named and those that ship. Fails where there is none and none is to be written.
[[nodiscard]] Result<std::vector<Task>> tasksToAttempt(const AdaptTasks &chosen, const DeviceOptions &devices,
                                                       const std::string &deviceKind);

/// The tasks that the model of `config` writes, each in a folder of its own under `folder`; what is refused
/// is said with the reason. `before` are the tasks there are. Stops asking where `money` does not allow more.
[[nodiscard]] Result<std::vector<Task>>
writtenTasks(int count, const SearchConfig &config, const DeviceOptions &devices,
             const std::vector<Task> &before, const std::string &folder, Money &money, std::stop_token stop);

} // namespace ww::cli
