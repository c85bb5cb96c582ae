// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Command.h"
#include "app/cli/EvidenceText.h"
#include "app/cli/Interrupt.h"
#include "app/cli/ModelOptions.h"
#include "app/cli/PersonAtTerminal.h"
#include "app/cli/SessionText.h"
#include "core/base/Paths.h"
#include "core/base/Utf8.h"
#include "core/search/Engine.h"
#include "core/search/MakeProposer.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cstdlib>
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
    bool learn = true;
    bool json = false;
    DeviceOptions devices;
    ModelOptions model;
    std::string promptFile; ///< of the proposer "human"
    std::vector<std::string> hints; ///< "12=use tiles"
    bool stream = false;
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
        if (const auto *without = std::get_if<StepWithoutCandidate>(&event.body))
            onWithout(*without);
        flushOutput();
    }

private:
    void onWithout(const StepWithoutCandidate &without)
    {
        if (m_json)
            sayJson({{"event", "without_candidate"}, {"step", without.step}, {"why", without.why}}, true);
        else
            say("{:>7}  no candidate: {}\n", without.step, without.why);
    }

    void onFinished(const EvaluationFinished &finished)
    {
        const auto found = m_proposed.find(finished.id);
        const CandidateProposed proposed = found == m_proposed.end() ? CandidateProposed {} : found->second;
        const Evaluation &evaluation = finished.evaluation;
        if (m_json) {
            sayJson({{"event", finished.confirmation ? "confirmed" : "evaluated"},
                     {"id", finished.id},
                     {"step", proposed.step},
                     {"parent", proposed.candidate.parent},
                     {"kind", toString(proposed.candidate.kind)},
                     {"title", proposed.candidate.title},
                     {"verdict", toString(evaluation.verdict)},
                     {"speedup", evaluation.speedupRatio()},
                     {"ms", evaluation.wallMs}},
                    true);
            return;
        }
        if (finished.confirmation) {
            say("      #{:<4} measured again in a fresh process: {}\n", finished.id, outcomeText(evaluation));
            return;
        }
        std::string step = proposed.step > 0 ? fmt::format("{}", proposed.step) : std::string("–");
        if (proposed.step > 0 && m_steps > 0)
            step += fmt::format("/{}", m_steps);
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

/// Whether nothing was found because not one candidate could be evaluated.
bool onlyMachineryFailed(const Session &session)
{
    const auto evaluated = [](const Node &node) { return node.evaluation.has_value(); };
    return std::any_of(session.nodes.begin(), session.nodes.end(), evaluated)
        && std::none_of(session.nodes.begin(), session.nodes.end(), [&](const Node &node) {
               return evaluated(node) && node.evaluation->verdict != Verdict::InfraError;
           });
}

int finish(const Engine &engine, const Status &outcome, const std::string &path, bool interrupted, bool json)
{
    const Session session = engine.session();
    if (json)
        sayJson(sessionSummaryJson(session, path), true);
    else
        say("\n{}\nsession      {}\n", sessionSummaryText(session), path);
    if (!outcome)
        return reportError(outcome.error());
    if (interrupted)
        return kInterrupted;
    if (onlyMachineryFailed(session))
        return kInfrastructure;
    return session.best == 0 ? kCandidateFailed : kDone;
}

/// Stops a search that waits for a person: nobody can go on with it here.
class PauseWatch {
public:
    void onEvent(const Event &event, Engine *engine)
    {
        const auto *paused = std::get_if<SearchPaused>(&event.body);
        if (!paused)
            return;
        m_why = paused->why;
        engine->stop();
    }
    /// To be asked once the engine has stopped.
    [[nodiscard]] Status outcome(const Status &ofEngine, const std::string &path) const
    {
        if (!ofEngine || m_why.empty())
            return ofEngine;
        return failure(ErrorCode::Infrastructure, "the search was stopped", m_why,
                       fmt::format("Then go on with 'warpwright-cli resume {}'", path));
    }

private:
    std::string m_why;
};

Status checkDevices(const DevicePool &pool)
{
    for (const Capabilities &device : pool.devices()) {
        if (device.deviceKind == "compiler")
            return failure(ErrorCode::Unsupported, "cannot search on " + device.spec,
                           "nothing can be measured there, only compiled",
                           "Name a device such as cuda:0 or opencl:0");
    }
    return {};
}

struct Hint {
    CandidateId id = 0;
    std::string text;
};

/// Reads "12=use tiles"; 0 is the start of the search.
Result<std::vector<Hint>> hintsOf(const std::vector<std::string> &given, const Session &session)
{
    std::vector<Hint> hints;
    for (const std::string &text : given) {
        Hint hint;
        const size_t equals = std::min(text.find('='), text.size());
        const auto [end, error] = std::from_chars(text.data(), text.data() + equals, hint.id);
        const bool isNumber = error == std::errc() && end == text.data() + equals && equals < text.size();
        if (!isNumber || !session.find(hint.id))
            return failure(ErrorCode::BadInput, fmt::format("cannot use the hint '{}'", clipped(text, 60)),
                           isNumber ? fmt::format("there is no candidate {}", hint.id)
                                    : std::string("it does not begin with a candidate's number and '='"),
                           "Give it as --hint '12=use tiles'; 0 is the start of the search");
        hint.text = text.substr(equals + 1);
        hints.push_back(std::move(hint));
    }
    return hints;
}

/// Runs the engine over the journal until it stops by itself or by Ctrl+C.
int runEngine(std::unique_ptr<Journal> journal, Session session, const Options &options)
{
    const std::string path = journal->path();
    const auto giveUp = [&](const Error &error) {
        // What nothing has happened in must not stand in the way of the next try.
        if (!options.task.empty()) {
            journal.reset();
            std::error_code ignored; // why nothing begins is what matters
            std::filesystem::remove(path, ignored);
        }
        return reportError(error);
    };
    const Result<std::vector<Hint>> hints = hintsOf(options.hints, session);
    if (!hints)
        return giveUp(hints.error());
    holdInterrupts();
    std::optional<PersonAtTerminal> person;
    ProposerNeeds needs;
    if (session.config.proposer == "human")
        needs.person = person.emplace(options.promptFile).model();
    Result<std::unique_ptr<Proposer>> proposer = makeProposer(session.config, needs);
    if (!proposer)
        return giveUp(proposer.error());
    // The workers that are started now have no business with the key.
    if (const std::string &key = session.config.model.endpoint.keyVariable; !key.empty())
        ::unsetenv(key.c_str());
    const Result<std::shared_ptr<DevicePool>> pool = options.devices.start();
    if (!pool)
        return giveUp(pool.error());
    if (const Status usable = checkDevices(**pool); !usable)
        return giveUp(usable.error());
    if (!options.json) {
        for (const Capabilities &device : (*pool)->devices())
            say("device       {} ({}), sandbox {}\n", device.device, device.spec, device.sandbox);
        say("session      {}\n\n", path);
        flushOutput();
    }
    Reporter reporter(options.json, session.config.steps);
    PauseWatch watch;
    std::unique_ptr<Engine> engine;
    EngineListener listener;
    listener.onEvent = [&](const Event &event) {
        reporter.onEvent(event);
        watch.onEvent(event, engine.get());
    };
    if (options.stream)
        listener.onModelText = [](int, const std::string &piece) { complain("{}", piece); };
    engine = std::make_unique<Engine>(std::move(journal), std::move(session), std::move(*proposer), *pool,
                                      std::move(listener));
    const Interrupt interrupt([&] {
        complain("\nstopping; press Ctrl+C again to end at once (nothing accepted is lost)\n");
        engine->stop();
    });
    for (const Hint &hint : *hints)
        engine->setHint(hint.id, hint.text);
    engine->start();
    const Status outcome = watch.outcome(engine->wait(), path);
    const int status = finish(*engine, outcome, path, interrupt.happened(), options.json);
    if (options.learn)
        learnFrom(engine->session());
    return status;
}

/// Finds out what a proposer lacks before a session is made for it.
Status readyToPropose(const SearchConfig &config, bool endpointFromFile)
{
    WW_CHECK(checkProposer(config));
    if (config.proposer == "llm")
        WW_CHECK(makeProposer(config, {std::nullopt, nullptr, endpointFromFile}));
    return {};
}

int searchCommand(const Options &options, const CLI::App &command)
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
    const Result<ModelSettings> model = options.model.chosen(command);
    if (!model)
        return reportError(model.error());
    config.model = *model;
    if (const Status usable = readyToPropose(config, false); !usable)
        return reportError(usable.error());
    if (config.proposer == "catalogue" && task->variants.empty())
        complain(
            "note: the task has no kernels in variants/ to propose from: write some, or have a model propose "
            "(--proposer llm)\n");
    Result<std::unique_ptr<Journal>> journal = createSession(*path, *task, config);
    if (!journal)
        return reportError(journal.error());
    Result<Session> session = (*journal)->load();
    if (!session)
        return reportError(session.error());
    return runEngine(std::move(*journal), std::move(*session), options);
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
    if (command.count("--money") > 0)
        session->config.money = options.config.money;
    if (command.count("--tuning") > 0)
        session->config.tuneWhenIdle = options.config.tuneWhenIdle;
    const Result<ModelSettings> model = options.model.chosen(command, session->config.model);
    if (!model)
        return reportError(model.error());
    session->config.model = *model;
    if (const Status usable = readyToPropose(session->config, command.count("--endpoint") == 0); !usable)
        return reportError(usable.error());
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
    Options here = options;
    here.devices = devices;
    return runEngine(std::move(*journal), std::move(*session), here);
}

void addBudget(CLI::App &command, Options &options)
{
    command.add_option("--steps", options.config.steps, "Stop after this many steps (0 = no limit)")
        ->check(CLI::Range(0, 1'000'000));
    command.add_option("--seconds", options.config.seconds, "Stop after this running time (0 = no limit)")
        ->check(notNegative());
    command
        .add_option("--stagnation", options.config.stagnation,
                    "Stop after this many steps without a new best (0 = no limit)")
        ->check(CLI::Range(0, 1'000'000));
    command
        .add_option("--money", options.config.money,
                    "Ask no model when this many US dollars might be passed (0 = no limit)")
        ->check(notNegative());
    command.add_flag("--json", options.json, "Print JSON Lines");
    options.devices.addTo(command);
    options.model.addTo(command, false);
    ModelSettings &model = options.model.settings;
    command.add_option("--parallel", model.parallel, "Steps for which a model is asked at a time")
        ->check(CLI::Range(1, 256))
        ->capture_default_str();
    command.add_option("--temperature", model.temperature, "Of a model's answers")
        ->check(CLI::Range(0.0, 2.0));
    command.add_flag("--reviser", model.reviser,
                     "Ask for points to improve before each candidate: better aimed, and twice the calls");
    command.add_flag("--structured", model.structured,
                     "Ask for JSON by a schema, where the endpoint offers that");
    command.add_flag("--memory,!--no-memory", model.memory,
                     "Show a model what was learned in earlier sessions (default: yes)");
    command.add_option("--hint", options.hints,
                       "Advice for the next candidate made from that one, e.g. '12=use tiles' (repeatable)");
    command.add_flag("--tuning,!--no-tuning", options.config.tuneWhenIdle,
                     "While a model thinks, let a device that would be idle try the tunables of the fastest "
                     "kernels (default: yes)");
    command.add_flag("--stream", options.stream, "Print a model's answers on standard error as they come");
    command.add_flag("--learn,!--no-learn", options.learn,
                     "Add to your memory what the session teaches, once it ends (default: yes)");
    command.add_option("--prompt-file", options.promptFile,
                       "Where questions for a person's model are written (default: standard output)");
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
    search->add_option("--proposer", options->config.proposer,
                       "Who makes candidates: catalogue, llm (a model), human (a model that you ask)");
    search->add_option("--seed", options->config.seed, "Of the policy, the proposer and the test data")
        ->check(seedNumber())
        ->capture_default_str();
    search->add_flag("--log-reward", options->config.constants.logReward,
                     "Rewards above 10× still differ (not in the published policy)");
    search->add_flag("--no-confirm", options->noConfirm,
                     "Do not measure each new best again in a fresh process");
    addBudget(*search, *options);
    for (const char *name : {"--policy", "--proposer", "--steps"})
        search->get_option(name)->capture_default_str();
    search->callback([options, search, &status] { status = searchCommand(*options, *search); });

    const auto resumeOptions = std::make_shared<Options>();
    CLI::App *resume = app.add_subcommand("resume", "Go on where a session's journal ends");
    resume->add_option("FILE", resumeOptions->session, "Session file")->required();
    addBudget(*resume, *resumeOptions);
    resume->callback([resumeOptions, resume, &status] { status = resumeCommand(*resumeOptions, *resume); });
}

} // namespace ww::cli
