// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/journal/Session.h"
#include "core/memory/Memory.h"

#include <functional>
#include <memory>

namespace ww {

/// Asks memory what it has to say to the prompt of a step.
using PromptMemory = std::function<Result<MemoryOffer>(const Session &, const Move &, int step)>;

/// The user's memory, asked by the task's language, device, tags and description and by what went wrong with
/// the step's parent and the last candidates that failed; techniques for what limits the parent. For one
/// thread at a time.
[[nodiscard]] PromptMemory promptMemory(std::shared_ptr<const Memory> memory);

} // namespace ww
