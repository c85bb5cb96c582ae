// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/EvaluateOnce.h"

#include "app/cli/Interrupt.h"
#include "core/base/Hash.h"
#include "core/base/Paths.h"

#include <fmt/format.h>

#include <charconv>
#include <future>

namespace ww::cli {

namespace {

/// The gate itself refuses far smaller ones, with its own words.
constexpr size_t kMaxSourceBytes = 16u << 20;

Result<Parameters> parseParameters(const std::vector<std::string> &texts)
{
    Parameters parameters;
    for (const std::string &text : texts) {
        const size_t equals = text.find('=');
        int64_t value = 0;
        const char *begin = text.data() + equals + 1;
        const char *end = text.data() + text.size();
        const bool good = equals != std::string::npos && equals > 0
            && std::from_chars(begin, end, value).ptr == end && begin != end;
        if (!good)
            return failure(ErrorCode::BadInput, fmt::format("cannot read --param '{}'", text),
                           "it is not NAME=INTEGER", "Write it as --param TILE=32");
        parameters[text.substr(0, equals)] = value;
    }
    return parameters;
}

} // namespace

Result<KernelChoice> readCandidate(const Task &task, const std::string &path,
                                   const std::vector<std::string> &parameters)
{
    const char *other = task.language == "cuda" ? ".cl" : ".cu";
    if (path.ends_with(other))
        return failure(ErrorCode::BadInput, "cannot evaluate " + path,
                       fmt::format("it ends in {}, and the device takes kernels in {}", other,
                                   task.language == "cuda" ? "CUDA C++ (.cu)" : "OpenCL C (.cl)"),
                       task.language == "cuda" ? "Name an OpenCL device: --device opencl:0"
                                               : "Name a CUDA device: --device cuda:0, or cuda:sm_90 to "
                                                 "compile only");
    WW_TRY(std::string source, readTextFile(path, kMaxSourceBytes));
    WW_TRY(Parameters values, parseParameters(parameters));
    return KernelChoice {path, std::move(source), std::move(values)};
}

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
