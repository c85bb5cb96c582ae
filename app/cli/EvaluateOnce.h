// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/worker/DevicePool.h"

#include <functional>

namespace ww::cli {

/// Tunables written as NAME=INTEGER, one a text. BadInput where one is not.
[[nodiscard]] Result<Parameters> parseParameters(const std::vector<std::string> &texts);

/// Sends one request to the pool and waits for its evaluation; Ctrl+C cancels it. `fill` completes the
/// request (task, candidate, …); id and nonce are set here.
[[nodiscard]] Result<Evaluation> evaluateOnce(Evaluator &pool,
                                              const std::function<void(EvaluateRequest &)> &fill,
                                              const EvaluationListener &listener = {});

} // namespace ww::cli
