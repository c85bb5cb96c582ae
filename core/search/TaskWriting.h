// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/judge/Admission.h"
#include "core/search/PromptWriter.h"

#include <functional>
#include <string>
#include <vector>

namespace ww {

/// Who writes small tasks, and who examines them.
struct TaskWritingParts {
    /// Asks the model and waits; an error ends the writing.
    std::function<Result<ModelReply>(const ModelRequest &)> ask;
    /// Puts a task to a worker. A model's reference and baseline are a stranger's text: they run where
    /// candidates run, and nowhere else.
    std::function<Result<AdmissionReport>(const Task &)> examine;
    std::string language; ///< "opencl" | "cuda"
    Capabilities device;
    ModelSettings model;
};

struct WrittenTask {
    std::optional<Task> task;
    std::string refused; ///< why there is none: what was wrong with the second answer
};

/// Has a model write one small task, into the new folder `folder` as any other task: task.json, reference and
/// baseline. It is loaded and admitted as every task is, must be small, have a name that is not in `taken`,
/// and pass a worker's examination. What is wrong is sent back once with the reason; a task that is refused
/// leaves no folder. Fails where the model cannot be asked, nothing can be examined, or the folder not be
/// written.
[[nodiscard]] Result<WrittenTask> writeTask(const PromptWriter &prompts, const TaskWritingParts &parts,
                                            const std::vector<std::string> &taken, const std::string &folder);

} // namespace ww
