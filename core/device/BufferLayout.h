// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/ChildMessages.h"

#include <cstddef>
#include <vector>

namespace ww {

/// Where a buffer's bytes lie in a slot of the memory that a run gives back. Outputs give their data, inputs
/// and scratch their red zones only: `data` is then empty and `tail` follows `head`.
struct BufferPlace {
    size_t head = 0;
    size_t data = 0;
    size_t dataBytes = 0;
    size_t tail = 0;
};

struct BufferLayout {
    std::vector<BufferPlace> places; ///< one per buffer, in order
    size_t totalBytes = 0; ///< of one slot
};

/// The layout of these buffers; both sides work it out for themselves.
[[nodiscard]] BufferLayout layoutOf(const std::vector<BufferSpec> &buffers);

} // namespace ww
