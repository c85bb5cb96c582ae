// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/journal/Session.h"

#include <nlohmann/json_fwd.hpp>

#include <functional>

namespace ww {

/// Puts a long text beside an event and gives what stands for it.
using LayBeside = std::function<std::string(const std::string &text)>;
/// Finds the text again.
using FindText = std::function<Result<std::string>(const std::string &hash)>;

/// Questions to a model and its answers as the journal carries them: prompts and answers lie beside the
/// event, so that the part of a prompt that stays the same is stored once.
[[nodiscard]] nlohmann::json askedToJson(const ModelAsked &event, const LayBeside &layBeside);
[[nodiscard]] Result<EventBody> askedFromJson(const nlohmann::json &document, const FindText &findText);
[[nodiscard]] nlohmann::json answeredToJson(const ModelAnswered &event, const LayBeside &layBeside);
[[nodiscard]] Result<EventBody> answeredFromJson(const nlohmann::json &document, const FindText &findText);

} // namespace ww
