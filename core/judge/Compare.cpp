// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/Compare.h"

#include "core/judge/ElementTypes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace ww {
namespace {

double defaultRelative(const Task &task, DType type)
{
    switch (type) {
    case DType::Float64: return 1e-9;
    case DType::Float32: return task.policy.tf32Allowed ? 2e-3 : 1e-4;
    case DType::Float16: return 1e-2;
    case DType::BFloat16: return 2e-2;
    case DType::Float8E4M3:
    case DType::Float8E5M2:
    case DType::Int32:
    case DType::Int8: return 0;
    }
    return 0;
}

/// How an element type is read for comparison. float32 and int32, the common ones, are compared in
/// place; others through a double.
template <DType kType> struct Reader {
    static double at(const std::byte *data, int64_t index) { return loadElement(kType, data, index); }
};
template <> struct Reader<DType::Float32> {
    static double at(const std::byte *data, int64_t index)
    {
        float value;
        std::memcpy(&value, data + index * int64_t {sizeof value}, sizeof value);
        return static_cast<double>(value);
    }
};
template <> struct Reader<DType::Int32> {
    static double at(const std::byte *data, int64_t index)
    {
        int32_t value;
        std::memcpy(&value, data + index * int64_t {sizeof value}, sizeof value);
        return static_cast<double>(value);
    }
};

/// Elements are judged in blocks: a block is first swept without branches, and only one that holds a
/// fault is looked at element by element.
constexpr int64_t kBlock = 2048;

struct Pair {
    const std::byte *actual;
    const std::byte *expected;
    double absolute; ///< atol·RMS + slack
    double relative;
    double rms;
};

template <DType kType>
void inspectBlock(const Pair &pair, int64_t begin, int64_t end, double &worst, Comparison &found)
{
    int64_t inRun = 0;
    for (int64_t i = begin; i < end; ++i) {
        const double out = Reader<kType>::at(pair.actual, i);
        const double ref = Reader<kType>::at(pair.expected, i);
        double excess = 0;
        if (i % kStrayRun == 0)
            inRun = 0;
        if (std::isfinite(out) && std::isfinite(ref)) {
            const double difference = std::abs(out - ref);
            const double allowed = pair.absolute + pair.relative * std::abs(ref);
            excess = difference - allowed;
            found.farOff = found.farOff || difference > kStrayFactor * allowed;
            found.maxAbs = std::max(found.maxAbs, difference);
            if (difference > 0)
                found.maxRel = std::max(found.maxRel, difference / std::max(std::abs(ref), pair.rms));
        } else if (!(out == ref || (std::isnan(out) && std::isnan(ref)))) {
            excess = std::numeric_limits<double>::infinity();
            found.notFinite = true;
        }
        if (!(excess > 0))
            continue;
        ++found.wrong;
        ++inRun;
        found.clustered = found.clustered || inRun > kStrayRun / 2;
        if (excess > worst) {
            worst = excess;
            found.worstIndex = i;
            found.expected = ref;
            found.actual = out;
        }
    }
}

template <DType kType> Comparison compareAs(const Pair &pair, int64_t count)
{
    Comparison found;
    double worst = 0;
    double largestDifference = 0, largestRelative = 0;
    uint64_t nonZero = 0;
    for (int64_t begin = 0; begin < count; begin += kBlock) {
        const int64_t end = std::min(count, begin + kBlock);
        int64_t within = 0;
        double difference = 0, relative = 0;
        for (int64_t i = begin; i < end; ++i) {
            const double out = Reader<kType>::at(pair.actual, i);
            const double ref = Reader<kType>::at(pair.expected, i);
            const double magnitude = std::abs(ref);
            const double d = std::abs(out - ref);
            // False for NaN, so that anything not finite is left to the careful look.
            within +=
                d <= pair.absolute + pair.relative * magnitude && magnitude <= 0x1.fffffffffffffp1023 ? 1 : 0;
            difference = d > difference ? d : difference;
            const double scale = magnitude > pair.rms ? magnitude : pair.rms;
            const double r = d / (scale > 0 ? scale : 1);
            relative = r > relative ? r : relative;
            nonZero += out != 0 ? 1 : 0;
        }
        if (within == end - begin) {
            largestDifference = std::max(largestDifference, difference);
            largestRelative = std::max(largestRelative, relative);
        } else {
            inspectBlock<kType>(pair, begin, end, worst, found);
        }
    }
    found.maxAbs = std::max(found.maxAbs, largestDifference);
    found.maxRel = std::max(found.maxRel, largestRelative);
    found.allZero = count > 0 && nonZero == 0;
    return found;
}

Comparison compareByType(DType type, const Pair &pair, int64_t count)
{
    switch (type) {
    case DType::Float64: return compareAs<DType::Float64>(pair, count);
    case DType::Float32: return compareAs<DType::Float32>(pair, count);
    case DType::Float16: return compareAs<DType::Float16>(pair, count);
    case DType::BFloat16: return compareAs<DType::BFloat16>(pair, count);
    case DType::Float8E4M3: return compareAs<DType::Float8E4M3>(pair, count);
    case DType::Float8E5M2: return compareAs<DType::Float8E5M2>(pair, count);
    case DType::Int32: return compareAs<DType::Int32>(pair, count);
    case DType::Int8: return compareAs<DType::Int8>(pair, count);
    }
    return {};
}

/// Counts the elements of an fp8 output anew: right is what lies at most so many codes off.
void forgiveSteps(DType type, const Pair &pair, int64_t count, int steps, Comparison &found)
{
    found.wrong = 0;
    found.worstIndex = -1;
    int worst = steps;
    for (int64_t i = 0; i < count; ++i) {
        const auto out = std::to_integer<uint8_t>(pair.actual[i]);
        const auto ref = std::to_integer<uint8_t>(pair.expected[i]);
        const double was = loadElement(type, pair.expected, i), is = loadElement(type, pair.actual, i);
        const bool alike = std::isnan(was) && std::isnan(is);
        const int off = alike ? 0 : std::abs(float8Rank(out) - float8Rank(ref));
        const bool strange = !alike && (std::isfinite(was) != std::isfinite(is));
        if (off <= steps && !strange)
            continue;
        ++found.wrong;
        if (found.worstIndex >= 0 && off <= worst)
            continue;
        worst = off;
        found.worstIndex = i;
        found.expected = was;
        found.actual = is;
    }
}

} // namespace

Limits limitsOf(const Task &task, DType type, DataSet set, bool expectedIsExact)
{
    Limits limits;
    const bool wholeNumbers = set == DataSet::Exact || (set == DataSet::Impulse && task.policy.linear);
    if (wholeNumbers && expectedIsExact)
        return limits;
    limits.matchedRatio = task.tolerance.matchedRatio;
    if (!isFloat(type))
        return limits;
    limits.rtol = task.tolerance.rtol.value_or(defaultRelative(task, type));
    limits.atol = task.tolerance.atol.value_or(limits.rtol);
    const bool own = task.tolerance.rtol || task.tolerance.atol;
    limits.codeSteps = sizeOf(type) == 1 && !own ? 1 : 0;
    return limits;
}

ExpectedFacts factsOf(DType type, std::span<const std::byte> expected)
{
    ExpectedFacts facts;
    facts.exact = true;
    const auto count = static_cast<int64_t>(expected.size() / sizeOf(type));
    const double largest = largestExactInteger(type);
    double sum = 0;
    int64_t finite = 0;
    for (int64_t i = 0; i < count; ++i) {
        const double value = loadElement(type, expected.data(), i);
        if (value != 0)
            facts.allZero = false;
        if (!std::isfinite(value)) {
            ++facts.notFinite;
            continue;
        }
        sum += value * value;
        ++finite;
        if (std::abs(value) > largest || value != std::nearbyint(value))
            facts.exact = false;
    }
    facts.exact = facts.exact && facts.notFinite == 0;
    facts.rms = finite > 0 ? std::sqrt(sum / static_cast<double>(finite)) : 0;
    return facts;
}

Comparison compare(DType type, std::span<const std::byte> actual, std::span<const std::byte> expected,
                   const ExpectedFacts &facts, const Limits &limits)
{
    const auto count = static_cast<int64_t>(std::min(actual.size(), expected.size()) / sizeOf(type));
    const Pair pair {actual.data(), expected.data(), limits.atol * facts.rms + limits.slack, limits.rtol,
                     facts.rms};
    Comparison found = compareByType(type, pair, count);
    if (limits.codeSteps > 0)
        forgiveSteps(type, pair, count, limits.codeSteps, found);
    found.matched = count > 0 ? 1 - static_cast<double>(found.wrong) / static_cast<double>(count) : 1;
    found.allZero = found.allZero && !facts.allZero;
    // A share of strays may be allowed, but never one that is not even a number.
    found.ok = actual.size() == expected.size() && !found.notFinite && !found.allZero
        && (found.wrong == 0 || (found.matched >= limits.matchedRatio && !found.farOff && !found.clustered));
    return found;
}

std::string coordinates(int64_t index, const std::vector<int64_t> &shape)
{
    if (shape.empty())
        return fmt::format("[{}]", index);
    std::vector<int64_t> place(shape.size());
    for (size_t i = shape.size(); i-- > 0;) {
        const int64_t extent = std::max<int64_t>(shape[i], 1);
        place[i] = index % extent;
        index /= extent;
    }
    return fmt::format("[{}]", fmt::join(place, ", "));
}

} // namespace ww
