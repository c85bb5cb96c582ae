// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/WireFormat.h"

#include "core/base/Utf8.h"
#include "core/model/WireJson.h"
#include "core/task/JsonFields.h"

#include <fmt/format.h>

namespace ww {
namespace {

constexpr size_t kQuotedBytes = 200;

ModelFault malformed(std::string_view what, std::string_view text)
{
    return {ModelFault::Kind::Malformed,
            fmt::format("{}: {}", what, clipped(toValidUtf8(text), kQuotedBytes)),
            0,
            {}};
}

} // namespace

const char *pathOf(WireKind kind)
{
    switch (kind) {
    case WireKind::ChatCompletions: return "/chat/completions";
    case WireKind::Responses: return "/responses";
    case WireKind::Messages: return "/v1/messages";
    }
    return "";
}

std::vector<std::string> headersOf(WireKind kind, const ModelKey &key)
{
    std::vector<std::string> headers {"Content-Type: application/json", "Accept: text/event-stream"};
    if (kind == WireKind::Messages)
        headers.emplace_back("anthropic-version: 2023-06-01");
    if (!key.secret.empty())
        headers.push_back(kind == WireKind::Messages ? "x-api-key: " + key.secret
                                                     : "Authorization: Bearer " + key.secret);
    return headers;
}

std::optional<WireQuirks> quirksFrom(const ModelFault &fault, const ModelRequest &request,
                                     const WireQuirks &known)
{
    if (fault.kind != ModelFault::Kind::BadRequest)
        return std::nullopt;
    const auto names = [&fault](std::string_view word) {
        return fault.message.find(word) != std::string::npos;
    };
    WireQuirks quirks = known;
    quirks.newTokenLimit |= names("max_completion_tokens");
    quirks.noTemperature |= names("temperature") && request.temperature.has_value();
    quirks.noSchema |= !request.jsonSchema.empty()
        && (names("response_format") || names("json_schema") || names("text.format")
            || names("output_config"));
    return quirks == known ? std::nullopt : std::optional(quirks);
}

std::string bodyOf(WireKind kind, const ModelRequest &request, const WireQuirks &quirks)
{
    ModelRequest taken = request;
    if (quirks.noTemperature)
        taken.temperature.reset();
    if (quirks.noSchema)
        taken.jsonSchema.clear();
    nlohmann::json body;
    switch (kind) {
    case WireKind::ChatCompletions: body = wire::chatBody(taken); break;
    case WireKind::Responses: body = wire::responsesBody(taken); break;
    case WireKind::Messages: body = wire::messagesBody(taken); break;
    }
    if (quirks.newTokenLimit && body.contains("max_tokens") && kind == WireKind::ChatCompletions) {
        body["max_completion_tokens"] = body["max_tokens"];
        body.erase("max_tokens");
    }
    // A question may hold bytes of a file or a terminal that are no UTF-8.
    return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::optional<ModelFault> takeEvent(WireKind kind, const ServerSentEvent &event, PartialReply &partial)
{
    if (event.data == "[DONE]") {
        partial.finished = partial.ended = true;
        return std::nullopt;
    }
    const Result<nlohmann::json> document = parseJson(event.data);
    if (!document)
        return malformed("an event of the stream is not JSON", event.data);
    switch (kind) {
    case WireKind::ChatCompletions: return wire::takeChat(*document, partial);
    case WireKind::Responses: return wire::takeResponses(*document, partial);
    case WireKind::Messages: return wire::takeMessages(*document, partial);
    }
    return std::nullopt;
}

std::optional<ModelFault> takeDocument(WireKind kind, std::string_view body, PartialReply &partial)
{
    const Result<nlohmann::json> document = parseJson(body);
    if (!document || !document->is_object())
        return malformed("the answer is neither a stream of events nor JSON", body);
    std::optional<ModelFault> fault;
    switch (kind) {
    case WireKind::ChatCompletions: fault = wire::takeWholeChat(*document, partial); break;
    case WireKind::Responses: fault = wire::takeWholeResponses(*document, partial); break;
    case WireKind::Messages: fault = wire::takeWholeMessages(*document, partial); break;
    }
    if (!fault && !partial.finished)
        return malformed("the answer is not in the endpoint's format", body);
    return fault;
}

ModelFault faultOf(int status, std::string_view body)
{
    const Result<nlohmann::json> document = parseJson(body);
    ModelFault fault = wire::faultFrom(document ? *document : nlohmann::json(), status);
    if (!document && !body.empty())
        fault.message = fmt::format("HTTP status {}: {}", status, clipped(toValidUtf8(body), kQuotedBytes));
    return fault;
}

} // namespace ww
