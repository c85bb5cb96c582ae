// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>

namespace ww {

/// Philox4x32-10, the counter-based generator of Salmon et al., "Parallel random numbers: as easy as
/// 1, 2, 3" (SC 2011): the same key and counter give the same 128 bits on every machine, so a value
/// can be made anywhere and nothing has to be stored.
[[nodiscard]] constexpr std::array<uint32_t, 4> philox4x32(std::array<uint32_t, 4> counter,
                                                           std::array<uint32_t, 2> key)
{
    constexpr uint32_t kMultiplier0 = 0xD2511F53, kMultiplier1 = 0xCD9E8D57;
    constexpr uint32_t kWeyl0 = 0x9E3779B9, kWeyl1 = 0xBB67AE85;
    for (int round = 0; round < 10; ++round) {
        const uint64_t product0 = uint64_t {kMultiplier0} * counter[0];
        const uint64_t product1 = uint64_t {kMultiplier1} * counter[2];
        counter = {
            static_cast<uint32_t>(product1 >> 32) ^ counter[1] ^ key[0], static_cast<uint32_t>(product1),
            static_cast<uint32_t>(product0 >> 32) ^ counter[3] ^ key[1], static_cast<uint32_t>(product0)};
        key[0] += kWeyl0;
        key[1] += kWeyl1;
    }
    return counter;
}

/// A stream of random numbers that is a pure function of (seed, stream): the draws of search step k
/// never depend on how many draws earlier steps made.
class RandomStream {
public:
    RandomStream(uint64_t seed, uint64_t stream) : m_seed(seed), m_stream(stream) { }

    /// The next 32 random bits.
    uint32_t next();
    /// Uniform in [0, 1).
    double uniform();
    /// Uniform integer in [0, count); count must be positive. Unbiased.
    uint32_t below(uint32_t count);

private:
    uint64_t m_seed;
    uint64_t m_stream;
    uint64_t m_counter = 0;
    std::array<uint32_t, 4> m_block {};
    unsigned m_left = 0;
};

} // namespace ww
