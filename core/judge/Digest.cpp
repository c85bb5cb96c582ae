// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/Digest.h"

#include "core/base/Parallel.h"

#include <algorithm>
#include <atomic>
#include <cstring>

namespace ww {
namespace {

constexpr int64_t kBlockBytes = int64_t {1} << 20;

/// As in kDigestSource.
uint64_t mix(uint64_t word, uint64_t place, uint64_t key)
{
    uint64_t z = (word ^ key) + (place + 1) * 0x9e3779b97f4a7c15ull;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
}

} // namespace

uint64_t digestOf(std::span<const std::byte> bytes, uint64_t key)
{
    std::atomic<uint64_t> total = 0;
    forEachBlock(static_cast<int64_t>(bytes.size()), kBlockBytes, [&](int64_t begin, int64_t end) {
        uint64_t sum = 0;
        const auto last = static_cast<size_t>(end);
        for (auto at = static_cast<size_t>(begin); at < last; at += sizeof(uint64_t)) {
            uint64_t word = 0;
            std::memcpy(&word, bytes.data() + at, std::min(sizeof word, last - at));
            sum += mix(word, at / sizeof word, key);
        }
        total += sum;
    });
    return total;
}

void copyBytes(std::span<const std::byte> from, std::span<std::byte> to)
{
    const auto count = static_cast<int64_t>(std::min(from.size(), to.size()));
    forEachBlock(count, kBlockBytes, [&](int64_t begin, int64_t end) {
        std::memcpy(to.data() + begin, from.data() + begin, static_cast<size_t>(end - begin));
    });
}

bool sameBytes(std::span<const std::byte> a, std::span<const std::byte> b)
{
    if (a.size() != b.size())
        return false;
    std::atomic<bool> same = true;
    forEachBlock(static_cast<int64_t>(a.size()), kBlockBytes, [&](int64_t begin, int64_t end) {
        if (same && std::memcmp(a.data() + begin, b.data() + begin, static_cast<size_t>(end - begin)) != 0)
            same = false;
    });
    return same;
}

} // namespace ww
