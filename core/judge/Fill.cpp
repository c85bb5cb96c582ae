// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/Fill.h"

#include "core/base/Parallel.h"
#include "core/base/Random.h"
#include "core/judge/ElementTypes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numbers>

namespace ww {
namespace {

/// Low enough that sums of products over thousands of elements stay exact in float32.
constexpr int64_t kExactMagnitude = 2;
constexpr double kShiftedLow = 0.1, kShiftedHigh = 1.0;

struct SetName {
    DataSet set;
    const char *name;
};
constexpr std::array kSetNames {
    SetName {DataSet::Default, "default"}, SetName {DataSet::Exact, "exact"},
    SetName {DataSet::Shifted, "shifted"}, SetName {DataSet::Impulse, "impulse"},
    SetName {DataSet::Mixed, "mixed"},     SetName {DataSet::Structured, "structured"}};

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
    std::array<double, 4> normals {}; ///< once makeNormals() was called

    /// In [0, 1), 32 bits.
    [[nodiscard]] double unit(unsigned lane) const { return bits[lane] * 0x1p-32; }
    [[nodiscard]] double whole(unsigned lane, int64_t low, int64_t high) const
    {
        const uint64_t count = static_cast<uint64_t>(high - low) + 1;
        return static_cast<double>(low + static_cast<int64_t>((uint64_t {bits[lane]} * count) >> 32));
    }
    /// Box–Muller: lanes 0 and 1 share one pair of uniforms, 2 and 3 the other.
    void makeNormals()
    {
        for (const unsigned pair : {0u, 2u}) {
            const double radius = std::sqrt(-2 * std::log((bits[pair] + 1.0) * 0x1p-32));
            const double angle = 2 * std::numbers::pi * unit(pair + 1);
            normals[pair] = radius * std::cos(angle);
            normals[pair + 1] = radius * std::sin(angle);
        }
    }
};

/// The distribution that one element is drawn from.
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
        case Fill::Kind::Normal: return mean + stddev * draw.normals[lane];
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
    /// The value at a share of the way through the distribution, without its tails.
    [[nodiscard]] double along(double share) const
    {
        return kind == Fill::Kind::Normal ? mean + stddev * (4 * share - 2) : low + (high - low) * share;
    }
};

/// Bounds of whole numbers stay within 32 bits, so that their count fits the generator's range.
int64_t wholeBound(double bound)
{
    return static_cast<int64_t>(std::clamp(bound, -0x1p31, 0x1p31 - 1));
}

bool mayVary(const TensorSpec &tensor)
{
    return isFloat(tensor.dtype) && !tensor.isScalar && tensor.fill.kind != Fill::Kind::Integer
        && tensor.fill.kind != Fill::Kind::Offsets;
}

Recipe recipeOf(const TensorSpec &tensor, DataSet set)
{
    const Fill &fill = tensor.fill;
    Recipe recipe {fill.kind,
                   fill.low,
                   fill.high,
                   fill.mean,
                   fill.stddev,
                   wholeBound(std::ceil(fill.low)),
                   wholeBound(std::floor(fill.high)),
                   fill.count};
    if (fill.kind == Fill::Kind::Uniform && !isFloat(tensor.dtype))
        recipe.kind = Fill::Kind::Integer;
    if (mayVary(tensor) && set == DataSet::Shifted) {
        recipe.kind = Fill::Kind::Uniform;
        recipe.low = kShiftedLow;
        recipe.high = kShiftedHigh;
    } else if (mayVary(tensor) && (set == DataSet::Exact || set == DataSet::Impulse)) {
        recipe.kind = Fill::Kind::Integer;
        recipe.wholeLow = set == DataSet::Impulse ? 1 : -kExactMagnitude;
        recipe.wholeHigh = kExactMagnitude;
    }
    recipe.wholeHigh = std::max(recipe.wholeLow, recipe.wholeHigh);
    return recipe;
}

/// Leaves sums of products of the type within its range.
double mixedScale(DType type)
{
    constexpr double kScale = 1e3, kScaleOfHalf = 16, kScaleOfBytes = 4;
    return sizeOf(type) == 1 ? kScaleOfBytes : type == DType::Float16 ? kScaleOfHalf : kScale;
}

/// The generator's block for a stream of its own within the tensor's key.
Draw drawOf(uint64_t key, uint64_t counter, uint32_t stream)
{
    return {philox4x32({static_cast<uint32_t>(counter), static_cast<uint32_t>(counter >> 32), stream, 0},
                       {static_cast<uint32_t>(key), static_cast<uint32_t>(key >> 32)}),
            {}};
}
constexpr uint32_t kElements = 0, kLayout = 1, kRows = 2;

/// A tensor on a set: the distribution, and what the set does with an element by its place.
class Pattern {
public:
    Pattern(const TensorSpec &tensor, const std::vector<int64_t> &shape, DataSet set, uint64_t key)
        : m_recipe(recipeOf(tensor, set)),
          m_set(mayVary(tensor) ? set : DataSet::Default),
          m_key(key),
          m_layout(drawOf(key, 0, kLayout)),
          m_first(elements(0)),
          m_scale(mixedScale(tensor.dtype))
    {
        for (const int64_t extent : shape)
            m_count *= std::max<int64_t>(extent, 1);
        m_rowLength = shape.empty() ? 1 : std::max<int64_t>(shape.back(), 1);
        const auto place = static_cast<int64_t>(m_layout.unit(0) * static_cast<double>(m_count));
        m_place = std::min(place, m_count - 1);
    }

    /// The draw that four elements share.
    [[nodiscard]] Draw elements(uint64_t block) const
    {
        Draw draw = drawOf(m_key, block, kElements);
        if (m_recipe.kind == Fill::Kind::Normal)
            draw.makeNormals();
        return draw;
    }

    [[nodiscard]] double value(const Draw &draw, int64_t element)
    {
        const auto number = static_cast<uint64_t>(element);
        switch (m_set) {
        case DataSet::Default:
        case DataSet::Exact:
        case DataSet::Shifted: break;
        case DataSet::Impulse: return isLit(element) ? m_recipe.value(draw, number) : 0;
        case DataSet::Mixed: return m_recipe.value(draw, number) * rowScale(element / m_rowLength);
        case DataSet::Structured: return structured(draw, element);
        }
        return m_recipe.value(draw, number);
    }

private:
    [[nodiscard]] bool isLit(int64_t element) const
    {
        switch (m_layout.bits[1] % 3) {
        case 0: return element == m_place;
        case 1: return element / m_rowLength == m_place / m_rowLength;
        default: return element % m_rowLength == m_place % m_rowLength;
        }
    }
    [[nodiscard]] double rowScale(int64_t row)
    {
        if (row != m_row) {
            m_row = row;
            const uint32_t draw = drawOf(m_key, static_cast<uint64_t>(row), kRows).bits[0] % 3;
            m_rowScale = draw == 0 ? 1 : draw == 1 ? m_scale : 1 / m_scale;
        }
        return m_rowScale;
    }
    [[nodiscard]] double structured(const Draw &draw, int64_t element) const
    {
        const bool zeroIsLegal = m_recipe.kind == Fill::Kind::Normal || m_recipe.low <= 0;
        switch (m_layout.bits[1] % 4) {
        case 0: return m_recipe.value(m_first, 0);
        case 1: return zeroIsLegal ? 0 : m_recipe.value(m_first, 0);
        // From a fifth on: the sum over a whole symmetric range would be nothing but rounding.
        case 2:
            return m_recipe.along(
                0.2 + 0.8 * (static_cast<double>(element) + 0.5) / static_cast<double>(m_count));
        default: return m_recipe.value(m_first, draw.bits[static_cast<size_t>(element % 4)] % 3);
        }
    }

    Recipe m_recipe;
    DataSet m_set;
    uint64_t m_key;
    Draw m_layout, m_first;
    double m_scale;
    int64_t m_count = 1, m_rowLength = 1, m_place = 0;
    int64_t m_row = -1;
    double m_rowScale = 1;
};

/// What one thread makes at a time; a multiple of the four elements that share a draw.
constexpr int64_t kShare = int64_t {1} << 16;

template <class Bits> void nudgeBits(Bits exponentMask, uint64_t key, std::span<std::byte> data)
{
    const auto nudge = [=](int64_t begin, int64_t end) {
        Draw draw {};
        for (int64_t i = begin; i < end; ++i) {
            if (i == begin || i % 4 == 0)
                draw = drawOf(key, static_cast<uint64_t>(i) / 4, 0);
            Bits bits;
            std::byte *at = data.data() + static_cast<size_t>(i) * sizeof bits;
            std::memcpy(&bits, at, sizeof bits);
            // The exponent of what is not finite is all ones; a number of exponent zero is as good as zero.
            if ((bits & exponentMask) == exponentMask || (bits & exponentMask) == 0)
                continue;
            const bool up = (draw.bits[static_cast<size_t>(i % 4)] & 1u) != 0;
            bits = static_cast<Bits>(up ? bits + 1 : bits - 1);
            std::memcpy(at, &bits, sizeof bits);
        }
    };
    forEachBlock(static_cast<int64_t>(data.size() / sizeof(Bits)), kShare, nudge);
}

} // namespace

const char *toString(DataSet set)
{
    return std::find_if(kSetNames.begin(), kSetNames.end(),
                        [set](const SetName &known) { return known.set == set; })
        ->name;
}

std::optional<DataSet> dataSetFromName(std::string_view name)
{
    for (const SetName &known : kSetNames) {
        if (name == known.name)
            return known.set;
    }
    return std::nullopt;
}

std::vector<std::string> dataSetNames()
{
    std::vector<std::string> names;
    for (const SetName &known : kSetNames)
        names.emplace_back(known.name);
    return names;
}

std::vector<DataSet> dataSetsOf(const Task &task)
{
    std::vector<DataSet> sets {DataSet::Default};
    if (std::any_of(task.inputs.begin(), task.inputs.end(), mayVary)) {
        if (task.policy.linear)
            sets.push_back(DataSet::Exact);
        sets.insert(sets.end(), {DataSet::Shifted, DataSet::Impulse, DataSet::Mixed, DataSet::Structured});
    }
    return sets;
}

DataSet setOfInput(const Task &task, const TensorSpec &input, DataSet set, uint64_t seed,
                   std::string_view workload)
{
    if (set != DataSet::Impulse)
        return set;
    std::vector<const TensorSpec *> varying;
    for (const TensorSpec &tensor : task.inputs) {
        if (mayVary(tensor))
            varying.push_back(&tensor);
    }
    const uint64_t pick = fillKey(seed, workload, set, "which input");
    if (!varying.empty() && varying[pick % varying.size()]->name == input.name)
        return DataSet::Impulse;
    return task.policy.linear ? DataSet::Exact : DataSet::Default;
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

void fillElements(const TensorSpec &tensor, const std::vector<int64_t> &shape, DataSet set, uint64_t key,
                  int64_t first, std::span<std::byte> out)
{
    const Pattern whole(tensor, shape, set, key);
    const auto make = [&](int64_t begin, int64_t end) {
        Pattern pattern = whole;
        Draw draw {};
        uint64_t drawn = ~uint64_t {0};
        for (int64_t i = begin; i < end; ++i) {
            const int64_t element = first + i;
            const uint64_t block = static_cast<uint64_t>(element) / 4;
            if (block != drawn) {
                drawn = block;
                draw = pattern.elements(block);
            }
            storeElement(tensor.dtype, out.data(), i, pattern.value(draw, element));
        }
    };
    forEachBlock(static_cast<int64_t>(out.size() / sizeOf(tensor.dtype)), kShare, make);
}

void nudgeElements(DType type, uint64_t key, std::span<std::byte> data)
{
    switch (type) {
    case DType::Float64: return nudgeBits<uint64_t>(0x7ff0000000000000ull, key, data);
    case DType::Float32: return nudgeBits<uint32_t>(0x7f800000u, key, data);
    case DType::Float16: return nudgeBits<uint16_t>(0x7c00u, key, data);
    case DType::BFloat16: return nudgeBits<uint16_t>(0x7f80u, key, data);
    case DType::Float8E4M3: return nudgeBits<uint8_t>(0x78u, key, data);
    case DType::Float8E5M2: return nudgeBits<uint8_t>(0x7cu, key, data);
    case DType::Int32:
    case DType::Int8: break;
    }
}

} // namespace ww
