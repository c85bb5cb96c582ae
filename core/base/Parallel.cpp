// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Parallel.h"

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

#include <sched.h>

namespace ww {
namespace {

constexpr int kMostThreads = 16;
/// For fewer blocks each a thread is not worth its start, and on a busy machine the wait for its end.
constexpr int64_t kBlocksPerThread = 4;

int usableCores()
{
    cpu_set_t cores;
    CPU_ZERO(&cores);
    if (::sched_getaffinity(0, sizeof cores, &cores) != 0)
        return 1;
    return std::clamp(CPU_COUNT(&cores), 1, kMostThreads);
}

} // namespace

void forEachBlock(int64_t count, int64_t block, const std::function<void(int64_t begin, int64_t end)> &work)
{
    static const int kCores = usableCores();
    const int64_t blocks = (count + block - 1) / block;
    std::atomic<int64_t> next = 0;
    const auto run = [&] {
        for (int64_t taken = next++; taken < blocks; taken = next++)
            work(taken * block, std::min(count, (taken + 1) * block));
    };
    std::vector<std::jthread> others;
    try {
        for (int64_t thread = 1; thread < std::min<int64_t>(blocks / kBlocksPerThread, kCores); ++thread)
            others.emplace_back(run);
    } catch (const std::system_error &) {
        // A limit on threads: those that there are do the work.
    }
    run();
}

} // namespace ww
