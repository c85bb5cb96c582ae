// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Command.h"
#include "app/cli/Interrupt.h"
#include "app/cli/ModelOptions.h"
#include "core/model/ModelClient.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <iostream>
#include <iterator>

namespace ww::cli {
namespace {

struct AskOptions {
    std::string text;
    ModelOptions model;
    double seconds = 600;
    bool json = false;
};

std::string questionOf(const AskOptions &options)
{
    if (options.text != "-")
        return options.text;
    return {std::istreambuf_iterator<char>(std::cin), {}};
}

nlohmann::json replyJson(const ModelReply &reply)
{
    return {{"text", reply.text},
            {"stop", reply.stop},
            {"model", reply.model},
            {"request_id", reply.requestId},
            {"attempts", reply.attempts},
            {"first_text_s", reply.firstTextSeconds},
            {"seconds", reply.seconds},
            {"usage",
             {{"input", reply.usage.input},
              {"cached_input", reply.usage.cachedInput},
              {"output", reply.usage.output},
              {"reasoning", reply.usage.reasoning}}}};
}

int printReply(const AskOptions &options, const ModelReply &reply)
{
    if (options.json) {
        sayJson(replyJson(reply));
        return kDone;
    }
    if (reply.firstTextSeconds == 0)
        say("{}", reply.text); // it did not stream
    say("\n");
    complain(
        "{} · first text after {:.2f} s, {:.2f} s in all · {} tokens in ({} cached), {} out · stopped: {}\n",
        reply.model.empty() ? options.model.settings.model : reply.model, reply.firstTextSeconds,
        reply.seconds, reply.usage.input, reply.usage.cachedInput, reply.usage.output, reply.stop);
    return kDone;
}

int askCommand(const AskOptions &options, const CLI::App &command)
{
    const Result<ModelSettings> chosen = options.model.chosen(command, options.model.settings);
    if (!chosen)
        return reportError(chosen.error());
    const Result<ModelClientOptions> settings = clientOptions(*chosen);
    if (!settings)
        return reportError(settings.error());

    holdInterrupts();
    ModelClientOptions once = *settings;
    once.totalSeconds = options.seconds;
    ModelClient client(once);
    ModelRequest request;
    request.model = chosen->model;
    request.maxTokens = chosen->maxTokens;
    request.turns = {{ModelTurn::Speaker::User, questionOf(options)}};
    ModelListener listener;
    listener.onText = [&options](const std::string &piece) {
        if (options.json)
            return;
        say("{}", piece);
        flushOutput();
    };
    listener.onRetry = [](const ModelFault &fault, double wait) {
        complain("{}; trying again in {:.1f} s\n", fault.message, wait);
    };
    std::stop_source stop;
    const Interrupt interrupt([&stop] { stop.request_stop(); });
    const auto reply = client.askAndWait(request, listener, stop.get_token());
    if (interrupt.happened())
        return kInterrupted;
    return reply ? printReply(options, *reply) : reportError(errorOf(reply.error()));
}

} // namespace

void addAsk(CLI::App &app, int &status)
{
    const auto options = std::make_shared<AskOptions>();
    options->model.settings.maxTokens = 1024;
    CLI::App *command = app.add_subcommand("ask", "Ask a model one question: tests an endpoint");
    command->add_option("TEXT", options->text, "The question; - reads it from standard input")->required();
    options->model.addTo(*command, true);
    command->add_option("--seconds", options->seconds, "Longest wait")
        ->check(CLI::Range(0.1, 86400.0))
        ->capture_default_str();
    command->add_flag("--json", options->json, "Print one JSON document");
    command->callback([options, command, &status] { status = askCommand(*options, *command); });
}

} // namespace ww::cli
