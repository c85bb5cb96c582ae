// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/ModelOptions.h"

#include <fmt/format.h>

namespace ww::cli {

void ModelOptions::addTo(CLI::App &command, bool required)
{
    command.add_option("--endpoint", settings.endpoint.url, "Base address, e.g. https://api.example.com/v1")
        ->required(required)
        ->envname("WARPWRIGHT_MODEL_ENDPOINT");
    command.add_option("--model", settings.model, "Name of the model")
        ->required(required)
        ->envname("WARPWRIGHT_MODEL");
    command.add_option("--format", format, "chat, responses or messages")->capture_default_str();
    command.add_option("--key-variable", settings.endpoint.keyVariable,
                       "Environment variable that holds the key; left out: none is sent");
    command.add_option(
        "--key", settings.endpoint.keyName,
        "Name of the key in the desktop's keyring ('warpwright-cli key set NAME'), for when the "
        "variable is not set");
    command.add_flag("--allow-http", settings.endpoint.allowPlainHttp,
                     "Allow plain http to another machine, which then sees the key unencrypted");
    command.add_option("--max-tokens", settings.maxTokens, "Longest answer")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
}

Result<ModelSettings> ModelOptions::chosen(const CLI::App &command, const ModelSettings &before) const
{
    const auto named = [&command](const char *name) {
        const CLI::Option *option = command.get_option_no_throw(name);
        return option != nullptr && option->count() > 0;
    };
    ModelSettings result = before;
    const auto take = [&](const char *name, auto &target, const auto &given) {
        if (named(name))
            target = given;
    };
    take("--endpoint", result.endpoint.url, settings.endpoint.url);
    take("--model", result.model, settings.model);
    take("--key-variable", result.endpoint.keyVariable, settings.endpoint.keyVariable);
    take("--key", result.endpoint.keyName, settings.endpoint.keyName);
    take("--allow-http", result.endpoint.allowPlainHttp, settings.endpoint.allowPlainHttp);
    take("--max-tokens", result.maxTokens, settings.maxTokens);
    take("--parallel", result.parallel, settings.parallel);
    take("--temperature", result.temperature, settings.temperature);
    take("--memory", result.memory, settings.memory);
    take("--reviser", result.reviser, settings.reviser);
    take("--structured", result.structured, settings.structured);
    if (named("--format")) {
        const std::optional<WireKind> wire = wireKindFromName(format);
        if (!wire)
            return failure(ErrorCode::BadInput, fmt::format("unknown format '{}'", format),
                           "there are chat, responses and messages",
                           "Use chat for OpenAI-compatible servers (vLLM, llama.cpp, Ollama, OpenRouter)");
        result.endpoint.wire = *wire;
    }
    if (!result.endpoint.url.empty()) {
        WW_TRY(result.endpoint, checkedEndpoint(result.endpoint));
    }
    return result;
}

Result<ModelClientOptions> clientOptions(const ModelSettings &settings)
{
    ModelClientOptions options;
    options.endpoint = settings.endpoint;
    WW_TRY(options.key, keyOf(options.endpoint));
    return options;
}

} // namespace ww::cli
