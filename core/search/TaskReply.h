// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"
#include "core/model/ModelTypes.h"

#include <string>

namespace ww {

/// The texts of a task, as they stand in its folder.
struct TaskTexts {
    std::string definition; ///< task.json
    std::string reference;
    std::string baseline;
};

/// Reads a task from an answer: a fenced block with a JSON object, and two with a launch plan, the reference
/// before the baseline. What they say is not looked at. The error is a sentence for the model to act on.
[[nodiscard]] Result<TaskTexts> readTaskReply(const ModelReply &reply);

} // namespace ww
