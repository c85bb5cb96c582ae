// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/EvaluateOnce.h"

#include "app/cli/Interrupt.h"
#include "core/base/Hash.h"

#include <future>

namespace ww::cli {

Result<Evaluation> evaluateOnce(Evaluator &pool, const std::function<void(EvaluateRequest &)> &fill,
                                const EvaluationListener &listener)
{
    const Interrupt interrupt([&pool] { pool.cancelAll(); });
    std::promise<Result<Evaluation>> promise;
    std::future<Result<Evaluation>> outcome = promise.get_future();
    Evaluator::Job job;
    job.request.id = randomToken();
    job.request.nonce = randomToken();
    fill(job.request);
    job.onStage = listener.onStage;
    job.onSamples = listener.onSamples;
    job.onDone = [&promise](Result<Evaluation> evaluation) { promise.set_value(std::move(evaluation)); };
    pool.submit(std::move(job));
    return outcome.get();
}

} // namespace ww::cli
