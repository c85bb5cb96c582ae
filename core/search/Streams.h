// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Random.h"

namespace ww {

/// Who draws random numbers in a search. Each has streams of its own, so that what one draws never
/// shifts the draws of another.
enum class Draws : uint32_t { Policy = 0, Proposer = 1, Data = 2, ConfirmationData = 3, Memory = 4 };

/// The stream of `who` for the step or candidate `number`: a pure function of its arguments.
[[nodiscard]] inline RandomStream drawsOf(uint64_t seed, Draws who, int64_t number)
{
    return {seed, (static_cast<uint64_t>(who) << 32) | static_cast<uint32_t>(number)};
}

} // namespace ww
