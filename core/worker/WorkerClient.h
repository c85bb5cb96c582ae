// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/worker/Messages.h"

#include <functional>
#include <memory>
#include <stop_token>

namespace ww {

/// How to start a worker: locally, `ssh host …` and `srun …` differ only in the command.
struct WorkerSpec {
    std::vector<std::string> command; ///< program and arguments
    std::string label; ///< for messages: "opencl:0", "ssh node1 …"
};

/// The local worker executable for a device spec ("opencl:0", "cuda:0", "cuda:sm_90"), for the first device
/// of a backend ("opencl", "cuda"), or, for an empty one, for the first CUDA device, else the first OpenCL
/// one. Looks beside this program, then in ../libexec/warpwright, then PATH. `noSandbox` passes the worker's
/// explicit opt-out.
[[nodiscard]] Result<WorkerSpec> localWorker(const std::string &deviceSpec, bool noSandbox = false);

/// The language of the kernels that the worker takes: "cuda" for a command that names warpwright-worker-cuda,
/// else "opencl".
[[nodiscard]] std::string languageOf(const WorkerSpec &spec);

/// A worker given by a whole command line, split as a POSIX shell would (quotes, no expansion).
[[nodiscard]] Result<WorkerSpec> workerFromCommand(const std::string &commandLine);

/// What is told while a candidate is in the gate; called on the thread that called evaluate().
struct EvaluationListener {
    std::function<void(const StageRecord &)> onStage;
    std::function<void(const SamplesMessage &)> onSamples;
};

/// A running worker process and the conversation with it. One evaluation at a time; not thread-safe
/// except through the stop token and prepare().
class WorkerClient {
public:
    /// Starts the process and exchanges hello; fails (Infrastructure) with the worker's own words when
    /// it cannot serve, or after `timeoutSeconds`; with Cancelled after a stop request.
    [[nodiscard]] static Result<std::unique_ptr<WorkerClient>>
    start(const WorkerSpec &spec, double timeoutSeconds = 30, std::stop_token stop = {});
    ~WorkerClient();
    WorkerClient(const WorkerClient &) = delete;
    WorkerClient &operator=(const WorkerClient &) = delete;

    [[nodiscard]] const Capabilities &capabilities() const;

    /// Sends the request and waits for its result. A stop request cancels on the worker and returns
    /// Cancelled. Silence over kSilenceSeconds, a worker that takes nothing for as long, a broken pipe or a
    /// protocol error gives Infrastructure and leaves the client dead: start a new one. So does a stop
    /// request while the worker takes nothing.
    [[nodiscard]] Result<Evaluation> evaluate(const EvaluateRequest &request,
                                              const EvaluationListener &listener, std::stop_token stop = {});

    /// Sends the task and waits for its admission report; as evaluate() in every other way.
    [[nodiscard]] Result<AdmissionReport>
    admit(const AdmitRequest &request, const EvaluationListener &listener, std::stop_token stop = {});

    /// Tells the worker of an evaluation that will be asked for; from any thread, without waiting. It is sent
    /// while another evaluation goes on or the next begins; of very many the oldest are not told. Nothing
    /// happens where the worker has one compiler.
    void prepare(EvaluateRequest request);

    [[nodiscard]] bool alive() const;

private:
    struct State;
    template <class Answer, class Request>
    Result<Answer> ask(const Request &request, const EvaluationListener &listener, std::stop_token stop);
    explicit WorkerClient(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace ww
