// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/memory/Evidence.h"

#include "core/search/Streams.h"

#include <cmath>

namespace ww {
namespace {

struct Interval {
    double low = 0, high = 1;
};

/// Wilson's score interval of one proportion, 95 % (JASA 22, 1927).
Interval wilson(const PassCount &count)
{
    if (count.prompts == 0)
        return {};
    constexpr double z = 1.959963984540054;
    const double n = count.prompts, p = count.rate();
    const double centre = p + z * z / (2 * n);
    const double half = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    const double scale = 1 + z * z / n;
    return {(centre - half) / scale, (centre + half) / scale};
}

} // namespace

bool isHeldOut(uint64_t seed, int step, double share)
{
    return drawsOf(seed, Draws::Memory, step).uniform() < share;
}

Estimate differenceOf(const PassCount &a, const PassCount &b)
{
    const double difference = a.rate() - b.rate();
    if (a.prompts == 0 || b.prompts == 0)
        return {difference, -1, 1};
    const Interval one = wilson(a), other = wilson(b);
    return {difference, difference - std::hypot(a.rate() - one.low, other.high - b.rate()),
            difference + std::hypot(one.high - a.rate(), b.rate() - other.low)};
}

} // namespace ww
