// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/Supervisor.h"

#include "core/device/AdmissionStage.h"
#include "core/device/DeviceList.h"
#include "core/device/Gate.h"
#include "core/device/Peaks.h"
#include "core/device/PrivateFolder.h"
#include "core/worker/MessagesJson.h"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include <sys/prctl.h>
#include <unistd.h>

namespace ww {
namespace {

constexpr double kListSeconds = 10;

/// Ends the worker from any thread: no child may outlive it.
[[noreturn]] void endWorker(int status)
{
    killAllChildren();
    removeOwnFolders();
    ::_exit(status);
}

/// Signals that ask the worker to end; a thread waits for them, so that it can end its children first.
sigset_t endingSignals()
{
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP})
        sigaddset(&signals, signal);
    return signals;
}

/// Stdout, shared by the threads that speak.
class Speaker {
public:
    void say(const FromWorker &message)
    {
        const std::string line = toLine(message);
        const std::lock_guard lock(m_mutex);
        if (!writeAll(STDOUT_FILENO, line))
            endWorker(0);
    }

private:
    std::mutex m_mutex;
};

/// Requests between the thread that reads them and the one that works.
class Inbox {
public:
    void put(ToWorker request)
    {
        const std::lock_guard lock(m_mutex);
        m_requests.push_back(std::move(request));
        m_changed.notify_one();
    }
    /// The next request; nothing when none came within the time.
    std::optional<ToWorker> take(std::chrono::milliseconds wait)
    {
        std::unique_lock lock(m_mutex);
        if (!m_changed.wait_for(lock, wait, [this] { return !m_requests.empty(); }))
            return std::nullopt;
        ToWorker request = std::move(m_requests.front());
        m_requests.pop_front();
        return request;
    }
    /// Removes a waiting evaluation or admission; true when it was there.
    bool withdraw(const std::string &id)
    {
        const std::lock_guard lock(m_mutex);
        return std::erase_if(m_requests,
                             [&](const ToWorker &request) {
                                 const auto *evaluation = std::get_if<EvaluateRequest>(&request);
                                 const auto *admission = std::get_if<AdmitRequest>(&request);
                                 return (evaluation && evaluation->id == id)
                                     || (admission && admission->id == id);
                             })
            > 0;
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<ToWorker> m_requests;
};

class Supervisor {
public:
    explicit Supervisor(const WorkerOptions &options) : m_options(options) { }

    int run()
    {
        // Processes that a killed kernel leaves behind come to this one to be reaped.
        ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
        // Every later thread inherits the mask.
        const sigset_t signals = endingSignals();
        ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
        std::thread([signals] {
            int signal = 0;
            ::sigwait(&signals, &signal);
            endWorker(128 + signal);
        }).detach();
        std::thread([this] { readLoop(); }).detach();
        std::thread([this] { heartbeatLoop(); }).detach();
        for (;;) {
            std::optional<ToWorker> request = m_inbox.take(idleWait());
            if (!request)
                idle();
            else if (std::holds_alternative<ShutdownRequest>(*request))
                endWorker(0);
            else if (std::holds_alternative<HelloRequest>(*request))
                hello();
            else if (const auto *evaluation = std::get_if<EvaluateRequest>(&*request))
                serveEvaluation(*evaluation);
            else if (const auto *admission = std::get_if<AdmitRequest>(&*request))
                serveAdmission(*admission);
            else if (const auto *unknown = std::get_if<UnknownRequest>(&*request))
                m_speaker.say(ErrorMessage {
                    {}, "unknown_type", fmt::format("there is no message '{}'", unknown->type)});
        }
    }

private:
    void readLoop();
    void takeLine(const std::string &line);
    void cancel(const std::string &id);

    void heartbeatLoop()
    {
        for (;;) {
            m_speaker.say(HeartbeatMessage {});
            std::this_thread::sleep_for(std::chrono::duration<double>(kHeartbeatSeconds));
        }
    }

    /// Opens the bench at the first need; says why it cannot.
    Result<Bench *> bench()
    {
        if (m_bench)
            return m_bench.get();
        if (!m_sandbox)
            m_sandbox = std::make_unique<Sandbox>(Sandbox::probe(m_options.sandbox));
        if (!m_sandbox->confines() && !m_sandbox->waived())
            return failure(
                ErrorCode::Unsupported, "this worker evaluates nothing",
                "no sandbox can be had: " + m_sandbox->note(),
                "Install bubblewrap, or use a kernel with Landlock; --no-sandbox goes without, for kernels "
                "you trust as you trust your own programs");
        WW_TRY(const std::vector<Capabilities> devices, listDevices(*m_sandbox, kListSeconds));
        WW_TRY(ChosenDevice device, chooseDevice(devices, m_options.device));
        if (device.isGpu()) {
            m_sandbox->fitTo(device.address);
            device.facts.sandbox = m_sandbox->level();
            device.facts.sandboxNote = m_sandbox->note();
        }
        loadMeasured(device.facts);
        device.facts.compilers = compilersFor(device);
        m_bench = std::make_unique<Bench>(*m_sandbox, device);
        m_ahead = m_bench->ahead.get();
        return m_bench.get();
    }

    void hello()
    {
        const Result<Bench *> ready = bench();
        if (!ready)
            return m_speaker.say(ErrorMessage {{}, toString(ready.error().code), ready.error().message()});
        m_speaker.say((*ready)->device.facts);
        m_greeted = true;
    }

    void serveEvaluation(const EvaluateRequest &request);
    void serveAdmission(const AdmitRequest &request);
    using Work = std::function<std::optional<FromWorker>(Bench &bench, const GateListener &listener)>;
    void serve(const std::string &id, const Work &work);

    /// Between requests: children are started and peaks measured while nobody waits.
    void idle()
    {
        if (!m_greeted || !m_bench)
            return;
        m_bench->runners.startMissing();
        m_settled = m_bench->runners.complete();
        if (m_settled && !m_bench->peaksKnown && !m_bench->device.compilesOnly()) {
            const Cancellation never;
            ensurePeaks(*m_bench, never);
            // One that could not be measured is left to the next evaluation.
            m_bench->peaksKnown = true;
        }
    }
    [[nodiscard]] std::chrono::milliseconds idleWait() const
    {
        return std::chrono::milliseconds(m_settled || !m_greeted ? 60000 : 20);
    }

    WorkerOptions m_options;
    Speaker m_speaker;
    Inbox m_inbox;
    std::unique_ptr<Sandbox> m_sandbox;
    std::unique_ptr<Bench> m_bench;
    std::atomic<CompileAhead *> m_ahead = nullptr; ///< the bench's, once there is one
    bool m_greeted = false;
    bool m_settled = false; ///< every child is warm: nothing to do between requests

    std::mutex m_currentMutex; ///< guards m_current
    std::string m_current; ///< id of the evaluation that goes on
    Cancellation m_cancellation;
};

/// Work that goes on for a while and can be cancelled; it gives its answer, or nothing when cancelled.
void Supervisor::serve(const std::string &id, const Work &work)
{
    const Result<Bench *> ready = bench();
    if (!ready)
        return m_speaker.say(ErrorMessage {id, toString(ready.error().code), ready.error().message()});
    {
        const std::lock_guard lock(m_currentMutex);
        m_current = id;
        m_cancellation.clear();
    }
    GateListener listener;
    listener.onStage = [&](const StageRecord &stage) { m_speaker.say(StageMessage {id, stage}); };
    listener.onSamples = [&](const std::string &workload, bool baseline, const std::vector<float> &us) {
        m_speaker.say(SamplesMessage {id, workload, us, baseline});
    };
    const std::optional<FromWorker> answer = work(**ready, listener);
    {
        const std::lock_guard lock(m_currentMutex);
        m_current.clear();
    }
    m_greeted = true;
    m_speaker.say(answer.value_or(ErrorMessage {id, "cancelled", "the evaluation was cancelled"}));
    (*ready)->runners.scrub();
    // A runner that died is replaced while the caller thinks about the next candidate.
    (*ready)->runners.startMissing();
    m_settled = false;
}

void Supervisor::serveEvaluation(const EvaluateRequest &request)
{
    serve(request.id, [&](Bench &bench, const GateListener &listener) -> std::optional<FromWorker> {
        std::optional<Evaluation> evaluation = evaluate(request, bench, listener, m_cancellation);
        if (!evaluation)
            return std::nullopt;
        return ResultMessage {request.id, request.nonce, std::move(*evaluation)};
    });
}

void Supervisor::serveAdmission(const AdmitRequest &request)
{
    serve(request.id, [&](Bench &bench, const GateListener &listener) -> std::optional<FromWorker> {
        std::optional<AdmissionReport> report = admit(request, bench, listener, m_cancellation);
        if (!report)
            return std::nullopt;
        return AdmissionMessage {request.id, request.nonce, std::move(*report)};
    });
}

void Supervisor::cancel(const std::string &id)
{
    CompileAhead *ahead = m_ahead;
    const bool prepared = ahead && ahead->withdraw(id);
    if (m_inbox.withdraw(id))
        return m_speaker.say(ErrorMessage {id, "cancelled", "the evaluation was cancelled before it began"});
    const std::lock_guard lock(m_currentMutex);
    if (m_current == id)
        m_cancellation.request();
    else if (!prepared)
        m_speaker.say(ErrorMessage {id, "not_found", "there is no such evaluation"});
}

void Supervisor::takeLine(const std::string &line)
{
    Result<ToWorker> request = parseToWorker(line);
    if (!request) {
        m_speaker.say(ErrorMessage {{}, toString(request.error().code), request.error().message()});
        endWorker(1);
    }
    if (const auto *cancelled = std::get_if<CancelRequest>(&*request))
        cancel(cancelled->id);
    else if (auto *prepared = std::get_if<PrepareRequest>(&*request)) {
        if (CompileAhead *ahead = m_ahead)
            ahead->prepare(std::move(prepared->evaluation));
    } else
        m_inbox.put(std::move(*request));
}

/// Reads until stdin ends: whoever started this worker is then gone, and it goes too.
void Supervisor::readLoop()
{
    LineBuffer lines(kMaxLineBytes);
    std::array<char, 65536> buffer;
    for (;;) {
        const ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            endWorker(0);
        const Status added = lines.add({buffer.data(), static_cast<size_t>(count)});
        while (const auto line = lines.next())
            takeLine(*line);
        if (!added) {
            m_speaker.say(ErrorMessage {{}, toString(added.error().code), added.error().message()});
            endWorker(1);
        }
    }
}

} // namespace

int superviseMain(const WorkerOptions &options)
{
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
    return Supervisor(options).run();
}

int listMain(const WorkerOptions &options)
{
    const Sandbox sandbox = Sandbox::probe(options.sandbox);
    const Result<std::vector<Capabilities>> devices = listDevices(sandbox, kListSeconds);
    if (!devices) {
        std::fprintf(stderr, "%s\n", devices.error().message().c_str());
        return 1;
    }
    for (Capabilities device : *devices) {
        loadMeasured(device);
        std::fputs(toLine(FromWorker(device)).c_str(), stdout);
    }
    return 0;
}

} // namespace ww
