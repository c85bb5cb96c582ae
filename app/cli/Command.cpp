// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Command.h"

#include "app/cli/Interrupt.h"
#include "core/base/Paths.h"
#include "core/candidate/TaskAdmission.h"

#include <fmt/format.h>

#include <filesystem>

#include <unistd.h>

namespace ww::cli {

int exitStatus(const Error &error)
{
    switch (error.code) {
    case ErrorCode::BadInput:
    case ErrorCode::NotFound:
    case ErrorCode::Unsupported: return kBadInput;
    case ErrorCode::Cancelled: return kInterrupted;
    case ErrorCode::Io:
    case ErrorCode::Infrastructure:
    case ErrorCode::Timeout:
    case ErrorCode::Internal: return kInfrastructure;
    }
    return kInfrastructure;
}

int reportError(const Error &error)
{
    fmt::print(stderr, "error: {}\n", error.message());
    return exitStatus(error);
}

void DeviceOptions::addTo(CLI::App &command)
{
    command.add_option("--device", devices, "Device to evaluate on, e.g. opencl:0 (repeatable)");
    command.add_option(
        "--worker", workers,
        "Command line that starts a worker, e.g. 'ssh node1 warpwright-worker-opencl' (repeatable)");
    command.add_flag("--no-sandbox", noSandbox,
                     "Run kernels with no sandbox at all; only for kernels you wrote yourself");
}

Result<std::shared_ptr<DevicePool>> DeviceOptions::start() const
{
    holdInterrupts();
    // Nothing is lost while workers start: an interrupt may end the process on the spot.
    const Interrupt quit([] { ::_exit(kInterrupted); });
    std::vector<WorkerSpec> specs;
    for (const std::string &command : workers) {
        WW_TRY(WorkerSpec spec, workerFromCommand(command));
        specs.push_back(std::move(spec));
    }
    std::vector<std::string> named = devices;
    if (named.empty() && workers.empty())
        named.emplace_back();
    for (const std::string &device : named) {
        WW_TRY(WorkerSpec spec, localWorker(device, noSandbox));
        specs.push_back(std::move(spec));
    }
    WW_TRY(std::shared_ptr<DevicePool> pool, DevicePool::start(specs));
    for (const Error &problem : pool->problems())
        fmt::print(stderr, "warning: {}\n", problem.message());
    return pool;
}

Result<Task> openTask(const std::string &nameOrDirectory)
{
    std::error_code error;
    if (std::filesystem::exists(std::filesystem::path(nameOrDirectory) / "task.json", error))
        return loadTask(nameOrDirectory);
    if (nameOrDirectory.find('/') == std::string::npos) {
        WW_TRY(const std::string root, kernelsDirectory());
        const std::string shipped = root + "/" + nameOrDirectory;
        if (std::filesystem::exists(shipped + "/task.json", error))
            return loadTask(shipped);
    }
    return failure(ErrorCode::NotFound, fmt::format("no task at '{}'", nameOrDirectory),
                   "there is no task.json in that folder, and no shipped task has that name",
                   "'warpwright-cli tasks' lists the shipped ones");
}

} // namespace ww::cli
