// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/bridge/DeviceListing.h"

#include "core/base/Subprocess.h"
#include "core/worker/MessagesJson.h"
#include "core/worker/WorkerClient.h"

#include <chrono>

#include <poll.h>
#include <unistd.h>

namespace ww::ui {

namespace {

constexpr std::chrono::seconds kLimit(30);

// What the program prints until it closes its output.
Result<std::string> outputOf(const std::vector<std::string> &command, const std::stop_token &stop)
{
    SpawnOptions options;
    options.command = command;
    WW_TRY(Subprocess child, Subprocess::spawn(options));
    child.closeStdin();
    std::string output;
    const auto end = std::chrono::steady_clock::now() + kLimit;
    while (std::chrono::steady_clock::now() < end) {
        if (stop.stop_requested())
            return failure(ErrorCode::Cancelled, "listing devices was cancelled");
        pollfd waiting {child.stdoutFd(), POLLIN, 0};
        if (::poll(&waiting, 1, 100) <= 0)
            continue;
        char buffer[4096];
        const ssize_t count = ::read(child.stdoutFd(), buffer, sizeof buffer);
        if (count <= 0)
            return output;
        output.append(buffer, static_cast<size_t>(count));
    }
    return failure(ErrorCode::Timeout, "cannot list devices", command.front() + " does not answer",
                   "A broken OpenCL driver can hang here: look at /etc/OpenCL/vendors");
}

// The devices of a backend that can measure; why there are none goes to `problem`.
Result<std::vector<Capabilities>> devicesOf(const std::string &backend, std::string &problem,
                                            const std::stop_token &stop)
{
    WW_TRY(const WorkerSpec worker, localWorker(backend));
    WW_TRY(const std::string output, outputOf({worker.command.front(), "--list"}, stop));
    LineBuffer lines(kMaxLineBytes);
    WW_CHECK(lines.add(output));
    std::vector<Capabilities> devices;
    while (const auto line = lines.next()) {
        WW_TRY(const FromWorker message, parseFromWorker(*line));
        if (const auto *device = std::get_if<Capabilities>(&message);
            device && device->deviceKind != "compiler")
            devices.push_back(*device);
        else if (const auto *error = std::get_if<ErrorMessage>(&message))
            problem = error->message;
    }
    return devices;
}

} // namespace

Result<std::vector<Capabilities>> listDevices(const std::stop_token &stop)
{
    std::string problem;
    // A CUDA worker is optional: where there is none, or no GPU, OpenCL is what there is.
    std::vector<Capabilities> devices =
        devicesOf("cuda", problem, stop).value_or(std::vector<Capabilities> {});
    problem.clear();
    const Result<std::vector<Capabilities>> more = devicesOf("opencl", problem, stop);
    if (more)
        devices.insert(devices.end(), more->begin(), more->end());
    else if (devices.empty())
        return more;
    if (devices.empty())
        return failure(ErrorCode::NotFound, "no device to evaluate kernels on",
                       problem.empty() ? "no OpenCL device was found" : problem,
                       "Install the CPU device: apt-get install pocl-opencl-icd");
    return devices;
}

} // namespace ww::ui
