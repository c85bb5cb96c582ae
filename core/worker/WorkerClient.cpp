// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/worker/WorkerClient.h"

#include "core/base/Subprocess.h"
#include "core/base/Utf8.h"
#include "core/worker/MessagesJson.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace ww {
namespace {

using Clock = std::chrono::steady_clock;

/// How long a worker may take to acknowledge a cancel before it is taken for stuck.
constexpr double kCancelSeconds = 5;
/// How long a worker may take to take its farewell before it is killed.
constexpr double kShutdownSeconds = 1;
constexpr size_t kKeptStderrBytes = 4096;
/// A source and a task each: more wait for a device only where somebody does not stop proposing.
constexpr size_t kMostPrepared = 32;
/// Two of the longest lines: many times what one evaluation tells.
constexpr size_t kMostUnreadBytes = 2 * kMaxLineBytes;

Error brokenWorker(const std::string &label, std::string why)
{
    return Error {ErrorCode::Infrastructure,
                  fmt::format("worker {} failed", label),
                  std::move(why),
                  "Run 'warpwright-cli doctor' to see what is missing",
                  {}};
}

} // namespace

struct WorkerClient::State {
    explicit State(Subprocess child) : process(std::move(child)) { }

    ~State()
    {
        if (!broken) [[maybe_unused]]
            const Status sent = send(ShutdownRequest {}, kShutdownSeconds);
        process.closeStdin();
        [[maybe_unused]] const std::optional<int> ended = process.wait(broken ? 0 : kShutdownSeconds);
        process.kill();
        const uint64_t one = 1;
        [[maybe_unused]] const ssize_t written = ::write(wake, &one, sizeof one);
        if (reader.joinable())
            reader.join();
        if (wake >= 0)
            ::close(wake);
    }

    Status send(const ToWorker &message, double patience, const std::stop_token &stop = {});
    void readLoop();
    void take(std::string_view bytes);
    void fail(std::string why);
    Status sendOutbox(std::unique_lock<std::mutex> &lock, const std::stop_token &stop);
    Result<FromWorker> receive(Clock::time_point deadline, const std::stop_token &stop);

    std::string label;
    Subprocess process;
    Capabilities capabilities;
    int wake = -1; ///< eventfd that ends the reader
    std::thread reader;
    LineBuffer lines {kMaxLineBytes};

    std::mutex mutex; ///< guards what follows
    std::condition_variable_any changed;
    std::deque<FromWorker> inbox;
    size_t unreadBytes = 0; ///< of the lines in it, since it was last empty
    std::deque<PrepareRequest> outbox; ///< told by other threads, sent by the one that waits for an answer
    std::string stderrTail;
    std::string failure; ///< why the conversation is over; empty while it goes on
    Clock::time_point lastHeard = Clock::now();
    bool broken = false; ///< used on the caller's side only
};

/// Writes the message; fails when the worker takes nothing of it for so many seconds, or with Cancelled.
Status WorkerClient::State::send(const ToWorker &message, double patience, const std::stop_token &stop)
{
    constexpr int kLookMs = 50; // how often a stop request is looked for
    const std::string line = toLine(message);
    std::string_view rest = line;
    Clock::time_point lastTaken = Clock::now();
    while (!rest.empty()) {
        const ssize_t count = ::write(process.stdinFd(), rest.data(), rest.size());
        if (count > 0) {
            rest.remove_prefix(static_cast<size_t>(count));
            lastTaken = Clock::now();
        } else if (errno == EAGAIN) {
            pollfd room {process.stdinFd(), POLLOUT, 0};
            if (::poll(&room, 1, kLookMs) > 0)
                continue;
            if (stop.stop_requested())
                return ww::failure(ErrorCode::Cancelled, "evaluation cancelled");
            if (Clock::now() - lastTaken > std::chrono::duration<double>(patience))
                return ww::failure(ErrorCode::Timeout, "it does not take what it is sent");
        } else if (errno != EINTR) {
            return ww::failure(ErrorCode::Io, "cannot write to a process", std::strerror(errno));
        }
    }
    return {};
}

void WorkerClient::State::fail(std::string why)
{
    const std::lock_guard lock(mutex);
    if (failure.empty())
        failure = std::move(why);
    changed.notify_all();
}

void WorkerClient::State::take(std::string_view bytes)
{
    if (const Status added = lines.add(bytes); !added)
        return fail(added.error().message());
    while (const auto line = lines.next()) {
        Result<FromWorker> message = parseFromWorker(*line);
        const std::lock_guard lock(mutex);
        lastHeard = Clock::now();
        if (!failure.empty())
            continue; // read on, so that it does not block, and keep nothing
        if (message) {
            if (std::holds_alternative<HeartbeatMessage>(*message))
                continue;
            inbox.push_back(std::move(*message));
            unreadBytes += line->size();
            if (unreadBytes > kMostUnreadBytes)
                failure =
                    fmt::format("it sent more than {} MiB that nobody asked for", kMostUnreadBytes >> 20);
        } else if (message.error().code != ErrorCode::Unsupported) {
            failure = message.error().message();
        }
        changed.notify_all();
    }
}

/// Drains the worker's output for as long as it lives, so that a full pipe never blocks it.
void WorkerClient::State::readLoop()
{
    std::array<char, 65536> buffer {};
    bool outOpen = true;
    bool errOpen = true;
    while (outOpen) {
        std::array<pollfd, 3> fds {pollfd {process.stdoutFd(), POLLIN, 0}, pollfd {wake, POLLIN, 0},
                                   pollfd {errOpen ? process.stderrFd() : -1, POLLIN, 0}};
        if (::poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR)
            break;
        if (fds[1].revents != 0)
            break;
        if (fds[2].revents != 0) {
            const ssize_t count = ::read(process.stderrFd(), buffer.data(), buffer.size());
            errOpen = count > 0;
            const std::lock_guard lock(mutex);
            stderrTail.append(buffer.data(), static_cast<size_t>(std::max<ssize_t>(count, 0)));
            if (stderrTail.size() > kKeptStderrBytes)
                stderrTail.erase(0, stderrTail.size() - kKeptStderrBytes);
        }
        if (fds[0].revents != 0) {
            const ssize_t count = ::read(process.stdoutFd(), buffer.data(), buffer.size());
            outOpen = count > 0;
            if (outOpen)
                take({buffer.data(), static_cast<size_t>(count)});
        }
    }
    fail("it ended");
}

/// Sends what waits there with the lock let go, because a worker may be slow to read.
Status WorkerClient::State::sendOutbox(std::unique_lock<std::mutex> &lock, const std::stop_token &stop)
{
    while (!outbox.empty()) {
        const PrepareRequest request = std::move(outbox.front());
        outbox.pop_front();
        lock.unlock();
        const Status sent = send(request, kSilenceSeconds, stop);
        lock.lock();
        WW_CHECK(sent);
    }
    return {};
}

Result<FromWorker> WorkerClient::State::receive(Clock::time_point deadline, const std::stop_token &stop)
{
    std::unique_lock lock(mutex);
    const auto silence = std::chrono::duration<double>(kSilenceSeconds);
    for (;;) {
        // Before what has come, so that a worker that never falls silent can be cancelled and timed out.
        const auto now = Clock::now();
        if (now >= deadline)
            return ww::failure(ErrorCode::Timeout, "worker " + label, "no answer in time");
        if (stop.stop_requested())
            return ww::failure(ErrorCode::Cancelled, "evaluation cancelled");
        if (!inbox.empty()) {
            FromWorker message = std::move(inbox.front());
            inbox.pop_front();
            if (inbox.empty())
                unreadBytes = 0;
            return message;
        }
        if (!failure.empty()) {
            const std::string said = toValidUtf8(stderrTail);
            return tl::make_unexpected(
                brokenWorker(label, said.empty() ? failure : failure + "; it said: " + said));
        }
        if (now - lastHeard > silence)
            return tl::make_unexpected(brokenWorker(label, fmt::format("silent for {} s", kSilenceSeconds)));
        if (const Status sent = sendOutbox(lock, stop); !sent)
            return tl::make_unexpected(brokenWorker(label, sent.error().message()));
        if (!inbox.empty() || !failure.empty())
            continue;
        const auto until = std::min(deadline,
                                    lastHeard + std::chrono::duration_cast<Clock::duration>(silence)
                                        + std::chrono::milliseconds(1));
        changed.wait_until(lock, stop, until,
                           [&] { return !inbox.empty() || !outbox.empty() || !failure.empty(); });
    }
}

WorkerClient::WorkerClient(std::unique_ptr<State> state) : m_state(std::move(state)) { }
WorkerClient::~WorkerClient() = default;

const Capabilities &WorkerClient::capabilities() const
{
    return m_state->capabilities;
}
bool WorkerClient::alive() const
{
    return !m_state->broken;
}

void WorkerClient::prepare(EvaluateRequest request)
{
    if (m_state->capabilities.compilers < 2)
        return;
    const std::lock_guard lock(m_state->mutex);
    m_state->outbox.push_back({std::move(request)});
    if (m_state->outbox.size() > kMostPrepared)
        m_state->outbox.pop_front();
    m_state->changed.notify_all();
}

Result<std::unique_ptr<WorkerClient>> WorkerClient::start(const WorkerSpec &spec, double timeoutSeconds,
                                                          std::stop_token stop)
{
    SpawnOptions options;
    options.command = spec.command;
    Result<Subprocess> child = Subprocess::spawn(options);
    if (!child)
        return tl::make_unexpected(brokenWorker(spec.label, child.error().message()));
    auto state = std::make_unique<State>(std::move(*child));
    state->label = spec.label;
    state->wake = ::eventfd(0, EFD_CLOEXEC);
    const int input = state->process.stdinFd();
    if (state->wake < 0 || ::fcntl(input, F_SETFL, ::fcntl(input, F_GETFL) | O_NONBLOCK) != 0)
        return tl::make_unexpected(brokenWorker(spec.label, std::strerror(errno)));
    state->reader = std::thread([raw = state.get()] { raw->readLoop(); });
    // A worker that cannot start says why on its way out; that matters more than the broken pipe.
    [[maybe_unused]] const Status sent = state->send(HelloRequest {}, timeoutSeconds, stop);

    const auto deadline = Clock::now()
        + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(timeoutSeconds));
    for (;;) {
        Result<FromWorker> message = state->receive(deadline, stop);
        if (!message) {
            state->broken = true;
            if (message.error().code == ErrorCode::Cancelled)
                return failure(ErrorCode::Cancelled, "starting worker " + spec.label + " was cancelled");
            return tl::make_unexpected(message.error().code == ErrorCode::Timeout
                                           ? brokenWorker(spec.label, "it did not answer hello in time")
                                           : message.error());
        }
        if (auto *capabilities = std::get_if<Capabilities>(&*message)) {
            state->capabilities = std::move(*capabilities);
            return std::unique_ptr<WorkerClient>(new WorkerClient(std::move(state)));
        }
        if (const auto *error = std::get_if<ErrorMessage>(&*message)) {
            state->broken = true;
            return tl::make_unexpected(brokenWorker(spec.label, error->message));
        }
    }
}

/// Sends a request and waits for the answer with its id and nonce.
template <class Answer, class Request>
Result<Answer> WorkerClient::ask(const Request &request, const EvaluationListener &listener,
                                 std::stop_token stop)
{
    State &state = *m_state;
    const auto giveUp = [&](Error error) {
        state.broken = true;
        return tl::make_unexpected(std::move(error));
    };
    if (state.broken)
        return tl::make_unexpected(brokenWorker(state.label, "it has already failed"));
    if (Status sent = state.send(request, kSilenceSeconds, stop); !sent) {
        const bool cancelled = sent.error().code == ErrorCode::Cancelled; // in the middle of a line
        return giveUp(cancelled ? std::move(sent.error())
                                : brokenWorker(state.label, sent.error().message()));
    }

    bool cancelling = false;
    Clock::time_point deadline = Clock::time_point::max();
    for (;;) {
        Result<FromWorker> message = state.receive(deadline, cancelling ? std::stop_token {} : stop);
        if (!message && message.error().code == ErrorCode::Cancelled) {
            cancelling = true;
            deadline = Clock::now()
                + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(kCancelSeconds));
            if (const Status sent = state.send(CancelRequest {request.id}, kCancelSeconds); !sent)
                return giveUp(brokenWorker(state.label, sent.error().message()));
            continue;
        }
        if (!message) {
            state.broken = true;
            if (cancelling)
                return failure(ErrorCode::Cancelled, "evaluation cancelled");
            return tl::make_unexpected(message.error());
        }
        if (auto *stage = std::get_if<StageMessage>(&*message); stage && stage->id == request.id) {
            if (listener.onStage && !cancelling)
                listener.onStage(stage->stage);
        } else if (auto *samples = std::get_if<SamplesMessage>(&*message);
                   samples && samples->id == request.id) {
            if (listener.onSamples && !cancelling)
                listener.onSamples(*samples);
        } else if (auto *result = std::get_if<Answer>(&*message); result && result->id == request.id) {
            if (result->nonce != request.nonce)
                return giveUp(brokenWorker(state.label, "its result carries another request's nonce"));
            if (cancelling)
                return failure(ErrorCode::Cancelled, "evaluation cancelled");
            return std::move(*result);
        } else if (auto *error = std::get_if<ErrorMessage>(&*message)) {
            if (error->id == request.id && (cancelling || error->code == "cancelled"))
                return failure(ErrorCode::Cancelled, "evaluation cancelled");
            if (error->id == request.id || error->id.empty())
                return giveUp(brokenWorker(state.label, error->message));
        }
    }
}

Result<Evaluation> WorkerClient::evaluate(const EvaluateRequest &request, const EvaluationListener &listener,
                                          std::stop_token stop)
{
    WW_TRY(ResultMessage result, ask<ResultMessage>(request, listener, std::move(stop)));
    return std::move(result.evaluation);
}

Result<AdmissionReport> WorkerClient::admit(const AdmitRequest &request, const EvaluationListener &listener,
                                            std::stop_token stop)
{
    WW_TRY(AdmissionMessage result, ask<AdmissionMessage>(request, listener, std::move(stop)));
    return std::move(result.report);
}

} // namespace ww
