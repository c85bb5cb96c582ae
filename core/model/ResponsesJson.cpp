// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/WireJson.h"

#include "core/task/JsonFields.h"

namespace ww::wire {
namespace {

using nlohmann::json;

/// The answer as it stands in the last event, with its usage and the reason why it ended.
std::optional<ModelFault> takeEnd(const json &response, PartialReply &partial)
{
    ModelReply &reply = partial.reply;
    if (textIn(response, "status") == "failed")
        return faultFrom(response, 0);
    reply.requestId = textIn(response, "id");
    reply.model = textIn(response, "model");
    const json &usage = childIn(response, "usage");
    reply.usage.input = countIn(usage, "input_tokens");
    reply.usage.output = countIn(usage, "output_tokens");
    reply.usage.cachedInput = countIn(childIn(usage, "input_tokens_details"), "cached_tokens");
    reply.usage.reasoning = countIn(childIn(usage, "output_tokens_details"), "reasoning_tokens");
    reply.stop = textIn(response, "status");
    if (const std::string reason = textIn(childIn(response, "incomplete_details"), "reason"); !reason.empty())
        reply.stop = reason;
    partial.finished = partial.ended = true;
    return std::nullopt;
}

} // namespace

json responsesBody(const ModelRequest &request)
{
    json input = json::array();
    for (const ModelTurn &turn : request.turns)
        input.push_back({{"role", turn.speaker == ModelTurn::Speaker::User ? "user" : "assistant"},
                         {"content", jsonText(turn.text)}});
    json body {{"model", jsonText(request.model)},
               {"input", input},
               {"stream", true},
               {"store", false},
               {"max_output_tokens", request.maxTokens}};
    if (!request.system.empty())
        body["instructions"] = jsonText(request.system.get());
    if (request.temperature)
        body["temperature"] = *request.temperature;
    if (const json schema = schemaOf(request); !schema.is_null())
        body["text"] = {
            {"format", {{"type", "json_schema"}, {"name", "answer"}, {"strict", true}, {"schema", schema}}}};
    return body;
}

std::optional<ModelFault> takeResponses(const json &event, PartialReply &partial)
{
    const std::string type = textIn(event, "type");
    if (type == "response.output_text.delta")
        partial.reply.text += textIn(event, "delta");
    else if (type == "response.reasoning_text.delta" || type == "response.reasoning_summary_text.delta")
        partial.reply.reasoning += textIn(event, "delta");
    else if (type == "response.completed" || type == "response.incomplete" || type == "response.failed")
        return takeEnd(childIn(event, "response"), partial);
    else if (type == "error" || (type.empty() && event.is_object() && event.contains("error")))
        return faultFrom(event, 0);
    return std::nullopt;
}

std::optional<ModelFault> takeWholeResponses(const json &answer, PartialReply &partial)
{
    for (const json &item : childIn(answer, "output")) {
        for (const json &content : childIn(item, "content"))
            (textIn(item, "type") == "reasoning" ? partial.reply.reasoning : partial.reply.text) +=
                textIn(content, "text");
    }
    return takeEnd(answer, partial);
}

} // namespace ww::wire
