// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Random.h"

namespace ww {

uint32_t RandomStream::next()
{
    if (m_left == 0) {
        m_block = philox4x32({static_cast<uint32_t>(m_counter), static_cast<uint32_t>(m_counter >> 32),
                              static_cast<uint32_t>(m_stream), static_cast<uint32_t>(m_stream >> 32)},
                             {static_cast<uint32_t>(m_seed), static_cast<uint32_t>(m_seed >> 32)});
        ++m_counter;
        m_left = 4;
    }
    return m_block[--m_left];
}

double RandomStream::uniform()
{
    const uint64_t high = next() >> 5, low = next() >> 6;
    return static_cast<double>((high << 26) | low) * 0x1.0p-53;
}

uint32_t RandomStream::below(uint32_t count)
{
    // Rejection keeps the draw unbiased: values under 2^32 mod count would be favoured.
    const uint32_t threshold = (0u - count) % count;
    for (;;) {
        const uint32_t value = next();
        if (value >= threshold)
            return value % count;
    }
}

} // namespace ww
