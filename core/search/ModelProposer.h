// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/Model.h"
#include "core/model/Prices.h"
#include "core/search/PromptMemory.h"
#include "core/search/PromptWriter.h"
#include "core/search/Proposer.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace ww {

/// Who is asked for candidates, and how.
struct ModelProposerParts {
    std::string name = "llm"; ///< of the proposer
    std::string origin; ///< of its candidates: "llm:gpt-5-mini"
    std::string endpoint; ///< where the model is, for the journal
    std::shared_ptr<Model> model;
    std::shared_ptr<QuestionSource> questions;
    /// What was learned before, for the prompt of a step; may be empty.
    PromptMemory memory;
    std::optional<ModelPrice> price; ///< nothing where it is not known
    /// What a call cost; by `price` where this is empty. A recording knows it.
    std::function<std::optional<double>(const ModelCallKey &)> recordedMoney;
    int capacity = 1; ///< steps asked for at a time
};

/// Asks a model: a large step for a whole source, a small one for edits of its parent. An answer that cannot
/// be used is sent back once with the reason. Each question and answer is reported for the journal, and
/// nothing is asked that might pass the session's limit of money. A call that failed is made once more; an
/// endpoint that has stopped, or does not understand the question, makes the proposer Unavailable.
[[nodiscard]] std::unique_ptr<Proposer> makeModelProposer(ModelProposerParts parts);

} // namespace ww
