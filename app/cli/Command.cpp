// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Command.h"

#include "app/cli/Interrupt.h"
#include "core/base/Paths.h"
#include "core/base/Utf8.h"
#include "core/candidate/TaskAdmission.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>

#include <unistd.h>

namespace ww::cli {

namespace {

int firstOutputError = 0; ///< errno of the first write that failed; 0 = none

} // namespace

void writeOutput(const std::string &text)
{
    static const bool isTerminal = ::isatty(STDOUT_FILENO) != 0;
    const std::string shown = isTerminal ? forTerminal(text) : text;
    if (std::fwrite(shown.data(), 1, shown.size(), stdout) != shown.size() && firstOutputError == 0)
        firstOutputError = errno;
}

void sayJson(const nlohmann::json &document, bool asLine)
{
    writeOutput(document.dump(asLine ? -1 : 2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

void writeError(const std::string &text)
{
    static const bool isTerminal = ::isatty(STDERR_FILENO) != 0;
    const std::string shown = isTerminal ? forTerminal(text) : text;
    std::fwrite(shown.data(), 1, shown.size(), stderr);
}

void flushOutput()
{
    if (std::fflush(stdout) != 0 && firstOutputError == 0)
        firstOutputError = errno;
}

int finishOutput(int status)
{
    flushOutput();
    if (firstOutputError == 0 || firstOutputError == EPIPE)
        return status;
    complain("error: cannot write the output: {}\n", std::strerror(firstOutputError));
    return kInfrastructure;
}

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
    complain("error: {}\n", error.message());
    return exitStatus(error);
}

CLI::Validator notNegative()
{
    const auto check = [](const std::string &text) {
        double value = 0;
        const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
        const bool good = code == std::errc() && end == text.data() + text.size() && std::isfinite(value);
        return good && value >= 0 ? std::string() : fmt::format("'{}' is not a number of at least 0", text);
    };
    return CLI::Validator(check, "", "not negative");
}

CLI::Validator seedNumber()
{
    const auto check = [](const std::string &text) {
        uint64_t value = 0;
        const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
        return code == std::errc() && end == text.data() + text.size()
            ? std::string()
            : fmt::format("'{}' is not a whole number from 0 to {}", text, UINT64_MAX);
    };
    return CLI::Validator(check, "", "seed");
}

void DeviceOptions::addTo(CLI::App &command)
{
    command.add_option("--device", devices,
                       "Device to evaluate on: opencl:0, cuda:0, or cuda:sm_90 to compile only (repeatable)");
    command.add_option(
        "--worker", workers,
        "Command line that starts a worker, e.g. 'ssh node1 warpwright-worker-opencl' (repeatable)");
    command.add_flag("--no-sandbox", noSandbox,
                     "Run kernels with no sandbox at all; only for kernels you wrote yourself");
}

Result<std::vector<WorkerSpec>> DeviceOptions::specs() const
{
    std::vector<WorkerSpec> found;
    for (const std::string &command : workers) {
        WW_TRY(WorkerSpec spec, workerFromCommand(command));
        found.push_back(std::move(spec));
    }
    std::vector<std::string> named = devices;
    if (named.empty() && workers.empty())
        named.push_back(backend);
    for (const std::string &device : named) {
        WW_TRY(WorkerSpec spec, localWorker(device, noSandbox));
        found.push_back(std::move(spec));
    }
    for (const WorkerSpec &spec : found) {
        if (languageOf(spec) != languageOf(found.front()))
            return failure(ErrorCode::BadInput, "these devices cannot work together",
                           fmt::format("{} takes kernels in {}, {} in {}", found.front().label,
                                       languageOf(found.front()), spec.label, languageOf(spec)),
                           "Name devices of one kind");
    }
    return found;
}

Result<std::shared_ptr<DevicePool>> DeviceOptions::start() const
{
    holdInterrupts();
    // Nothing is lost while workers start: an interrupt may end the process on the spot.
    const Interrupt quit([] { ::_exit(kInterrupted); });
    WW_TRY(const std::vector<WorkerSpec> wanted, specs());
    WW_TRY(std::shared_ptr<DevicePool> pool, DevicePool::start(wanted));
    for (const Error &problem : pool->problems())
        complain("warning: {}\n", problem.message());
    return pool;
}

Result<std::unique_ptr<WorkerClient>> DeviceOptions::startOne() const
{
    holdInterrupts();
    const Interrupt quit([] { ::_exit(kInterrupted); });
    WW_TRY(const std::vector<WorkerSpec> wanted, specs());
    return WorkerClient::start(wanted.front());
}

Result<std::string> DeviceOptions::language() const
{
    WW_TRY(const std::vector<WorkerSpec> wanted, specs());
    return languageOf(wanted.front());
}

Result<Task> DeviceOptions::openTask(const std::string &nameOrDirectory) const
{
    WW_TRY(const std::string kernels, language());
    std::error_code error;
    if (std::filesystem::exists(std::filesystem::path(nameOrDirectory) / "task.json", error))
        return loadTask(nameOrDirectory, kernels);
    if (nameOrDirectory.find('/') == std::string::npos) {
        WW_TRY(const std::string root, kernelsDirectory());
        const std::string shipped = root + "/" + nameOrDirectory;
        if (std::filesystem::exists(shipped + "/task.json", error))
            return loadTask(shipped, kernels);
    }
    return failure(ErrorCode::NotFound, fmt::format("no task at '{}'", nameOrDirectory),
                   "there is no task.json in that folder, and no shipped task has that name",
                   "'warpwright-cli tasks' lists the shipped ones");
}

} // namespace ww::cli
