// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/journal/Session.h"
#include "core/model/Model.h"
#include "core/search/PromptWriter.h"
#include "core/search/RecordedOrder.h"

#include <functional>
#include <memory>

namespace ww {

/// Answers with what a recorded session's model answered, by the label of the question and in the order in
/// which the answers once came. A question that the record does not answer waits to be cancelled.
[[nodiscard]] std::shared_ptr<Model> makeRecordedModel(const Session &session,
                                                       std::shared_ptr<RecordedOrder> order,
                                                       std::function<void()> beyondRecord);

/// Asks what was asked in the recorded session; prompt files are not read.
[[nodiscard]] std::shared_ptr<QuestionSource> makeRecordedQuestions(const Session &session);

} // namespace ww
