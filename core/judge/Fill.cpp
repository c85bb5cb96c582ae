// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/Fill.h"

#include "core/base/Random.h"
#include "core/judge/ElementTypes.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ww {
namespace {

/// Low enough that sums of products over thousands of elements stay exact in float32.
constexpr int64_t kExactMagnitude = 2;
constexpr double kShiftedLow = 0.1, kShiftedHigh = 1.0;

/// FNV-1a, then the finaliser of MurmurHash3: a short, well-mixed key; it need not be secret.
class KeyHash {
public:
    void add(std::string_view bytes)
    {
        for (const char c : bytes)
            step(static_cast<unsigned char>(c));
        // Ends each part, so that ("ab", "c") and ("a", "bc") differ.
        step(0xff);
    }
    void add(uint64_t value)
    {
        for (int i = 0; i < 8; ++i)
            step(static_cast<unsigned char>(value >> (8 * i)));
    }
    [[nodiscard]] uint64_t finish() const
    {
        uint64_t h = m_hash;
        h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdull;
        h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53ull;
        return h ^ (h >> 33);
    }

private:
    void step(unsigned char byte) { m_hash = (m_hash ^ byte) * 0x100000001b3ull; }
    uint64_t m_hash = 0xcbf29ce484222325ull;
};

/// Four elements share one block of the generator.
struct Draw {
    std::array<uint32_t, 4> bits;

    /// In [0, 1), 32 bits.
    [[nodiscard]] double unit(unsigned lane) const { return bits[lane] * 0x1p-32; }
    [[nodiscard]] double whole(unsigned lane, int64_t low, int64_t high) const
    {
        const uint64_t count = static_cast<uint64_t>(high - low) + 1;
        return static_cast<double>(low + static_cast<int64_t>((uint64_t{ bits[lane] } * count) >> 32));
    }
    /// Box–Muller: lanes 0 and 1 share one pair of uniforms, 2 and 3 the other.
    [[nodiscard]] double normal(unsigned lane) const
    {
        const unsigned pair = lane & 2u;
        const double radius = std::sqrt(-2 * std::log((bits[pair] + 1.0) * 0x1p-32));
        const double angle = 2 * std::numbers::pi * unit(pair + 1);
        return radius * ((lane & 1u) != 0 ? std::sin(angle) : std::cos(angle));
    }
};

/// What is drawn for one element, with the set already taken into account.
struct Recipe {
    Fill::Kind kind;
    double low, high, mean, stddev;
    int64_t wholeLow, wholeHigh;
    int64_t count;

    [[nodiscard]] double value(const Draw &draw, uint64_t element) const
    {
        const auto lane = static_cast<unsigned>(element % 4);
        switch (kind) {
        case Fill::Kind::Uniform: return low + (high - low) * draw.unit(lane);
        case Fill::Kind::Normal: return mean + stddev * draw.normal(lane);
        case Fill::Kind::Integer: return draw.whole(lane, wholeLow, wholeHigh);
        case Fill::Kind::Offsets: return offset(element, draw.unit(lane));
        }
        return 0;
    }

    /// Offsets cut [0, high] at one random place within each of equal parts, so that no step is backwards
    /// and each can be made alone. A part between two cuts is 0 to 2 times the mean.
    [[nodiscard]] double offset(uint64_t element, double unit) const
    {
        if (element == 0)
            return 0;
        if (element + 1 >= static_cast<uint64_t>(count))
            return high;
        return std::floor((static_cast<double>(element) - 0.5 + unit) * high
                          / static_cast<double>(count - 1));
    }
};

/// Bounds of whole numbers stay within 32 bits, so that their count fits the generator's range.
int64_t wholeBound(double bound)
{
    return static_cast<int64_t>(std::clamp(bound, -0x1p31, 0x1p31 - 1));
}

bool mayVary(const TensorSpec &tensor)
{
    return isFloat(tensor.dtype) && !tensor.isScalar && tensor.fill.kind != Fill::Kind::Integer;
}

Recipe recipeOf(const TensorSpec &tensor, DataSet set)
{
    const Fill &fill = tensor.fill;
    Recipe recipe{ fill.kind,
                   fill.low,
                   fill.high,
                   fill.mean,
                   fill.stddev,
                   wholeBound(std::ceil(fill.low)),
                   wholeBound(std::floor(fill.high)),
                   fill.count };
    if (fill.kind == Fill::Kind::Uniform && !isFloat(tensor.dtype))
        recipe.kind = Fill::Kind::Integer;
    if (mayVary(tensor) && set == DataSet::Shifted) {
        recipe.kind = Fill::Kind::Uniform;
        recipe.low = kShiftedLow;
        recipe.high = kShiftedHigh;
    } else if (mayVary(tensor) && set == DataSet::Exact) {
        recipe.kind = Fill::Kind::Integer;
        recipe.wholeLow = -kExactMagnitude;
        recipe.wholeHigh = kExactMagnitude;
    }
    recipe.wholeHigh = std::max(recipe.wholeLow, recipe.wholeHigh);
    return recipe;
}

} // namespace

const char *toString(DataSet set)
{
    switch (set) {
    case DataSet::Default: return "default";
    case DataSet::Shifted: return "shifted";
    case DataSet::Exact: return "exact";
    }
    return "default";
}

std::vector<DataSet> dataSetsOf(const Task &task)
{
    std::vector<DataSet> sets{ DataSet::Default };
    if (std::any_of(task.inputs.begin(), task.inputs.end(), mayVary)) {
        if (task.policy.linear)
            sets.push_back(DataSet::Exact);
        sets.push_back(DataSet::Shifted);
    }
    return sets;
}

uint64_t fillKey(uint64_t seed, std::string_view workload, DataSet set, std::string_view tensor)
{
    KeyHash hash;
    hash.add(seed);
    hash.add(workload);
    hash.add(toString(set));
    hash.add(tensor);
    return hash.finish();
}

void fillElements(const TensorSpec &tensor, DataSet set, uint64_t key, int64_t first,
                  std::span<std::byte> out)
{
    const Recipe recipe = recipeOf(tensor, set);
    const auto count = static_cast<int64_t>(out.size() / sizeOf(tensor.dtype));
    Draw draw{};
    uint64_t drawn = ~uint64_t{ 0 };
    for (int64_t i = 0; i < count; ++i) {
        const auto element = static_cast<uint64_t>(first + i);
        if (element / 4 != drawn) {
            drawn = element / 4;
            draw.bits = philox4x32({ static_cast<uint32_t>(drawn), static_cast<uint32_t>(drawn >> 32), 0, 0 },
                                   { static_cast<uint32_t>(key), static_cast<uint32_t>(key >> 32) });
        }
        storeElement(tensor.dtype, out.data(), i, recipe.value(draw, element));
    }
}

} // namespace ww
