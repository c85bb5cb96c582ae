// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/MakeProposer.h"

#include "core/base/Paths.h"
#include "core/model/KnownEndpoints.h"
#include "core/model/ModelClient.h"
#include "core/search/ModelProposer.h"

#include <fmt/format.h>

namespace ww {
namespace {

constexpr const char *kPerson = "person";

tl::unexpected<Error> incomplete(std::string why, std::string remedy)
{
    return failure(ErrorCode::BadInput, "cannot ask a model for candidates", std::move(why),
                   std::move(remedy));
}

Result<PromptMemory> memoryFor(const SearchConfig &config)
{
    if (!config.model.memory)
        return PromptMemory();
    WW_TRY(const std::string path, Memory::defaultPath());
    WW_TRY(std::shared_ptr<const Memory> memory, Memory::open(path));
    return promptMemory(std::move(memory));
}

Result<ModelProposerParts> partsFor(const SearchConfig &config, const ProposerNeeds &needs)
{
    ModelProposerParts parts;
    WW_TRY(parts.questions, PromptWriter::load());
    WW_TRY(parts.memory, memoryFor(config));
    parts.name = config.proposer;
    if (config.proposer == "human") {
        if (!needs.person)
            return failure(ErrorCode::Internal, "nobody is there to carry questions to a model");
        parts.model = needs.person;
        parts.endpoint = kPerson;
        parts.origin = "llm:pasted";
        return parts;
    }
    ModelClientOptions options;
    WW_TRY(options.endpoint, checkedEndpoint(config.model.endpoint));
    WW_CHECK(needs.endpointFromFile ? checkKnownEndpoint(options.endpoint)
                                    : rememberEndpoint(options.endpoint));
    if (needs.key) {
        options.key = *needs.key;
    } else {
        WW_TRY(options.key, keyOf(options.endpoint, needs.stop));
    }
    WW_TRY(parts.price, priceFor(config));
    options.concurrency = config.model.parallel;
    parts.capacity = config.model.parallel;
    parts.endpoint = options.endpoint.url;
    parts.origin = "llm:" + config.model.model;
    parts.model = std::make_shared<ModelClient>(std::move(options));
    return parts;
}

} // namespace

Result<std::optional<ModelPrice>> priceFor(const SearchConfig &config)
{
    WW_TRY(const PriceTable prices, PriceTable::load());
    std::optional<ModelPrice> price = prices.priceOf(config.model.model);
    if (!price && config.money > 0)
        return incomplete(
            fmt::format("a limit of money is set, and no price is known for '{}'", config.model.model),
            "Add it to prices.json in the configuration folder (~/.config/warpwright), or set no limit");
    return price;
}

Status checkProposer(const SearchConfig &config)
{
    if (config.proposer == "catalogue" || config.proposer == "human")
        return {};
    if (config.proposer != "llm")
        return failure(ErrorCode::BadInput, fmt::format("unknown proposer '{}'", config.proposer),
                       "there are catalogue, llm and human");
    if (config.model.endpoint.url.empty())
        return incomplete("no endpoint is named",
                          "Name one with --endpoint, or set WARPWRIGHT_MODEL_ENDPOINT");
    if (config.model.model.empty())
        return incomplete("no model is named", "Name one with --model, or set WARPWRIGHT_MODEL");
    if (config.model.parallel < 1 || config.model.maxTokens < 1)
        return incomplete("it would ask for nothing at all", "Ask for at least one step and one token");
    WW_CHECK(checkedEndpoint(config.model.endpoint));
    return {};
}

Result<std::unique_ptr<Proposer>> makeProposer(const SearchConfig &config, const ProposerNeeds &needs)
{
    WW_CHECK(checkProposer(config));
    if (config.proposer == "catalogue")
        return makeCatalogueProposer();
    WW_TRY(ModelProposerParts parts, partsFor(config, needs));
    return makeModelProposer(std::move(parts));
}

} // namespace ww
