// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/worker/DevicePool.h"

#include <functional>

namespace ww::cli {

/// A kernel file as a candidate for the task, with parameters as NAME=VALUE. Fails where the file's ending is
/// that of another language than the task's kernels are in.
[[nodiscard]] Result<KernelChoice> readCandidate(const Task &task, const std::string &path,
                                                 const std::vector<std::string> &parameters = {});

/// Sends one request to the pool and waits for its evaluation; Ctrl+C cancels it. `fill` completes the
/// request (task, candidate, …); id and nonce are set here.
[[nodiscard]] Result<Evaluation> evaluateOnce(Evaluator &pool,
                                              const std::function<void(EvaluateRequest &)> &fill,
                                              const EvaluationListener &listener = {});

} // namespace ww::cli
