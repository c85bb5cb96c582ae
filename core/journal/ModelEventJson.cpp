// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/journal/ModelEventJson.h"

#include "core/journal/ConfigJson.h"
#include "core/task/JsonFields.h"

#include <fmt/format.h>

namespace ww {
namespace {

using Json = nlohmann::json;
using Speaker = ModelTurn::Speaker;

Json keyToJson(const ModelCallKey &key)
{
    return {{"step", key.step}, {"kind", toString(key.kind)}, {"turn", key.turn}};
}

Status readKey(const Json &document, const std::string &path, ModelCallKey &key)
{
    std::string kind;
    JsonFields fields(document, path);
    fields.required("step", key.step);
    fields.required("kind", kind);
    fields.required("turn", key.turn);
    WW_CHECK(fields.finish());
    WW_TRY(key.kind, moveKindFromName(kind));
    return {};
}

/// Replaces the hash in `text` by what it stands for.
Status resolve(std::string &text, const FindText &findText)
{
    if (text.empty())
        return {};
    WW_TRY(text, findText(text));
    return {};
}

std::string besideUnlessEmpty(const std::string &text, const LayBeside &layBeside)
{
    return text.empty() ? text : layBeside(text);
}

Json requestToJson(const ModelRequest &request, const LayBeside &layBeside)
{
    Json turns = Json::array();
    for (const ModelTurn &turn : request.turns)
        turns.push_back(
            {turn.speaker == Speaker::User ? "user" : "model", besideUnlessEmpty(turn.text, layBeside)});
    Json document {{"label", jsonText(request.label)},
                   {"model", jsonText(request.model)},
                   {"system", besideUnlessEmpty(request.system, layBeside)},
                   {"turns", turns},
                   {"max_tokens", request.maxTokens}};
    if (request.temperature)
        document["temperature"] = *request.temperature;
    if (!request.jsonSchema.empty())
        document["json_schema"] = layBeside(request.jsonSchema);
    return document;
}

Status readTurn(const Json &value, const std::string &path, const FindText &findText, ModelRequest &request)
{
    std::string speaker;
    ModelTurn turn;
    if (!value.is_array() || value.size() != 2 || readJson(value[0], speaker) || readJson(value[1], turn.text)
        || (speaker != "user" && speaker != "model"))
        return jsonFault(path, "must be [\"user\" or \"model\", text]");
    turn.speaker = speaker == "user" ? Speaker::User : Speaker::Model;
    WW_CHECK(resolve(turn.text, findText));
    request.turns.push_back(std::move(turn));
    return {};
}

Status readRequest(const Json &document, const std::string &path, const FindText &findText,
                   ModelRequest &request)
{
    std::string system;
    JsonFields fields(document, path);
    fields.required("label", request.label);
    fields.required("model", request.model);
    fields.required("system", system);
    fields.required("max_tokens", request.maxTokens);
    fields.optional("temperature", request.temperature);
    fields.optional("json_schema", request.jsonSchema);
    fields.list("turns", true, [&](const Json &value, const std::string &place) {
        return readTurn(value, place, findText, request);
    });
    WW_CHECK(fields.finish());
    WW_CHECK(resolve(system, findText));
    request.system = std::move(system);
    return resolve(request.jsonSchema, findText);
}

Json replyToJson(const ModelReply &reply, const LayBeside &layBeside)
{
    return {{"text", besideUnlessEmpty(reply.text, layBeside)},
            {"reasoning", besideUnlessEmpty(reply.reasoning, layBeside)},
            {"stop", jsonText(reply.stop)},
            {"model", jsonText(reply.model)},
            {"request_id", jsonText(reply.requestId)},
            {"attempts", reply.attempts},
            {"first_text_s", reply.firstTextSeconds},
            {"seconds", reply.seconds},
            {"usage",
             {{"input", reply.usage.input},
              {"cached_input", reply.usage.cachedInput},
              {"cache_writes", reply.usage.cacheWrites},
              {"output", reply.usage.output},
              {"reasoning", reply.usage.reasoning}}}};
}

Status readUsage(const Json &document, const std::string &path, ModelUsage &usage)
{
    JsonFields fields(document, path);
    fields.required("input", usage.input);
    fields.required("cached_input", usage.cachedInput);
    fields.required("cache_writes", usage.cacheWrites);
    fields.required("output", usage.output);
    fields.required("reasoning", usage.reasoning);
    for (const auto &[key, count] : {std::pair {"input", usage.input},
                                     {"cached_input", usage.cachedInput},
                                     {"cache_writes", usage.cacheWrites},
                                     {"output", usage.output},
                                     {"reasoning", usage.reasoning}}) {
        if (count < 0 || count > kMostTokensOfCall)
            fields.refuse(key, fmt::format("must be from 0 to {}, not {}", kMostTokensOfCall, count));
    }
    return fields.finish();
}

Status readReply(const Json &document, const std::string &path, const FindText &findText, ModelReply &reply)
{
    JsonFields fields(document, path);
    fields.required("text", reply.text);
    fields.required("reasoning", reply.reasoning);
    fields.required("stop", reply.stop);
    fields.required("model", reply.model);
    fields.required("request_id", reply.requestId);
    fields.required("attempts", reply.attempts);
    fields.required("first_text_s", reply.firstTextSeconds);
    fields.required("seconds", reply.seconds);
    fields.field("usage", true, [&](const Json &value, const std::string &place) {
        return readUsage(value, place, reply.usage);
    });
    WW_CHECK(fields.finish());
    WW_CHECK(resolve(reply.text, findText));
    return resolve(reply.reasoning, findText);
}

Status readFault(const Json &document, const std::string &path, ModelFault &fault)
{
    std::string kind;
    JsonFields fields(document, path);
    fields.required("kind", kind);
    fields.required("message", fault.message);
    fields.required("status", fault.status);
    WW_CHECK(fields.finish());
    const std::optional<ModelFault::Kind> known = modelFaultKindFromName(kind);
    if (!known)
        return jsonFault(path + ".kind", fmt::format("'{}' is no fault of a model's", kind));
    fault.kind = *known;
    return {};
}

} // namespace

Json askedToJson(const ModelAsked &event, const LayBeside &layBeside)
{
    Json document {{"key", keyToJson(event.key)},
                   {"endpoint", jsonText(event.endpoint)},
                   {"request", requestToJson(event.request, layBeside)},
                   {"prompts", event.prompts}};
    if (event.memory)
        document["memory"] = memoryUseToJson(*event.memory);
    return document;
}

Result<EventBody> askedFromJson(const Json &document, const FindText &findText)
{
    ModelAsked event;
    JsonFields fields(document, "");
    fields.field("key", true,
                 [&](const Json &value, const std::string &path) { return readKey(value, path, event.key); });
    fields.required("endpoint", event.endpoint);
    fields.field("request", true, [&](const Json &value, const std::string &path) {
        return readRequest(value, path, findText, event.request);
    });
    fields.required("prompts", event.prompts);
    fields.field("memory", false, [&](const Json &value, const std::string &) -> Status {
        WW_TRY(event.memory, memoryUseFromJson(value));
        return {};
    });
    WW_CHECK(fields.finish());
    return event;
}

Json answeredToJson(const ModelAnswered &event, const LayBeside &layBeside)
{
    Json document {{"key", keyToJson(event.key)}, {"reply", replyToJson(event.reply, layBeside)}};
    if (event.fault)
        document["fault"] = {{"kind", toString(event.fault->kind)},
                             {"message", jsonText(event.fault->message)},
                             {"status", event.fault->status}};
    if (event.money)
        document["money"] = *event.money;
    return document;
}

Result<EventBody> answeredFromJson(const Json &document, const FindText &findText)
{
    ModelAnswered event;
    JsonFields fields(document, "");
    fields.field("key", true,
                 [&](const Json &value, const std::string &path) { return readKey(value, path, event.key); });
    fields.field("reply", true, [&](const Json &value, const std::string &path) {
        return readReply(value, path, findText, event.reply);
    });
    fields.field("fault", false, [&](const Json &value, const std::string &path) {
        return readFault(value, path, event.fault.emplace());
    });
    fields.optional("money", event.money);
    WW_CHECK(fields.finish());
    return event;
}

} // namespace ww
