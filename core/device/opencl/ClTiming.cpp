// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/opencl/ClTiming.h"

#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>

namespace ww {
namespace {

tl::unexpected<ClProblem> runtimeProblem(const std::string &what, cl_int status)
{
    const bool resource = status == CL_OUT_OF_RESOURCES || status == CL_MEM_OBJECT_ALLOCATION_FAILURE
        || status == CL_INVALID_WORK_GROUP_SIZE || status == CL_INVALID_WORK_ITEM_SIZE;
    return tl::make_unexpected(ClProblem {resource ? Problem::Resource : Problem::Runtime,
                                          fmt::format("{}: {}", what, clErrorName(status))});
}

ClResult<ClEvent> enqueue(const ClDevice &device, const ClLaunch &launch)
{
    ClEvent event;
    const cl_int status =
        clEnqueueNDRangeKernel(device.queue.get(), launch.kernel.get(), 3, nullptr, launch.global.data(),
                               launch.local.data(), 0, nullptr, event.out());
    if (status != CL_SUCCESS)
        return runtimeProblem(fmt::format("kernel '{}' cannot be launched", launch.name), status);
    return event;
}

ClResult<void> waitFor(const ClEvent &event, const ClLaunch &launch)
{
    const cl_event handle = event.get();
    const cl_int status = clWaitForEvents(1, &handle);
    cl_int execution = CL_COMPLETE;
    clGetEventInfo(handle, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof execution, &execution, nullptr);
    if (status != CL_SUCCESS || execution < 0)
        return runtimeProblem(fmt::format("kernel '{}' failed", launch.name),
                              execution < 0 ? execution : status);
    return {};
}

ClResult<cl_ulong> stamp(const ClEvent &event, cl_profiling_info which)
{
    cl_ulong ns = 0;
    const cl_int status = clGetEventProfilingInfo(event.get(), which, sizeof ns, &ns, nullptr);
    if (status != CL_SUCCESS)
        return runtimeProblem("the device gives no time stamps", status);
    return ns;
}

/// One launch being watched. The driver may call back late, when nobody listens any more.
struct Watch {
    std::mutex mutex;
    std::condition_variable changed;
    const PhaseListener *listener = nullptr;
    bool begun = false;
};

void CL_CALLBACK onRunning(cl_event, cl_int, void *data)
{
    const std::unique_ptr<std::shared_ptr<Watch>> watch(static_cast<std::shared_ptr<Watch> *>(data));
    const std::lock_guard lock((*watch)->mutex);
    if ((*watch)->listener)
        (*(*watch)->listener)(true);
    (*watch)->begun = true;
    (*watch)->changed.notify_all();
}

/// Ends the watch, giving a driver that is about to call back a moment to do so.
void endWatch(Watch &watch)
{
    std::unique_lock lock(watch.mutex);
    watch.changed.wait_for(lock, std::chrono::milliseconds(50), [&] { return watch.begun; });
    watch.listener = nullptr;
}

} // namespace

ClResult<void> runWatched(const ClDevice &device, const std::vector<ClLaunch> &launches,
                          const PhaseListener &phase)
{
    for (const ClLaunch &launch : launches) {
        phase(false);
        const ClResult<ClEvent> event = enqueue(device, launch);
        if (!event)
            return tl::make_unexpected(event.error());
        const auto watch = std::make_shared<Watch>();
        watch->listener = &phase;
        auto data = std::make_unique<std::shared_ptr<Watch>>(watch);
        if (clSetEventCallback(event->get(), CL_RUNNING, onRunning, data.get()) == CL_SUCCESS) {
            [[maybe_unused]] const auto *given = data.release();
        } else {
            // A driver that reports no start: the launch counts as running from here.
            phase(true);
            watch->begun = true;
        }
        clFlush(device.queue.get());
        ClResult<void> done = waitFor(*event, launch);
        endWatch(*watch);
        if (!done)
            return done;
    }
    return {};
}

ClResult<float> runTimed(const ClDevice &device, const std::vector<ClLaunch> &launches)
{
    std::vector<ClEvent> events;
    for (const ClLaunch &launch : launches) {
        ClResult<ClEvent> event = enqueue(device, launch);
        if (!event)
            return tl::make_unexpected(event.error());
        events.push_back(std::move(*event));
    }
    if (events.empty())
        return 0.0f;
    if (auto done = waitFor(events.back(), launches.back()); !done)
        return tl::make_unexpected(done.error());
    const ClResult<cl_ulong> begin = stamp(events.front(), CL_PROFILING_COMMAND_START);
    const ClResult<cl_ulong> end = stamp(events.back(), CL_PROFILING_COMMAND_END);
    if (!begin || !end)
        return tl::make_unexpected(begin ? end.error() : begin.error());
    return *end > *begin ? static_cast<float>(*end - *begin) * 1e-3f : 0.0f;
}

} // namespace ww
