// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/RedZone.h"

#include <algorithm>
#include <cstring>

namespace ww {
namespace {

/// Weyl sequence with SplitMix64's finaliser (Steele, Lea, Flood 2014): eight bytes a step.
uint64_t patternWord(uint64_t key, uint64_t index)
{
    uint64_t z = key + (index + 1) * 0x9e3779b97f4a7c15ull;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
}

} // namespace

void fillRedZone(std::span<std::byte> zone, uint64_t key)
{
    for (size_t at = 0; at < zone.size(); at += sizeof(uint64_t)) {
        const uint64_t word = patternWord(key, at / sizeof word);
        std::memcpy(zone.data() + at, &word, std::min(sizeof word, zone.size() - at));
    }
}

std::optional<size_t> damagedAt(std::span<const std::byte> zone, uint64_t key)
{
    for (size_t at = 0; at < zone.size(); at += sizeof(uint64_t)) {
        const uint64_t word = patternWord(key, at / sizeof word);
        const size_t count = std::min(sizeof word, zone.size() - at);
        if (std::memcmp(zone.data() + at, &word, count) == 0)
            continue;
        const auto *bytes = reinterpret_cast<const std::byte *>(&word);
        const auto differs = std::mismatch(bytes, bytes + count, zone.data() + at);
        return at + static_cast<size_t>(differs.first - bytes);
    }
    return std::nullopt;
}

} // namespace ww
