// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"
#include "core/model/Endpoint.h"
#include "core/model/ServerSentEvents.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ww {

/// Where to send a request of this format, below the endpoint's base address: "/chat/completions", ….
[[nodiscard]] const char *pathOf(WireKind kind);

/// The headers of a request, "Name: value"; the key's among them where there is one.
[[nodiscard]] std::vector<std::string> headersOf(WireKind kind, const ModelKey &key);

/// What an endpoint or a model does not take, though its format has it.
struct WireQuirks {
    bool newTokenLimit = false; ///< chat: the limit is called max_completion_tokens (newer models of OpenAI)
    bool noTemperature = false; ///< models that reason have one temperature
    bool noSchema = false; ///< no structured output

    bool operator==(const WireQuirks &) const = default;
};

/// What a refusal says about quirks that are not known yet; nothing where the request itself is at fault.
[[nodiscard]] std::optional<WireQuirks> quirksFrom(const ModelFault &fault, const ModelRequest &request,
                                                   const WireQuirks &known);

/// The body of a request for a streamed answer.
[[nodiscard]] std::string bodyOf(WireKind kind, const ModelRequest &request, const WireQuirks &quirks = {});

/// An answer as far as it has come.
struct PartialReply {
    ModelReply reply;
    bool finished = false; ///< the answer is whole, though its usage may still come
    bool ended = false; ///< the format's last event was seen
};

/// Takes one event of a streamed answer. A fault ends the answer: one that the endpoint reports in its
/// stream, or an event that is not of the format.
[[nodiscard]] std::optional<ModelFault> takeEvent(WireKind kind, const ServerSentEvent &event,
                                                  PartialReply &partial);

/// Reads an answer that came as one document, from servers that do not stream.
[[nodiscard]] std::optional<ModelFault> takeDocument(WireKind kind, std::string_view body,
                                                     PartialReply &partial);

/// What an HTTP status with its body says. `body` may be anything; at most a clipped line of it is quoted.
[[nodiscard]] ModelFault faultOf(int status, std::string_view body);

} // namespace ww
