// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Command.h"
#include "app/cli/EvidenceText.h"
#include "app/cli/Interrupt.h"
#include "app/cli/SessionText.h"
#include "core/base/Paths.h"
#include "core/search/Engine.h"
#include "core/search/MakeProposer.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ctime>
#include <filesystem>
#include <map>
#include <mutex>

namespace ww::cli {
namespace {

struct Options {
    std::string task;
    std::string session;
    SearchConfig config;
    bool noConfirm = false;
    bool json = false;
    DeviceOptions devices;
};

/// Prints what the engine tells, a line an event; called on the engine's thread.
class Reporter {
public:
    Reporter(bool json, int steps) : m_json(json), m_steps(steps) { }

    void onEvent(const Event &event)
    {
        if (const auto *proposed = std::get_if<CandidateProposed>(&event.body))
            m_proposed[proposed->candidate.id] = *proposed;
        if (const auto *finished = std::get_if<EvaluationFinished>(&event.body))
            onFinished(*finished);
        flushOutput();
    }

private:
    void onFinished(const EvaluationFinished &finished)
    {
        const auto found = m_proposed.find(finished.id);
        const CandidateProposed proposed = found == m_proposed.end() ? CandidateProposed {} : found->second;
        const Evaluation &evaluation = finished.evaluation;
        if (m_json) {
            nlohmann::json line {{"event", finished.confirmation ? "confirmed" : "evaluated"},
                                 {"id", finished.id},
                                 {"step", proposed.step},
                                 {"parent", proposed.candidate.parent},
                                 {"kind", toString(proposed.candidate.kind)},
                                 {"title", proposed.candidate.title},
                                 {"verdict", toString(evaluation.verdict)},
                                 {"speedup", evaluation.speedupRatio()},
                                 {"ms", evaluation.wallMs}};
            say("{}\n", line.dump());
            return;
        }
        if (finished.confirmation) {
            say("      #{:<4} measured again in a fresh process: {}\n", finished.id, outcomeText(evaluation));
            return;
        }
        const std::string step =
            m_steps > 0 ? fmt::format("{}/{}", proposed.step, m_steps) : fmt::format("{}", proposed.step);
        say("{:>7}  #{:<4} {:<6} from #{:<4} {:<40} {}  ({})\n", step, finished.id,
            toString(proposed.candidate.kind), proposed.candidate.parent, proposed.candidate.title,
            outcomeText(evaluation), durationText(1e3 * evaluation.wallMs));
        if (!evaluation.message.empty())
            say("         {}\n", evaluation.message);
    }

    bool m_json;
    int m_steps;
    std::map<CandidateId, CandidateProposed> m_proposed;
};

Result<std::string> defaultSessionPath(const std::string &taskName)
{
    WW_TRY(const std::string data, dataDirectory());
    std::error_code error;
    std::filesystem::create_directories(data + "/sessions", error);
    if (error)
        return failure(ErrorCode::Io, "cannot create " + data + "/sessions", error.message(),
                       "Name a file with --session");
    return fmt::format("{}/sessions/{}-{:%Y%m%d-%H%M%S}.wwsession", data, taskName,
                       fmt::localtime(std::time(nullptr)));
}

int finish(const Engine &engine, const Status &outcome, const std::string &path, bool interrupted, bool json)
{
    const Session session = engine.session();
    if (json)
        say("{}\n", sessionSummaryJson(session, path).dump());
    else
        say("\n{}\nsession      {}\n", sessionSummaryText(session), path);
    if (!outcome)
        return reportError(outcome.error());
    if (interrupted)
        return kInterrupted;
    return session.best == 0 ? kCandidateFailed : kDone;
}

/// Runs the engine over the journal until it stops by itself or by Ctrl+C.
int runEngine(std::unique_ptr<Journal> journal, Session session, const DeviceOptions &devices, bool json)
{
    const std::string path = journal->path();
    Result<std::unique_ptr<Proposer>> proposer = makeProposer(session.config);
    if (!proposer)
        return reportError(proposer.error());
    const Result<std::shared_ptr<DevicePool>> pool = devices.start();
    if (!pool)
        return reportError(pool.error());
    for (const Capabilities &device : (*pool)->devices()) {
        if (device.deviceKind == "compiler")
            return reportError(Error {ErrorCode::Unsupported,
                                      "cannot search on " + device.spec,
                                      "nothing can be measured there, only compiled",
                                      "Name a device such as cuda:0 or opencl:0",
                                      {}});
    }
    if (!json) {
        for (const Capabilities &device : (*pool)->devices())
            say("device       {} ({}), sandbox {}\n", device.device, device.spec, device.sandbox);
        say("session      {}\n\n", path);
        flushOutput();
    }
    Reporter reporter(json, session.config.steps);
    EngineListener listener;
    listener.onEvent = [&reporter](const Event &event) { reporter.onEvent(event); };
    Engine engine(std::move(journal), std::move(session), std::move(*proposer), *pool, std::move(listener));
    const Interrupt interrupt([&] {
        complain("\nstopping; press Ctrl+C again to end at once (nothing accepted is lost)\n");
        engine.stop();
    });
    engine.start();
    const Status outcome = engine.wait();
    return finish(engine, outcome, path, interrupt.happened(), json);
}

int searchCommand(const Options &options)
{
    const Result<Task> task = options.devices.openTask(options.task);
    if (!task)
        return reportError(task.error());
    const Result<std::string> path =
        options.session.empty() ? defaultSessionPath(task->name) : Result<std::string>(options.session);
    if (!path)
        return reportError(path.error());
    SearchConfig config = options.config;
    config.confirmBest = !options.noConfirm;
    Result<std::unique_ptr<Journal>> journal = createSession(*path, *task, config);
    if (!journal)
        return reportError(journal.error());
    Result<Session> session = (*journal)->load();
    if (!session)
        return reportError(session.error());
    return runEngine(std::move(*journal), std::move(*session), options.devices, options.json);
}

int resumeCommand(const Options &options, const CLI::App &command)
{
    Result<std::unique_ptr<Journal>> journal = Journal::openForAppend(options.session);
    if (!journal)
        return reportError(journal.error());
    Result<Session> session = (*journal)->load();
    if (!session)
        return reportError(session.error());
    if (session->origin != "search")
        return reportError(
            Error {ErrorCode::Unsupported,
                   "cannot resume " + options.session,
                   fmt::format("it is a recording ({}), not a search of ours", session->origin),
                   "Open it with 'show' or 'audit'",
                   {}});
    if (command.count("--steps") > 0)
        session->config.steps = options.config.steps;
    if (command.count("--seconds") > 0)
        session->config.seconds = options.config.seconds;
    if (command.count("--stagnation") > 0)
        session->config.stagnation = options.config.stagnation;
    DeviceOptions devices = options.devices;
    devices.backend = session->task->language;
    const Result<std::string> language = devices.language();
    if (!language)
        return reportError(language.error());
    if (*language != session->task->language)
        return reportError(Error {ErrorCode::BadInput,
                                  "cannot resume " + options.session,
                                  fmt::format("its kernels are in {}, and these devices take {}",
                                              session->task->language, *language),
                                  fmt::format("Name a device such as {}:0", session->task->language),
                                  {}});
    return runEngine(std::move(*journal), std::move(*session), devices, options.json);
}

void addBudget(CLI::App &command, Options &options)
{
    command.add_option("--steps", options.config.steps, "Stop after this many steps (0 = no limit)")
        ->check(CLI::Range(0, 1'000'000));
    command.add_option("--seconds", options.config.seconds, "Stop after this running time (0 = no limit)")
        ->check(CLI::NonNegativeNumber);
    command
        .add_option("--stagnation", options.config.stagnation,
                    "Stop after this many steps without a new best (0 = no limit)")
        ->check(CLI::Range(0, 1'000'000));
    command.add_flag("--json", options.json, "Print JSON Lines");
    options.devices.addTo(command);
}

} // namespace

void addSearch(CLI::App &app, int &status)
{
    const auto options = std::make_shared<Options>();
    CLI::App *search = app.add_subcommand("search", "Search for a faster kernel; Ctrl+C stops cleanly");
    search->add_option("--task", options->task, "Task folder, or name of a shipped task")->required();
    search->add_option("--session", options->session,
                       "Session file to create (default: one in your data folder)");
    search->add_option("--policy", options->config.policy, "What to try next")
        ->check(CLI::IsMember({"adaexplore"}));
    search->add_option("--proposer", options->config.proposer, "Who makes candidates");
    search->add_option("--seed", options->config.seed, "Of the policy, the proposer and the test data");
    search->add_flag("--log-reward", options->config.constants.logReward,
                     "Rewards above 10× still differ (not in the published policy)");
    search->add_flag("--no-confirm", options->noConfirm,
                     "Do not measure each new best again in a fresh process");
    addBudget(*search, *options);
    search->callback([options, &status] { status = searchCommand(*options); });

    const auto resumeOptions = std::make_shared<Options>();
    CLI::App *resume = app.add_subcommand("resume", "Go on where a session's journal ends");
    resume->add_option("FILE", resumeOptions->session, "Session file")->required();
    addBudget(*resume, *resumeOptions);
    resume->callback([resumeOptions, resume, &status] { status = resumeCommand(*resumeOptions, *resume); });
}

} // namespace ww::cli
