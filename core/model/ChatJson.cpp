// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/WireJson.h"

#include "core/task/JsonFields.h"

namespace ww::wire {
namespace {

using nlohmann::json;

void takeUsage(const json &usage, ModelUsage &found)
{
    if (!usage.is_object())
        return;
    found.input = countIn(usage, "prompt_tokens");
    found.output = countIn(usage, "completion_tokens");
    found.cachedInput = countIn(childIn(usage, "prompt_tokens_details"), "cached_tokens");
    found.reasoning = countIn(childIn(usage, "completion_tokens_details"), "reasoning_tokens");
}

/// `part` is the delta of a chunk or the message of an answer.
void takeText(const json &part, ModelReply &reply)
{
    reply.text += textIn(part, "content");
    // llama.cpp and older vLLM say reasoning_content, newer vLLM and Ollama reasoning.
    const std::string reasoning = textIn(part, "reasoning_content");
    reply.reasoning += reasoning.empty() ? textIn(part, "reasoning") : reasoning;
}

std::optional<ModelFault> take(const json &document, const char *part, PartialReply &partial)
{
    if (document.is_object() && document.contains("error") && !document["error"].is_null())
        return faultFrom(document, 0);
    ModelReply &reply = partial.reply;
    if (const std::string model = textIn(document, "model"); !model.empty())
        reply.model = model;
    if (const std::string id = textIn(document, "id"); !id.empty())
        reply.requestId = id;
    takeUsage(childIn(document, "usage"), reply.usage);
    const json &choices = childIn(document, "choices");
    if (!choices.is_array() || choices.empty())
        return std::nullopt;
    takeText(childIn(choices[0], part), reply);
    if (const std::string stop = textIn(choices[0], "finish_reason"); !stop.empty()) {
        reply.stop = stop;
        partial.finished = true;
    }
    return std::nullopt;
}

} // namespace

json chatBody(const ModelRequest &request)
{
    json messages = json::array();
    if (!request.system.empty())
        messages.push_back({{"role", "system"}, {"content", jsonText(request.system.get())}});
    for (const ModelTurn &turn : request.turns)
        messages.push_back({{"role", turn.speaker == ModelTurn::Speaker::User ? "user" : "assistant"},
                            {"content", jsonText(turn.text)}});
    json body {{"model", jsonText(request.model)},
               {"messages", messages},
               {"stream", true},
               {"stream_options", {{"include_usage", true}}},
               {"max_tokens", request.maxTokens}};
    if (request.temperature)
        body["temperature"] = *request.temperature;
    if (const json schema = schemaOf(request); !schema.is_null())
        body["response_format"] = {
            {"type", "json_schema"},
            {"json_schema", {{"name", "answer"}, {"strict", true}, {"schema", schema}}}};
    return body;
}

std::optional<ModelFault> takeChat(const json &chunk, PartialReply &partial)
{
    return take(chunk, "delta", partial);
}

std::optional<ModelFault> takeWholeChat(const json &answer, PartialReply &partial)
{
    return take(answer, "message", partial);
}

} // namespace ww::wire
