// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/task/Task.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <utility>
#include <vector>

namespace ww {

/// Gives memory that nobody fills first: filling it takes longer than what several threads then write to it.
template <class T> struct Unfilled : std::allocator<T> {
    template <class U> struct rebind {
        using other = Unfilled<U>;
    };
    template <class U> void construct(U *place) { ::new (static_cast<void *>(place)) U; }
    template <class U, class... Arguments> void construct(U *place, Arguments &&...arguments)
    {
        ::new (static_cast<void *>(place)) U(std::forward<Arguments>(arguments)...);
    }
};
using Bytes = std::vector<std::byte, Unfilled<std::byte>>;

/// The packed elements of several tensors, in their task's order.
using Tensors = std::vector<Bytes>;

/// IEEE 754 binary16 to binary32; exact.
[[nodiscard]] float halfToFloat(uint16_t half);
/// binary32 to binary16, to nearest even; overflow gives infinity, NaN stays NaN.
[[nodiscard]] uint16_t floatToHalf(float value);
/// bfloat16 (the upper half of a binary32) to binary32; exact.
[[nodiscard]] float bfloat16ToFloat(uint16_t bits);
/// binary32 to bfloat16, to nearest even; NaN stays NaN.
[[nodiscard]] uint16_t floatToBfloat16(float value);

/// The bits of an fp8 element (Float8E4M3 or Float8E5M2) as a number; exact.
[[nodiscard]] float float8ToFloat(DType type, uint8_t bits);
/// A number as fp8, to nearest even. Beyond the largest finite value it gives that value, as CUDA's
/// conversions do; NaN stays NaN.
[[nodiscard]] uint8_t floatToFloat8(DType type, float value);
/// Place of an fp8 code among the numbers of its type: neighbours differ by 1, both zeros are 0.
[[nodiscard]] int float8Rank(uint8_t bits);

/// Element `index` of a packed array of `type`, as a double; exact for every type.
[[nodiscard]] double loadElement(DType type, const std::byte *data, int64_t index);
/// Stores `value` as element `index`, rounded to the type; integers are clamped to their range.
void storeElement(DType type, std::byte *data, int64_t index, double value);

/// Whole numbers up to this magnitude are all representable in the type.
[[nodiscard]] double largestExactInteger(DType type);

} // namespace ww
