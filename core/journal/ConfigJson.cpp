// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/journal/ConfigJson.h"

#include "core/task/JsonFields.h"

#include <fmt/format.h>

namespace ww {
namespace {

using Json = nlohmann::json;

/// The most that searches are started with; more in a file would make a resumed one ask without end.
constexpr int kMostParallel = 256;
constexpr int kMostTokens = 1'000'000;
constexpr int kMostContext = 1000;

/// Refuses a number outside of its bounds; NaN is outside of all.
template <class T> void bound(JsonFields &fields, const char *key, T value, T low, T high)
{
    if (!(value >= low && value <= high))
        fields.refuse(key, fmt::format("must be from {} to {}, not {}", low, high, value));
}

/// Refuses what is negative.
template <class T> void boundBelow(JsonFields &fields, const char *key, T value)
{
    if (!(value >= 0))
        fields.refuse(key, fmt::format("must not be negative, and is {}", value));
}

Json constantsToJson(const AdaExploreConstants &constants)
{
    return {{"c", constants.c},
            {"alpha", constants.alpha},
            {"expand_ratio", constants.expandRatio},
            {"large_probability", constants.largeProbability},
            {"small_step_limit", constants.smallStepLimit},
            {"context_limit", constants.contextLimit},
            {"log_reward", constants.logReward}};
}

Status readConstants(const Json &document, const std::string &path, AdaExploreConstants &constants)
{
    JsonFields fields(document, path);
    fields.optional("c", constants.c);
    fields.optional("alpha", constants.alpha);
    fields.optional("expand_ratio", constants.expandRatio);
    fields.optional("large_probability", constants.largeProbability);
    fields.optional("small_step_limit", constants.smallStepLimit);
    fields.optional("context_limit", constants.contextLimit);
    fields.optional("log_reward", constants.logReward);
    boundBelow(fields, "c", constants.c);
    boundBelow(fields, "alpha", constants.alpha);
    boundBelow(fields, "expand_ratio", constants.expandRatio);
    boundBelow(fields, "large_probability", constants.largeProbability);
    boundBelow(fields, "small_step_limit", constants.smallStepLimit);
    bound(fields, "context_limit", constants.contextLimit, 0, kMostContext);
    return fields.finish();
}

Json budgetsToJson(const Budgets &budgets)
{
    return {{"compile_seconds", budgets.compileSeconds},
            {"smoke_seconds", budgets.smokeSeconds},
            {"correctness_seconds", budgets.correctnessSeconds},
            {"timing_seconds", budgets.timingSeconds}};
}

Status readBudgets(const Json &document, const std::string &path, Budgets &budgets)
{
    JsonFields fields(document, path);
    fields.optional("compile_seconds", budgets.compileSeconds);
    fields.optional("smoke_seconds", budgets.smokeSeconds);
    fields.optional("correctness_seconds", budgets.correctnessSeconds);
    fields.optional("timing_seconds", budgets.timingSeconds);
    return fields.finish();
}

Json modelToJson(const ModelSettings &model)
{
    Json document {{"endpoint", jsonText(model.endpoint.url)},
                   {"format", toString(model.endpoint.wire)},
                   {"key_variable", jsonText(model.endpoint.keyVariable)},
                   {"allow_plain_http", model.endpoint.allowPlainHttp},
                   {"model", jsonText(model.model)},
                   {"max_tokens", model.maxTokens},
                   {"parallel", model.parallel},
                   {"structured", model.structured},
                   {"memory", model.memory},
                   {"reviser", model.reviser}};
    if (model.temperature)
        document["temperature"] = *model.temperature;
    return document;
}

Status readModel(const Json &document, const std::string &path, ModelSettings &model)
{
    std::string format = toString(model.endpoint.wire);
    JsonFields fields(document, path);
    fields.optional("endpoint", model.endpoint.url);
    fields.optional("format", format);
    fields.optional("key_variable", model.endpoint.keyVariable);
    fields.optional("allow_plain_http", model.endpoint.allowPlainHttp);
    fields.optional("model", model.model);
    fields.optional("max_tokens", model.maxTokens);
    fields.optional("parallel", model.parallel);
    fields.optional("structured", model.structured);
    fields.optional("memory", model.memory);
    fields.optional("reviser", model.reviser);
    fields.optional("temperature", model.temperature);
    bound(fields, "max_tokens", model.maxTokens, 1, kMostTokens);
    bound(fields, "parallel", model.parallel, 1, kMostParallel);
    bound(fields, "temperature", model.temperature.value_or(0), 0.0, 2.0);
    const std::optional<WireKind> wire = wireKindFromName(format);
    if (!wire)
        fields.refuse("format", "must be chat, responses or messages");
    WW_CHECK(fields.finish());
    model.endpoint.wire = *wire;
    return {};
}

} // namespace

Json configToJson(const SearchConfig &config)
{
    return {{"policy", jsonText(config.policy)},
            {"proposer", jsonText(config.proposer)},
            {"steps", config.steps},
            {"seconds", config.seconds},
            {"stagnation", config.stagnation},
            {"seed", config.seed},
            {"constants", constantsToJson(config.constants)},
            {"budgets", budgetsToJson(config.budgets)},
            {"confirm_best", config.confirmBest},
            {"tune_when_idle", config.tuneWhenIdle},
            {"money", config.money},
            {"model", modelToJson(config.model)}};
}

Result<SearchConfig> configFromJson(const Json &document)
{
    SearchConfig config;
    config.tuneWhenIdle = false; // a search that does not say so did not
    JsonFields fields(document, "config");
    fields.optional("policy", config.policy);
    fields.optional("proposer", config.proposer);
    fields.optional("steps", config.steps);
    fields.optional("seconds", config.seconds);
    fields.optional("stagnation", config.stagnation);
    fields.optional("seed", config.seed);
    fields.optional("confirm_best", config.confirmBest);
    fields.optional("tune_when_idle", config.tuneWhenIdle);
    fields.optional("money", config.money);
    boundBelow(fields, "steps", config.steps);
    boundBelow(fields, "seconds", config.seconds);
    boundBelow(fields, "stagnation", config.stagnation);
    boundBelow(fields, "money", config.money);
    fields.field("model", false, [&](const Json &value, const std::string &path) {
        return readModel(value, path, config.model);
    });
    fields.field("constants", false, [&](const Json &value, const std::string &path) {
        return readConstants(value, path, config.constants);
    });
    fields.field("budgets", false, [&](const Json &value, const std::string &path) {
        return readBudgets(value, path, config.budgets);
    });
    WW_CHECK(fields.finish());
    return config;
}

Json lineageToJson(const std::vector<Lineage> &lineage)
{
    Json list = Json::array();
    for (const Lineage &entry : lineage)
        list.push_back({entry.id, toString(entry.role)});
    return list;
}

Result<std::vector<Lineage>> lineageFromJson(const Json &document)
{
    if (!document.is_array())
        return jsonFault("lineage", "must be a list");
    std::vector<Lineage> lineage;
    for (const Json &entry : document) {
        Lineage one;
        std::string role;
        if (!entry.is_array() || entry.size() != 2 || readJson(entry[0], one.id) || readJson(entry[1], role))
            return jsonFault("lineage", "must be a list of [id, role]");
        WW_TRY(one.role, lineageRoleFromName(role));
        lineage.push_back(one);
    }
    return lineage;
}

Json moveToJson(const Move &move)
{
    Json document {
        {"kind", toString(move.kind)}, {"parent", move.parent}, {"context", lineageToJson(move.context)}};
    if (!move.hint.empty())
        document["hint"] = jsonText(move.hint);
    return document;
}

Result<Move> moveFromJson(const Json &document)
{
    Move move;
    std::string kind;
    JsonFields fields(document, "move");
    fields.required("kind", kind);
    fields.required("parent", move.parent);
    fields.optional("hint", move.hint);
    fields.field("context", true, [&](const Json &value, const std::string &) -> Status {
        WW_TRY(move.context, lineageFromJson(value));
        return {};
    });
    WW_CHECK(fields.finish());
    WW_TRY(move.kind, moveKindFromName(kind));
    return move;
}

Json memoryUseToJson(const MemoryUse &use)
{
    Json rules = Json::array(), techniques = Json::array();
    for (const std::string &key : use.rules)
        rules.push_back(jsonText(key));
    for (const std::string &name : use.techniques)
        techniques.push_back(jsonText(name));
    return {{"held_out", use.heldOut}, {"rules", rules}, {"techniques", techniques}};
}

Result<MemoryUse> memoryUseFromJson(const Json &document)
{
    MemoryUse use;
    JsonFields fields(document, "memory");
    fields.required("held_out", use.heldOut);
    fields.required("rules", use.rules);
    fields.required("techniques", use.techniques);
    WW_CHECK(fields.finish());
    return use;
}

} // namespace ww
