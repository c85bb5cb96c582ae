// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Command.h"
#include "app/cli/Interrupt.h"
#include "app/cli/MemoryText.h"
#include "app/cli/ModelOptions.h"
#include "core/base/Paths.h"
#include "core/candidate/TaskAdmission.h"
#include "core/memory/AdaptationTasks.h"
#include "core/memory/Learning.h"
#include "core/search/Engine.h"
#include "core/search/MakeProposer.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <filesystem>
#include <stop_token>

namespace ww::cli {
namespace {

struct Options {
    std::vector<std::string> tasks;
    std::string memory;
    std::string folder;
    bool noPatterns = false;
    SearchConfig config;
    DeviceOptions devices;
    ModelOptions model;
};

Result<std::string> sessionFolder(const Options &options)
{
    std::string folder = options.folder;
    if (folder.empty()) {
        WW_TRY(const std::string data, dataDirectory());
        folder = data + "/adaptation";
    }
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
        return failure(ErrorCode::Io, "cannot create " + folder, error.message(),
                       "Name a folder with --sessions");
    return folder;
}

Result<std::vector<Task>> smallTasks(const Options &options, const std::string &deviceKind)
{
    std::vector<Task> tasks;
    for (const std::string &name : options.tasks) {
        WW_TRY(const Task task, options.devices.openTask(name));
        WW_TRY(Task small, smallTask(task, deviceKind));
        tasks.push_back(std::move(small));
    }
    if (!options.noPatterns) {
        WW_TRY(const std::string language, options.devices.language());
        WW_TRY(const std::vector<Task> patterns, patternTasks(language));
        tasks.insert(tasks.end(), patterns.begin(), patterns.end());
    }
    if (tasks.empty())
        return failure(ErrorCode::BadInput, "there is nothing to attempt",
                       "no task is named, and patterns are off", "Name a task with --task");
    return tasks;
}

/// Stops the engine when the token says so or when the search waits for a person; why it waits is kept.
struct Watch {
    Engine *engine = nullptr;
    std::string why;

    void onEvent(const Event &event)
    {
        const auto *paused = std::get_if<SearchPaused>(&event.body);
        if (paused == nullptr || engine == nullptr)
            return;
        why = paused->why;
        engine->stop();
    }
};

/// A short search on one small task, in a session file of its own.
Result<Session> attempt(const Options &options, const Task &task, const std::string &path,
                        const std::shared_ptr<DevicePool> &pool, const std::stop_token &stop)
{
    WW_TRY(std::unique_ptr<Journal> journal, createSession(path, task, options.config, "adaptation"));
    WW_TRY(Session session, journal->load());
    WW_TRY(std::unique_ptr<Proposer> proposer, makeProposer(options.config));
    Watch watch;
    EngineListener listener;
    listener.onEvent = [&watch](const Event &event) { watch.onEvent(event); };
    Engine engine(std::move(journal), std::move(session), std::move(proposer), pool, std::move(listener));
    watch.engine = &engine;
    const std::stop_callback stopping(stop, [&engine] { engine.stop(); });
    engine.start();
    WW_CHECK(engine.wait());
    if (!watch.why.empty())
        return failure(ErrorCode::Infrastructure, "the adaptation was stopped", watch.why);
    return engine.session();
}

Status adapt(const Options &options, const std::stop_token &stop, const std::shared_ptr<DevicePool> &pool)
{
    WW_TRY(const std::string file,
           options.memory.empty() ? Memory::defaultPath() : Result<std::string>(options.memory));
    WW_TRY(const std::unique_ptr<Memory> memory, Memory::open(file));
    WW_TRY(const std::string folder, sessionFolder(options));
    WW_TRY(const std::vector<Task> tasks, smallTasks(options, pool->devices().front().deviceKind));
    for (const Task &task : tasks) {
        if (stop.stop_requested())
            return failure(ErrorCode::Cancelled, "interrupted");
        const std::string path = fmt::format("{}/{}-{:%Y%m%d-%H%M%S}.wwsession", folder, task.name,
                                             fmt::localtime(std::time(nullptr)));
        WW_TRY(const Session session, attempt(options, task, path, pool, stop));
        WW_TRY(const LearnReport report, memory->learn(lessonsOf(session)));
        int passed = 0, failed = 0;
        for (const Node &node : session.nodes) {
            if (node.evaluation)
                ++(correct(node.evaluation->verdict) ? passed : failed);
        }
        say("{:<28} {} attempts passed, {} failed: {}\n", task.name, passed, failed, learnText(report));
        for (const std::string &key : report.newRules)
            say("  rule {}\n", key);
        flushOutput();
    }
    return {};
}

int adaptCommand(Options options, const CLI::App &command)
{
    const Result<ModelSettings> model = options.model.chosen(command);
    if (!model)
        return reportError(model.error());
    options.config.model = *model;
    options.config.proposer = "llm";
    options.config.confirmBest = false;
    options.config.tuneWhenIdle = false;
    options.config.model.memory = false; // what is looked for is what goes wrong without it
    options.config.budgets.timingSeconds = 3;
    if (const Status ready = checkProposer(options.config); !ready)
        return reportError(ready.error());
    const Result<std::shared_ptr<DevicePool>> pool = options.devices.start();
    if (!pool)
        return reportError(pool.error());
    std::stop_source stop;
    const Interrupt interrupt([&stop] { stop.request_stop(); });
    const Status done = adapt(options, stop.get_token(), *pool);
    if (interrupt.happened())
        return kInterrupted;
    return done ? static_cast<int>(kDone) : reportError(done.error());
}

} // namespace

void addAdapt(CLI::App &app, int &status)
{
    const auto options = std::make_shared<Options>();
    options->config.steps = 6;
    CLI::App *command = app.add_subcommand(
        "adapt",
        "Let a model attempt small tasks, and learn rules from what it gets wrong, before a real search");
    command->add_option("--task", options->tasks,
                        "A task whose smallest workloads are attempted as well (repeatable)");
    command->add_flag("--no-patterns", options->noPatterns, "Leave out the small tasks that ship");
    command->add_option("--attempts", options->config.steps, "Candidates a task")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    command->add_option("--seed", options->config.seed, "Of the policy and the test data");
    command->add_option("--memory", options->memory, "Memory file (default: one in your data folder)");
    command->add_option("--sessions", options->folder,
                        "Folder for the session files (default: one in your data folder)");
    options->model.addTo(*command, true);
    options->devices.addTo(*command);
    command->callback([options, command, &status] { status = adaptCommand(*options, *command); });
}

} // namespace ww::cli
