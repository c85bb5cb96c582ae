// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"
#include "core/task/Task.h"
#include "core/worker/DevicePool.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json_fwd.hpp>

#include <cstdio>

#include <memory>
#include <string>
#include <vector>

namespace ww {
struct Session;
}

namespace ww::cli {

/// Exit status of the process (cli.md).
enum ExitStatus { kDone = 0, kCandidateFailed = 1, kBadInput = 2, kInfrastructure = 3, kInterrupted = 130 };

/// Writes to standard output, on a terminal by forTerminal(); keeps the first failure for finishOutput().
void writeOutput(const std::string &text);
/// Hands what was printed so far to the reader; failures are kept likewise.
void flushOutput();

/// Prints to standard output. Never throws: a search must not end because `| head` has read enough. What
/// could not be written shows at the end, see finishOutput().
template <class... T> void say(fmt::format_string<T...> format, T &&...values)
{
    writeOutput(fmt::format(format, std::forward<T>(values)...));
}

/// Prints one JSON document to read, or with `asLine` one of JSON Lines; what is not UTF-8 in it (a file's
/// name) is replaced.
void sayJson(const nlohmann::json &document, bool asLine = false);

/// Writes to standard error, on a terminal by forTerminal().
void writeError(const std::string &text);

/// Prints to standard error; never throws.
template <class... T> void complain(fmt::format_string<T...> format, T &&...values)
{
    writeError(fmt::format(format, std::forward<T>(values)...));
}

/// The status to end with: kInfrastructure, said on stderr, where output was lost to anything but a reader
/// that went away.
[[nodiscard]] int finishOutput(int status);

/// The status an error ends the process with.
[[nodiscard]] int exitStatus(const Error &error);
/// Prints the error on stderr and returns its exit status.
int reportError(const Error &error);

/// Checks that an option is a finite number of at least 0.
[[nodiscard]] CLI::Validator notNegative();
/// Checks that an option is a whole number from 0 to 2^64-1, which the library would wrap around.
[[nodiscard]] CLI::Validator seedNumber();

/// Where candidates are evaluated: --device, --worker, --no-sandbox.
struct DeviceOptions {
    std::vector<std::string> devices;
    std::vector<std::string> workers;
    bool noSandbox = false;
    std::string backend; ///< whose first device to take when none is named; empty: the default

    void addTo(CLI::App &command);
    /// The task in that folder, or the shipped task of that name, with its kernels in the devices' language.
    [[nodiscard]] Result<Task> openTask(const std::string &nameOrDirectory) const;
    /// The language of the kernels that the devices take.
    [[nodiscard]] Result<std::string> language() const;
    /// Starts a worker for each; problems of those that did not start go to stderr.
    /// From here on the process gets interrupts through Interrupt alone.
    [[nodiscard]] Result<std::shared_ptr<DevicePool>> start() const;
    /// Starts the worker of the first device named alone.
    [[nodiscard]] Result<std::unique_ptr<WorkerClient>> startOne() const;

private:
    /// The workers asked for; the default one when none is named.
    [[nodiscard]] Result<std::vector<WorkerSpec>> specs() const;
};

/// Each adds its subcommand; when that is chosen, `status` is set to the exit status.
void addDoctor(CLI::App &app, int &status);
void addTasks(CLI::App &app, int &status);
void addEvaluate(CLI::App &app, int &status);
void addCompare(CLI::App &app, int &status);
void addSearch(CLI::App &app, int &status);
void addSession(CLI::App &app, int &status); ///< show, export, import, audit, replay
void addAsk(CLI::App &app, int &status);
void addCode(CLI::App &app, int &status); ///< PTX and machine code of a candidate
void addKey(CLI::App &app, int &status); ///< set, check, delete
void addAdapt(CLI::App &app, int &status);
void addMemory(CLI::App &app, int &status); ///< list, show, learn, …

/// Adds what the session teaches to the user's memory and says so; a memory that cannot be used is a warning.
void learnFrom(const Session &session);

} // namespace ww::cli
