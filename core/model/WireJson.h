// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/WireFormat.h"

#include <nlohmann/json_fwd.hpp>

/// The parts of the three formats that WireFormat puts together, as JSON. Readers accept what servers really
/// send: fields left out, null for text, numbers for codes; they never throw.
namespace ww::wire {

[[nodiscard]] nlohmann::json chatBody(const ModelRequest &request);
[[nodiscard]] nlohmann::json responsesBody(const ModelRequest &request);
[[nodiscard]] nlohmann::json messagesBody(const ModelRequest &request);

/// One event's document, already parsed; returns what the endpoint reports as its fault.
std::optional<ModelFault> takeChat(const nlohmann::json &chunk, PartialReply &partial);
std::optional<ModelFault> takeResponses(const nlohmann::json &event, PartialReply &partial);
std::optional<ModelFault> takeMessages(const nlohmann::json &event, PartialReply &partial);

/// The same for a whole answer.
std::optional<ModelFault> takeWholeChat(const nlohmann::json &answer, PartialReply &partial);
std::optional<ModelFault> takeWholeResponses(const nlohmann::json &answer, PartialReply &partial);
std::optional<ModelFault> takeWholeMessages(const nlohmann::json &answer, PartialReply &partial);

/// The fault in an error document of any of the formats; `status` is HTTP's, 0 in a stream.
[[nodiscard]] ModelFault faultFrom(const nlohmann::json &document, int status);

/// A member's text, or nothing where it is missing, null or no text.
[[nodiscard]] std::string textIn(const nlohmann::json &object, const char *key);
/// A member's whole number, 0 where it is missing or none.
[[nodiscard]] int64_t countIn(const nlohmann::json &object, const char *key);
/// A member that is an object or list; a null value where there is none.
[[nodiscard]] const nlohmann::json &childIn(const nlohmann::json &object, const char *key);
/// The JSON schema of a request as a document; null where it has none or it does not parse.
[[nodiscard]] nlohmann::json schemaOf(const ModelRequest &request);

} // namespace ww::wire
