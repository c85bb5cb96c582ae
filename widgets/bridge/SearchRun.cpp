// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/bridge/SearchRun.h"

#include "core/base/Paths.h"
#include "core/candidate/TaskAdmission.h"
#include "core/search/MakeProposer.h"

#include "widgets/bridge/ModelCalls.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <filesystem>

namespace ww::ui {

namespace {

Result<SearchConfig> configOf(const SearchSettings &settings)
{
    SearchConfig config;
    config.policy = settings.policy.toStdString();
    config.proposer = settings.proposer.toStdString();
    config.steps = settings.steps;
    config.seconds = settings.seconds;
    config.stagnation = settings.stagnation;
    config.seed = settings.seed;
    config.money = settings.money;
    config.tuneWhenIdle = settings.tuneWhenIdle;
    if (config.proposer == "llm") {
        WW_TRY(config.model, modelSettingsOf(settings.model));
    }
    return config;
}

Result<std::unique_ptr<Journal>> newJournal(const SearchRequest &request, const SearchConfig &config,
                                            const std::string &language)
{
    WW_TRY(const Task task, findTask(request.settings.task.toStdString(), language));
    WW_TRY(const std::string path, newSessionPath(task.name));
    return createSession(path, task, config);
}

} // namespace

Result<Task> findTask(const std::string &nameOrDirectory, const std::string &language)
{
    std::error_code ignored;
    if (nameOrDirectory.find('/') != std::string::npos
        || std::filesystem::exists(nameOrDirectory + "/task.json", ignored))
        return loadTask(nameOrDirectory, language);
    WW_TRY(const std::string root, kernelsDirectory());
    return loadTask(root + "/" + nameOrDirectory, language);
}

Result<std::string> newSessionPath(const std::string &taskName)
{
    WW_TRY(const std::string data, dataDirectory());
    const std::string folder = data + "/sessions";
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
        return failure(ErrorCode::Io, "cannot create " + folder, error.message(),
                       "Make the folder writable, or set XDG_DATA_HOME to one that is");
    const std::string stem =
        fmt::format("{}/{}-{:%Y%m%d-%H%M%S}", folder, taskName, fmt::localtime(std::time(nullptr)));
    std::string path = stem + ".wwsession";
    for (int i = 2; std::filesystem::exists(path, error); ++i)
        path = fmt::format("{}-{}.wwsession", stem, i);
    return path;
}

Result<SearchRun> prepareSearch(const SearchRequest &request, const std::stop_token &stop)
{
    SearchRun run;
    run.pool = request.pool;
    WW_TRY(const WorkerSpec worker, localWorker(request.settings.device.toStdString()));
    std::unique_ptr<Journal> journal;
    if (!request.sessionPath.empty()) {
        WW_TRY(journal, Journal::openForAppend(request.sessionPath));
    }
    if (!run.pool) {
        WW_TRY(std::unique_ptr<DevicePool> pool, DevicePool::start({worker}, stop));
        run.pool = std::move(pool);
    }
    const ProposerNeeds needs {std::nullopt, request.person, !request.sessionPath.empty(), stop};
    std::unique_ptr<Proposer> proposer;
    if (request.sessionPath.empty()) {
        WW_TRY(const SearchConfig config, configOf(request.settings));
        WW_TRY(proposer, makeProposer(config, needs)); // a missing key is to leave no empty session behind
        WW_TRY(journal, newJournal(request, config, languageOf(worker)));
    }
    WW_TRY(const std::vector<Event> history, journal->read());
    for (const Event &event : history)
        WW_CHECK(run.mirror.apply(event));
    Session session = run.mirror.session();
    if (session.origin != "search")
        return failure(ErrorCode::Unsupported, "cannot continue this session",
                       fmt::format("it is a recording ({}), not a search of ours", session.origin));
    if (session.task && session.task->language != languageOf(worker))
        return failure(ErrorCode::BadInput, "cannot continue this session on this device",
                       fmt::format("its kernels are in {}, and the device takes {}", session.task->language,
                                   languageOf(worker)),
                       "Choose a device that takes its language");
    run.path = journal->path();
    session.config.steps = request.settings.steps;
    session.config.seconds = request.settings.seconds;
    session.config.stagnation = request.settings.stagnation;
    session.config.money = request.settings.money;
    session.config.tuneWhenIdle = request.settings.tuneWhenIdle;
    // No session names a key of the keyring: a stranger's file must not have one sent somewhere.
    if (request.settings.model.url.toStdString() == session.config.model.endpoint.url)
        session.config.model.endpoint.keyName = request.settings.model.keyName.toStdString();
    if (!proposer) {
        WW_TRY(proposer, makeProposer(session.config, needs));
    }
    run.engine = std::make_shared<Engine>(std::move(journal), std::move(session), std::move(proposer),
                                          run.pool, request.listener);
    return run;
}

} // namespace ww::ui
