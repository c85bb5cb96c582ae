// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>

namespace ww {

/// Cuts [0, count) into blocks of `block` and calls `work(begin, end)` for each, on as many threads as this
/// process may use cores (at most 16, and none for a few blocks) and in no order; returns when all are done.
/// The cuts do not depend on the number of threads, so what is added up block by block does not either.
/// `work` must not throw.
void forEachBlock(int64_t count, int64_t block, const std::function<void(int64_t begin, int64_t end)> &work);

} // namespace ww
