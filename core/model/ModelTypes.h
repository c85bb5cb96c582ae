// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/SharedText.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ww {

/// Which protocol an endpoint speaks.
enum class WireKind {
    ChatCompletions, ///< OpenAI chat completions; also vLLM, llama.cpp, Ollama, OpenRouter
    Responses, ///< OpenAI Responses
    Messages, ///< Anthropic Messages
};
/// "chat", "responses", "messages".
[[nodiscard]] const char *toString(WireKind kind);
[[nodiscard]] std::optional<WireKind> wireKindFromName(std::string_view name);

/// One turn of a conversation.
struct ModelTurn {
    enum class Speaker { User, Model };
    Speaker speaker = Speaker::User;
    std::string text;
};

/// What a model is asked. The system text goes first and stays the same over many calls, so that endpoints
/// can cache it.
struct ModelRequest {
    std::string label; ///< names the question in records; not sent
    std::string model;
    SharedText system; ///< the same over a search
    std::vector<ModelTurn> turns;
    int maxTokens = 8192; ///< of the answer, reasoning included
    std::optional<double> temperature; ///< the endpoint's default when not set
    std::string jsonSchema; ///< a JSON schema that the answer has to follow, where the endpoint offers that
};

/// Tokens of one call, as the endpoint counts them; all zero when it did not say.
struct ModelUsage {
    int64_t input = 0; ///< all input tokens, cached ones included
    int64_t cachedInput = 0; ///< of these, read from the endpoint's cache
    int64_t cacheWrites = 0; ///< of these, put into the cache, which some endpoints charge extra
    int64_t output = 0; ///< reasoning included
    int64_t reasoning = 0;
};

/// More tokens than a call can have; sums of such counts stay far from the end of their type.
constexpr int64_t kMostTokensOfCall = 1'000'000'000'000;

/// What a model answered.
struct ModelReply {
    std::string text;
    std::string reasoning; ///< what it thought, where the endpoint shows it
    std::string stop; ///< why it ended, in the endpoint's word: "stop", "length", "end_turn", …
    std::string model; ///< as the endpoint names it
    std::string requestId; ///< for a complaint to the endpoint's owner
    ModelUsage usage;
    int attempts = 1; ///< requests sent, retries included
    double firstTextSeconds = 0; ///< from the first request to the first piece of text
    double seconds = 0; ///< to the end
};

/// Why a call failed, by what to do about it.
struct ModelFault {
    enum class Kind {
        Refused, ///< 401, 403: the key is wrong or missing
        Quota, ///< no money left on the account
        RateLimited, ///< 429: too many requests
        Overloaded, ///< 503, 529 and other faults of the server's
        BadRequest, ///< the endpoint does not understand the request
        NotFound, ///< no such model or path
        Malformed, ///< the answer is not in the endpoint's own format
        TooLong, ///< the answer passed our limit of bytes
        Truncated, ///< the stream ended before the answer did
        Unreachable, ///< no connection
        Timeout,
        Cancelled,
        Paused, ///< not sent: earlier failures have stopped this endpoint
    };
    Kind kind = Kind::Overloaded;
    std::string message; ///< a sentence, without secrets
    int status = 0; ///< of HTTP; 0 when there was none
    std::optional<double> retryAfterSeconds; ///< as the endpoint asks
};
/// "refused", "rate_limited", …
[[nodiscard]] const char *toString(ModelFault::Kind kind);
[[nodiscard]] std::optional<ModelFault::Kind> modelFaultKindFromName(std::string_view name);

} // namespace ww
