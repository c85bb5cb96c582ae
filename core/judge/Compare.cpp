// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/Compare.h"

#include "core/base/Parallel.h"
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
/// What one thread takes at a time; a multiple of kBlock, so that the blocks do not depend on it.
constexpr int64_t kShare = 64 * kBlock;

struct Pair {
    const std::byte *actual;
    const std::byte *expected;
    double absolute; ///< atol·RMS + slack
    double relative;
    double rms;
    int codeSteps;
};

/// What is found in a share of the elements.
struct Findings {
    Comparison found;
    double worst = 0; ///< by how much the worst element is beyond what is allowed
    uint64_t nonZero = 0;

    /// Adds what was found in the elements behind these.
    void add(const Findings &next)
    {
        const Comparison &other = next.found;
        found.maxAbs = std::max(found.maxAbs, other.maxAbs);
        found.maxRel = std::max(found.maxRel, other.maxRel);
        found.wrong += other.wrong;
        found.notFinite = found.notFinite || other.notFinite;
        found.farOff = found.farOff || other.farOff;
        found.clustered = found.clustered || other.clustered;
        nonZero += next.nonZero;
        if (next.worst > worst) {
            worst = next.worst;
            found.worstIndex = other.worstIndex;
            found.expected = other.expected;
            found.actual = other.actual;
        }
    }
};

/// Counts strays that lie side by side, element after element.
class StrayRun {
public:
    void begin(int64_t element)
    {
        if (element % kStrayRun == 0)
            m_strays = 0;
    }
    /// True when this stray is one of too many in its run.
    bool add() { return ++m_strays > kStrayRun / 2; }

private:
    int64_t m_strays = 0;
};

/// Keeps an element that is `excess` beyond what is allowed.
void takeStray(Findings &findings, StrayRun &run, int64_t index, double ref, double out, double excess)
{
    Comparison &found = findings.found;
    ++found.wrong;
    found.clustered = run.add() || found.clustered;
    if (excess <= findings.worst)
        return;
    findings.worst = excess;
    found.worstIndex = index;
    found.expected = ref;
    found.actual = out;
}

template <DType kType> void inspectBlock(const Pair &pair, int64_t begin, int64_t end, Findings &findings)
{
    Comparison &found = findings.found;
    StrayRun run;
    for (int64_t i = begin; i < end; ++i) {
        const double out = Reader<kType>::at(pair.actual, i);
        const double ref = Reader<kType>::at(pair.expected, i);
        double excess = 0;
        run.begin(i);
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
        if (excess > 0)
            takeStray(findings, run, i, ref, out, excess);
    }
}

template <DType kType> Findings compareShare(const Pair &pair, int64_t first, int64_t last)
{
    Findings findings;
    double largestDifference = 0, largestRelative = 0;
    for (int64_t begin = first; begin < last; begin += kBlock) {
        const int64_t end = std::min(last, begin + kBlock);
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
            findings.nonZero += out != 0 ? 1 : 0;
        }
        if (within == end - begin) {
            largestDifference = std::max(largestDifference, difference);
            largestRelative = std::max(largestRelative, relative);
        } else {
            inspectBlock<kType>(pair, begin, end, findings);
        }
    }
    findings.found.maxAbs = std::max(findings.found.maxAbs, largestDifference);
    findings.found.maxRel = std::max(findings.found.maxRel, largestRelative);
    return findings;
}

/// The same for an fp8 output: a stray lies more codes off than are allowed.
Findings compareCodes(DType type, const Pair &pair, int64_t first, int64_t last)
{
    Findings findings;
    Comparison &found = findings.found;
    StrayRun run;
    for (int64_t i = first; i < last; ++i) {
        run.begin(i);
        const double ref = loadElement(type, pair.expected, i), out = loadElement(type, pair.actual, i);
        findings.nonZero += out != 0 ? 1 : 0;
        if (std::isnan(ref) && std::isnan(out))
            continue;
        const int off = std::abs(float8Rank(std::to_integer<uint8_t>(pair.actual[i]))
                                 - float8Rank(std::to_integer<uint8_t>(pair.expected[i])));
        const bool strange = std::isfinite(ref) != std::isfinite(out);
        found.notFinite = found.notFinite || strange;
        if (!strange && std::isfinite(ref)) {
            found.maxAbs = std::max(found.maxAbs, std::abs(out - ref));
            if (off > 0)
                found.maxRel =
                    std::max(found.maxRel, std::abs(out - ref) / std::max(std::abs(ref), pair.rms));
        }
        found.farOff = found.farOff || off > kMostCodeSteps;
        if (off > pair.codeSteps || strange)
            takeStray(findings, run, i, ref, out, off);
    }
    return findings;
}

Findings compareByType(DType type, const Pair &pair, int64_t first, int64_t last)
{
    if (pair.codeSteps > 0)
        return compareCodes(type, pair, first, last);
    switch (type) {
    case DType::Float64: return compareShare<DType::Float64>(pair, first, last);
    case DType::Float32: return compareShare<DType::Float32>(pair, first, last);
    case DType::Float16: return compareShare<DType::Float16>(pair, first, last);
    case DType::BFloat16: return compareShare<DType::BFloat16>(pair, first, last);
    case DType::Float8E4M3: return compareShare<DType::Float8E4M3>(pair, first, last);
    case DType::Float8E5M2: return compareShare<DType::Float8E5M2>(pair, first, last);
    case DType::Int32: return compareShare<DType::Int32>(pair, first, last);
    case DType::Int8: return compareShare<DType::Int8>(pair, first, last);
    }
    return {};
}

/// What `make(begin, end)` gives for every share of the elements, in their order.
template <class T, class F> std::vector<T> sharedOut(int64_t count, F make)
{
    std::vector<T> shares(static_cast<size_t>((count + kShare - 1) / kShare));
    forEachBlock(count, kShare, [&](int64_t begin, int64_t end) {
        shares[static_cast<size_t>(begin / kShare)] = make(begin, end);
    });
    return shares;
}

/// Sums for the facts of a share of the elements.
struct Sums {
    double squares = 0;
    int64_t finite = 0, notFinite = 0;
    bool allZero = true, exact = true;
};

Sums sumsOf(DType type, const std::byte *data, int64_t first, int64_t last)
{
    Sums sums;
    const double largest = largestExactInteger(type);
    for (int64_t i = first; i < last; ++i) {
        const double value = loadElement(type, data, i);
        sums.allZero = sums.allZero && value == 0;
        if (!std::isfinite(value)) {
            ++sums.notFinite;
            continue;
        }
        sums.squares += value * value;
        ++sums.finite;
        sums.exact = sums.exact && std::abs(value) <= largest && value == std::nearbyint(value);
    }
    return sums;
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
    double squares = 0;
    int64_t finite = 0;
    const auto count = static_cast<int64_t>(expected.size() / sizeOf(type));
    const auto make = [&](int64_t begin, int64_t end) { return sumsOf(type, expected.data(), begin, end); };
    for (const Sums &sums : sharedOut<Sums>(count, make)) {
        squares += sums.squares;
        finite += sums.finite;
        facts.notFinite += sums.notFinite;
        facts.allZero = facts.allZero && sums.allZero;
        facts.exact = facts.exact && sums.exact;
    }
    facts.exact = facts.exact && facts.notFinite == 0;
    facts.rms = finite > 0 ? std::sqrt(squares / static_cast<double>(finite)) : 0;
    return facts;
}

double largestDifference(DType type, std::span<const std::byte> a, std::span<const std::byte> b)
{
    const auto count = static_cast<int64_t>(std::min(a.size(), b.size()) / sizeOf(type));
    const auto make = [&](int64_t begin, int64_t end) {
        double largest = 0;
        for (int64_t i = begin; i < end; ++i) {
            const double difference =
                std::abs(loadElement(type, a.data(), i) - loadElement(type, b.data(), i));
            if (std::isfinite(difference))
                largest = std::max(largest, difference);
        }
        return largest;
    };
    const std::vector<double> shares = sharedOut<double>(count, make);
    return shares.empty() ? 0 : *std::max_element(shares.begin(), shares.end());
}

Comparison compare(DType type, std::span<const std::byte> actual, std::span<const std::byte> expected,
                   const ExpectedFacts &facts, const Limits &limits)
{
    const auto count = static_cast<int64_t>(std::min(actual.size(), expected.size()) / sizeOf(type));
    const Pair pair {actual.data(), expected.data(), limits.atol * facts.rms + limits.slack,
                     limits.rtol,   facts.rms,       limits.codeSteps};
    Findings all;
    const auto make = [&](int64_t begin, int64_t end) { return compareByType(type, pair, begin, end); };
    for (const Findings &share : sharedOut<Findings>(count, make))
        all.add(share);
    Comparison found = all.found;
    found.matched = count > 0 ? 1 - static_cast<double>(found.wrong) / static_cast<double>(count) : 1;
    found.allZero = count > 0 && all.nonZero == 0 && !facts.allZero;
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
