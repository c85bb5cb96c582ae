// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/WireJson.h"

#include "core/task/JsonFields.h"

namespace ww::wire {
namespace {

using nlohmann::json;

/// Counts grow while a stream goes on: each event that has one replaces it. `input_tokens` leaves out what
/// was read from or written to the cache.
void takeUsage(const json &usage, ModelUsage &found)
{
    if (!usage.is_object())
        return;
    if (usage.contains("input_tokens")) {
        found.cachedInput = countIn(usage, "cache_read_input_tokens");
        found.cacheWrites = countIn(usage, "cache_creation_input_tokens");
        found.input = countIn(usage, "input_tokens") + found.cachedInput + found.cacheWrites;
    }
    if (usage.contains("output_tokens"))
        found.output = countIn(usage, "output_tokens");
    if (const int64_t thinking = countIn(childIn(usage, "output_tokens_details"), "thinking_tokens");
        thinking > 0)
        found.reasoning = thinking;
}

void takeHead(const json &message, ModelReply &reply)
{
    reply.requestId = textIn(message, "id");
    reply.model = textIn(message, "model");
    takeUsage(childIn(message, "usage"), reply.usage);
}

void takeStop(const json &holder, PartialReply &partial)
{
    if (const std::string stop = textIn(holder, "stop_reason"); !stop.empty())
        partial.reply.stop = stop;
}

} // namespace

json messagesBody(const ModelRequest &request)
{
    json messages = json::array();
    for (const ModelTurn &turn : request.turns)
        messages.push_back({{"role", turn.speaker == ModelTurn::Speaker::User ? "user" : "assistant"},
                            {"content", jsonText(turn.text)}});
    json body {{"model", jsonText(request.model)},
               {"messages", messages},
               {"stream", true},
               {"max_tokens", request.maxTokens}};
    if (!request.system.empty()) // marked, so that the part that stays the same is read from the cache
        body["system"] = json::array({{{"type", "text"},
                                       {"text", jsonText(request.system.get())},
                                       {"cache_control", {{"type", "ephemeral"}}}}});
    if (request.temperature)
        body["temperature"] = *request.temperature;
    if (const json schema = schemaOf(request); !schema.is_null())
        body["output_config"] = {{"format", {{"type", "json_schema"}, {"schema", schema}}}};
    return body;
}

std::optional<ModelFault> takeMessages(const json &event, PartialReply &partial)
{
    const std::string type = textIn(event, "type");
    ModelReply &reply = partial.reply;
    if (type == "message_start") {
        takeHead(childIn(event, "message"), reply);
    } else if (type == "content_block_start") {
        reply.text += textIn(childIn(event, "content_block"), "text");
    } else if (type == "content_block_delta") {
        reply.text += textIn(childIn(event, "delta"), "text");
        reply.reasoning += textIn(childIn(event, "delta"), "thinking");
    } else if (type == "message_delta") {
        takeStop(childIn(event, "delta"), partial);
        takeUsage(childIn(event, "usage"), reply.usage);
    } else if (type == "message_stop") {
        partial.finished = partial.ended = true;
    } else if (type == "error") {
        return faultFrom(event, 0);
    }
    return std::nullopt;
}

std::optional<ModelFault> takeWholeMessages(const json &answer, PartialReply &partial)
{
    if (textIn(answer, "type") == "error")
        return faultFrom(answer, 0);
    takeHead(answer, partial.reply);
    for (const json &block : childIn(answer, "content")) {
        partial.reply.text += textIn(block, "text");
        partial.reply.reasoning += textIn(block, "thinking");
    }
    takeStop(answer, partial);
    partial.finished = partial.ended = true;
    return std::nullopt;
}

} // namespace ww::wire
