// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/worker/DevicePool.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace ww {
namespace {

/// Starts that may fail in a row before a device is given up.
constexpr int kStartsInARow = 3;

} // namespace

struct DevicePool::State {
    struct Device {
        WorkerSpec spec;
        std::optional<Capabilities> capabilities; ///< set once it has started
        bool lost = false; ///< given up after kStartsInARow failed starts
        std::stop_source cancel; ///< of the job in flight
        /// Started, used and ended by the device's thread; others may tell it of jobs to come.
        std::unique_ptr<WorkerClient> client;
        std::jthread thread;
    };

    ~State()
    {
        for (const auto &device : devices) {
            device->thread.request_stop();
            const std::lock_guard lock(mutex);
            device->cancel.request_stop();
        }
        changed.notify_all();
        for (const auto &device : devices) {
            if (device->thread.joinable())
                device->thread.join();
        }
        for (Job &job : queue)
            job.onDone(failure(ErrorCode::Cancelled, "evaluation cancelled"));
    }

    void serve(Device &device, const std::stop_token &stop);
    void startWorker(Device &device, const std::stop_token &stop);
    void endWorker(Device &device);
    std::optional<Job> nextJob(Device &device, const std::stop_token &stop);
    Result<Evaluation> run(Device &device, const Job &job);
    /// What waits, when this was the last device, ends with `why`, or with the reason why it did not start.
    void giveUp(Device &device, std::optional<Error> why);

    mutable std::mutex mutex; ///< guards what follows, and the devices' capabilities, lost, cancel and client
    std::condition_variable_any changed;
    std::deque<Job> queue;
    std::vector<std::unique_ptr<Device>> devices;
    std::vector<Error> problems;
    size_t started = 0; ///< devices whose first start has succeeded or failed
};

void DevicePool::State::startWorker(Device &device, const std::stop_token &stop)
{
    constexpr double kStartSeconds = 30;
    Result<std::unique_ptr<WorkerClient>> client = WorkerClient::start(device.spec, kStartSeconds, stop);
    const std::lock_guard lock(mutex);
    if (!client) {
        if (client.error().code != ErrorCode::Cancelled)
            problems.push_back(client.error());
        return;
    }
    device.capabilities = (*client)->capabilities();
    device.client = std::move(*client);
}

void DevicePool::State::endWorker(Device &device)
{
    std::unique_ptr<WorkerClient> ending;
    const std::lock_guard lock(mutex);
    ending.swap(device.client);
}

std::optional<Evaluator::Job> DevicePool::State::nextJob(Device &device, const std::stop_token &stop)
{
    std::unique_lock lock(mutex);
    // wait() also returns true for a full queue after a stop was asked for.
    if (!changed.wait(lock, stop, [&] { return !queue.empty(); }) || stop.stop_requested())
        return std::nullopt;
    Job job = std::move(queue.front());
    queue.pop_front();
    device.cancel = {};
    return job;
}

Result<Evaluation> DevicePool::State::run(Device &device, const Job &job)
{
    std::stop_token cancel;
    {
        const std::lock_guard lock(mutex);
        cancel = device.cancel.get_token();
    }
    const EvaluationListener listener {job.onStage, job.onSamples};
    Result<Evaluation> result =
        failure(ErrorCode::Infrastructure, "worker " + device.spec.label, "did not start");
    for (int attempt = 0; attempt < 2; ++attempt) {
        for (int start = 0; !device.client && start < kStartsInARow && !cancel.stop_requested(); ++start)
            startWorker(device, cancel);
        if (cancel.stop_requested())
            return failure(ErrorCode::Cancelled, "evaluation cancelled");
        if (!device.client) {
            const std::lock_guard lock(mutex);
            return tl::make_unexpected(problems.back());
        }
        result = device.client->evaluate(job.request, listener, cancel);
        if (!device.client->alive())
            endWorker(device);
        if (result || result.error().code != ErrorCode::Infrastructure)
            break;
    }
    return result;
}

void DevicePool::State::giveUp(Device &device, std::optional<Error> why)
{
    std::deque<Job> orphans;
    {
        const std::lock_guard lock(mutex);
        device.lost = true;
        bool anyLeft = false;
        for (const auto &other : devices)
            anyLeft = anyLeft || !other->lost;
        if (!anyLeft)
            orphans.swap(queue);
        if (!why)
            why = problems.back();
    }
    for (Job &job : orphans)
        job.onDone(tl::make_unexpected(*why));
}

void DevicePool::State::serve(Device &device, const std::stop_token &stop)
{
    // The worker dies with the thread that started it, so this thread starts it and stays.
    startWorker(device, stop);
    {
        const std::lock_guard lock(mutex);
        device.lost = !device.client;
        ++started;
        changed.notify_all();
    }
    while (device.client && !stop.stop_requested()) {
        const std::optional<Job> job = nextJob(device, stop);
        if (!job)
            break;
        Result<Evaluation> result = run(device, *job);
        const bool lost = !device.client && !result && result.error().code == ErrorCode::Infrastructure;
        std::optional<Error> why;
        if (lost)
            why = result.error();
        job->onDone(std::move(result));
        if (!device.client && !lost)
            startWorker(device, stop);
        if (!device.client && !stop.stop_requested())
            return giveUp(device, std::move(why));
    }
    endWorker(device);
}

DevicePool::DevicePool(std::unique_ptr<State> state) : m_state(std::move(state)) { }
DevicePool::~DevicePool() = default;

Result<std::unique_ptr<DevicePool>> DevicePool::start(const std::vector<WorkerSpec> &specs,
                                                      std::stop_token stop)
{
    if (specs.empty())
        return failure(ErrorCode::BadInput, "cannot start a device pool", "no device is named");
    auto state = std::make_unique<State>();
    State &shared = *state;
    for (const WorkerSpec &spec : specs) {
        auto device = std::make_unique<State::Device>();
        device->spec = spec;
        shared.devices.push_back(std::move(device));
    }
    for (const auto &device : shared.devices)
        device->thread = std::jthread(
            [&shared, raw = device.get()](const std::stop_token &ending) { shared.serve(*raw, ending); });
    const std::stop_callback endAll(stop, [&shared] {
        for (const auto &device : shared.devices)
            device->thread.request_stop();
    });
    std::unique_lock lock(shared.mutex);
    shared.changed.wait(lock, [&] { return shared.started == shared.devices.size(); });
    if (stop.stop_requested()) {
        lock.unlock();
        return failure(ErrorCode::Cancelled, "starting the devices was cancelled");
    }
    bool any = false;
    for (const auto &device : shared.devices)
        any = any || !device->lost;
    if (!any) {
        Error error = shared.problems.front();
        lock.unlock();
        return tl::make_unexpected(std::move(error));
    }
    lock.unlock();
    return std::unique_ptr<DevicePool>(new DevicePool(std::move(state)));
}

int DevicePool::capacity() const
{
    const std::lock_guard lock(m_state->mutex);
    int count = 0;
    for (const auto &device : m_state->devices)
        count += device->lost ? 0 : 1;
    return count;
}

std::vector<Capabilities> DevicePool::devices() const
{
    const std::lock_guard lock(m_state->mutex);
    std::vector<Capabilities> list;
    for (const auto &device : m_state->devices) {
        if (device->capabilities && !device->lost)
            list.push_back(*device->capabilities);
    }
    return list;
}

std::vector<Error> DevicePool::problems() const
{
    const std::lock_guard lock(m_state->mutex);
    return m_state->problems;
}

void DevicePool::submit(Job job)
{
    {
        const std::lock_guard lock(m_state->mutex);
        bool any = false;
        for (const auto &device : m_state->devices)
            any = any || !device->lost;
        if (any) {
            m_state->queue.push_back(std::move(job));
            m_state->changed.notify_all();
            return;
        }
    }
    job.onDone(failure(ErrorCode::Infrastructure, "cannot evaluate", "every device is lost",
                       "Run 'warpwright-cli doctor', then 'resume'"));
}

void DevicePool::prepare(const EvaluateRequest &request)
{
    // Nobody knows yet which device will be free first.
    const std::lock_guard lock(m_state->mutex);
    for (const auto &device : m_state->devices) {
        if (device->client)
            device->client->prepare(request);
    }
}

void DevicePool::cancelAll()
{
    std::deque<Job> dropped;
    {
        const std::lock_guard lock(m_state->mutex);
        dropped.swap(m_state->queue);
        for (const auto &device : m_state->devices)
            device->cancel.request_stop();
    }
    for (Job &job : dropped)
        job.onDone(failure(ErrorCode::Cancelled, "evaluation cancelled"));
}

} // namespace ww
