// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/judge/Fill.h"
#include "core/task/Task.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ww {

/// How far an element may be from the reference: |out − ref| ≤ atol·RMS(ref) + rtol·|ref| + slack.
struct Limits {
    double atol = 0; ///< in units of the reference's root mean square
    double rtol = 0;
    /// Share of elements that must be within. The others must be within kStrayFactor times as much, and no
    /// run of kStrayRun neighbours may hold more than half of strays: a skipped tile is no rounding.
    double matchedRatio = 1;
    int codeSteps = 0; ///< not 0, fp8 only: codes that an element may lie off, instead of atol and rtol
    double slack = 0; ///< absolute: what rounding the inputs already changes
};
constexpr double kStrayFactor = 10;
/// The same for fp8: a stray may lie at most this many codes off (evaluation.md, 4).
constexpr int kMostCodeSteps = 2;
constexpr int64_t kStrayRun = 32;

/// The limits of the type (fp64 1e-9, fp32 1e-4, or 2e-3 where the task allows TF32, fp16 1e-2, bf16 2e-2,
/// fp8 one code, integers 0; evaluation.md, 4), overridden by the task's own. Zero on the whole numbers of
/// the sets Exact and, where the task is linear, Impulse when `expectedIsExact`.
[[nodiscard]] Limits limitsOf(const Task &task, DType type, DataSet set, bool expectedIsExact);

/// Facts about expected values that every comparison with them needs.
struct ExpectedFacts {
    double rms = 0; ///< root mean square of the finite elements
    bool allZero = true;
    bool exact = false; ///< whole numbers the type represents without rounding
    int64_t notFinite = 0;
};
[[nodiscard]] ExpectedFacts factsOf(DType type, std::span<const std::byte> expected);

/// Largest |a − b| where that is a finite number.
[[nodiscard]] double largestDifference(DType type, std::span<const std::byte> a,
                                       std::span<const std::byte> b);

/// What a comparison found.
struct Comparison {
    bool ok = true;
    double maxAbs = 0; ///< largest |out − ref| of finite pairs
    double maxRel = 0; ///< largest |out − ref| / max(|ref|, RMS(ref)) of finite pairs
    double matched = 1; ///< share of elements within the limits
    int64_t wrong = 0; ///< elements outside the limits
    int64_t worstIndex = -1; ///< of the worst element when one is outside, else −1
    double expected = 0, actual = 0; ///< values there
    bool notFinite = false; ///< an element is NaN or infinite where the reference is not, or the reverse
    bool allZero = false; ///< every output element is zero while the reference has others
    bool farOff = false; ///< an element is beyond kStrayFactor times the limits, or kMostCodeSteps
    bool clustered = false; ///< wrong elements lie side by side
};

/// Compares an output with the reference, element by element. NaN matches NaN only, an infinity itself
/// only. Both spans hold the same number of elements.
[[nodiscard]] Comparison compare(DType type, std::span<const std::byte> actual,
                                 std::span<const std::byte> expected, const ExpectedFacts &facts,
                                 const Limits &limits);

/// "[2, 17]" for a flat index in a row-major tensor of this shape; "[5]" without a shape.
[[nodiscard]] std::string coordinates(int64_t index, const std::vector<int64_t> &shape);

} // namespace ww
