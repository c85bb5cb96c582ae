// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/AdaptTasks.h"
#include "app/cli/Interrupt.h"
#include "app/cli/MemoryText.h"
#include "app/cli/ModelOptions.h"
#include "core/base/Paths.h"
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
    AdaptTasks tasks;
    std::string memory;
    std::string folder;
    SearchConfig config;
    DeviceOptions devices;
    ModelOptions model;
};

/// A new folder for what this run writes.
Result<std::string> sessionFolder(const Options &options)
{
    std::string folder = options.folder;
    if (folder.empty()) {
        WW_TRY(const std::string data, dataDirectory());
        folder = data + "/adaptation";
    }
    folder += fmt::format("/{:%Y%m%d-%H%M%S}", fmt::localtime(std::time(nullptr)));
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
        return failure(ErrorCode::Io, "cannot create " + folder, error.message(),
                       "Name a folder with --sessions");
    return folder;
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
Result<Session> attempt(const SearchConfig &config, const Task &task, const std::string &path,
                        const std::shared_ptr<DevicePool> &pool, const std::stop_token &stop)
{
    WW_TRY(std::unique_ptr<Journal> journal, createSession(path, task, config, "adaptation"));
    WW_TRY(Session session, journal->load());
    WW_TRY(std::unique_ptr<Proposer> proposer, makeProposer(config));
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

void report(const Session &session, const LearnReport &learned)
{
    int passed = 0, failed = 0;
    for (const Node &node : session.nodes) {
        if (node.evaluation)
            ++(correct(node.evaluation->verdict) ? passed : failed);
    }
    say("{:<28} {} attempts passed, {} failed: {}\n", session.task->name, passed, failed, learnText(learned));
    for (const std::string &key : learned.newRules)
        say("  rule {}\n", key);
    flushOutput();
}

Status attemptAll(const Options &options, const std::vector<Task> &tasks, const std::string &folder,
                  const std::shared_ptr<DevicePool> &pool, Money &money, const std::stop_token &stop)
{
    WW_TRY(const std::string file,
           options.memory.empty() ? Memory::defaultPath() : Result<std::string>(options.memory));
    WW_TRY(const std::unique_ptr<Memory> memory, Memory::open(file));
    for (const Task &task : tasks) {
        if (stop.stop_requested())
            return failure(ErrorCode::Cancelled, "interrupted");
        SearchConfig config = options.config;
        if (money.limit > 0)
            config.money = money.limit - money.spent;
        if (config.money <= 0 && money.limit > 0)
            return failure(ErrorCode::BadInput, "the adaptation was stopped",
                           fmt::format("{:.4f} dollars are spent", money.spent), "Raise --money");
        const std::string path = fmt::format("{}/{}.wwsession", folder, task.name);
        WW_TRY(const Session session, attempt(config, task, path, pool, stop));
        money.spent += session.spent.money;
        WW_TRY(const LearnReport learned, memory->learn(lessonsOf(session)));
        report(session, learned);
        if (session.stopReason == "money")
            return failure(ErrorCode::BadInput, "the adaptation was stopped", session.stopDetail,
                           "Raise --money");
    }
    return {};
}

Status adapt(const Options &options, const std::stop_token &stop, const std::shared_ptr<DevicePool> &pool)
{
    WW_TRY(const std::string folder, sessionFolder(options));
    Money money {options.config.money, 0, {}};
    WW_TRY(money.price, priceFor(options.config));
    WW_TRY(std::vector<Task> tasks,
           tasksToAttempt(options.tasks, options.devices, pool->devices().front().deviceKind));
    if (options.tasks.written > 0) {
        WW_TRY(const std::vector<Task> written,
               writtenTasks(options.tasks.written, options.config, options.devices, tasks, folder + "/tasks",
                            money, stop));
        tasks.insert(tasks.end(), written.begin(), written.end());
    }
    return attemptAll(options, tasks, folder, pool, money, stop);
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
    command->add_option("--task", options->tasks.named,
                        "A task whose smallest workloads are attempted as well (repeatable)");
    command->add_flag("--patterns,!--no-patterns", options->tasks.patterns,
                      "Attempt the small tasks that ship (default: yes)");
    command
        ->add_option("--write", options->tasks.written,
                     "So many more tasks that the model writes itself, each examined on the device first")
        ->check(CLI::Range(0, 50));
    command
        ->add_option("--money", options->config.money,
                     "Ask no model when this many US dollars might be passed (0 = no limit)")
        ->check(CLI::NonNegativeNumber);
    command->add_option("--attempts", options->config.steps, "Candidates a task")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    command->add_option("--seed", options->config.seed, "Of the policy and the test data")
        ->check(seedNumber())
        ->capture_default_str();
    command->add_option("--memory", options->memory, "Memory file (default: one in your data folder)");
    command->add_option("--sessions", options->folder,
                        "Folder for the session files (default: one in your data folder)");
    options->model.addTo(*command, true);
    options->devices.addTo(*command);
    command->callback([options, command, &status] { status = adaptCommand(*options, *command); });
}

} // namespace ww::cli
