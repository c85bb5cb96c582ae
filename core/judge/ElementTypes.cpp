// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/ElementTypes.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace ww {
namespace {

template <class T> T load(const std::byte *data, int64_t index)
{
    T value;
    std::memcpy(&value, data + static_cast<size_t>(index) * sizeof(T), sizeof(T));
    return value;
}

template <class T> void store(std::byte *data, int64_t index, T value)
{
    std::memcpy(data + static_cast<size_t>(index) * sizeof(T), &value, sizeof(T));
}

template <class T> T clampedInteger(double value)
{
    if (std::isnan(value))
        return 0;
    return static_cast<T>(std::clamp(std::nearbyint(value), double{ std::numeric_limits<T>::min() },
                                     double{ std::numeric_limits<T>::max() }));
}

/// `value` shifted right by `shift`, rounded to nearest even.
uint32_t shiftedToNearestEven(uint32_t value, unsigned shift)
{
    const uint32_t kept = value >> shift;
    const uint32_t rest = value & ((1u << shift) - 1);
    const uint32_t half = 1u << (shift - 1);
    return kept + (rest > half || (rest == half && (kept & 1u) != 0) ? 1 : 0);
}

} // namespace

float halfToFloat(uint16_t half)
{
    const uint32_t sign = uint32_t{ half & 0x8000u } << 16;
    const uint32_t exponent = (half >> 10) & 0x1fu;
    const uint32_t mantissa = half & 0x3ffu;
    if (exponent == 0x1f)
        return std::bit_cast<float>(sign | 0x7f800000u | (mantissa << 13));
    if (exponent != 0)
        return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (mantissa << 13));
    const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
    return sign != 0 ? -magnitude : magnitude;
}

uint16_t floatToHalf(float value)
{
    const uint32_t bits = std::bit_cast<uint32_t>(value);
    const uint32_t sign = (bits >> 16) & 0x8000u;
    const uint32_t magnitude = bits & 0x7fffffffu;
    if (magnitude > 0x7f800000u)
        return static_cast<uint16_t>(sign | 0x7e00u);
    // 65520 is the midpoint between the largest half and the next step: it rounds up, to infinity.
    if (magnitude >= 0x477ff000u)
        return static_cast<uint16_t>(sign | 0x7c00u);
    const uint32_t exponent = magnitude >> 23;
    if (exponent >= 113)
        return static_cast<uint16_t>(sign | (shiftedToNearestEven(magnitude, 13) - (112u << 10)));
    // Below 2^-25 everything rounds to zero.
    if (exponent < 102)
        return static_cast<uint16_t>(sign);
    const uint32_t mantissa = (magnitude & 0x7fffffu) | 0x800000u;
    return static_cast<uint16_t>(sign | shiftedToNearestEven(mantissa, 126 - exponent));
}

float bfloat16ToFloat(uint16_t bits)
{
    return std::bit_cast<float>(uint32_t{ bits } << 16);
}

uint16_t floatToBfloat16(float value)
{
    const uint32_t bits = std::bit_cast<uint32_t>(value);
    if ((bits & 0x7fffffffu) > 0x7f800000u)
        return static_cast<uint16_t>((bits >> 16) | 0x40u);
    return static_cast<uint16_t>(shiftedToNearestEven(bits, 16));
}

namespace {

/// OCP 8-bit floating point specification, revision 1.0, table 1.
struct Float8 {
    int mantissaBits;
    int bias;
    float largest;
    uint8_t notANumber;
};

Float8 float8Of(DType type)
{
    return type == DType::Float8E4M3 ? Float8 {3, 7, 448.0f, 0x7f} : Float8 {2, 15, 57344.0f, 0x7e};
}

} // namespace

float float8ToFloat(DType type, uint8_t bits)
{
    // E5M2 is the upper half of an IEEE half.
    if (type == DType::Float8E5M2)
        return halfToFloat(static_cast<uint16_t>(bits << 8));
    const Float8 format = float8Of(type);
    const int magnitude = bits & 0x7f;
    if (magnitude == format.notANumber)
        return std::numeric_limits<float>::quiet_NaN();
    const int exponent = magnitude >> format.mantissaBits;
    const int mantissa = magnitude & ((1 << format.mantissaBits) - 1);
    const int whole = exponent > 0 ? mantissa + (1 << format.mantissaBits) : mantissa;
    const float value =
        std::ldexp(static_cast<float>(whole), std::max(exponent, 1) - format.bias - format.mantissaBits);
    return (bits & 0x80) != 0 ? -value : value;
}

uint8_t floatToFloat8(DType type, float value)
{
    const Float8 format = float8Of(type);
    const auto sign = static_cast<uint8_t>(std::signbit(value) ? 0x80 : 0);
    if (std::isnan(value))
        return sign | format.notANumber;
    const float magnitude = std::min(std::abs(value), format.largest);
    const int lowest = 1 - format.bias;
    int exponent = magnitude > 0 ? std::max(std::ilogb(magnitude), lowest) : lowest;
    auto steps = static_cast<int>(std::nearbyint(std::ldexp(magnitude, format.mantissaBits - exponent)));
    // Rounding up may reach the next power of two.
    if (steps == 2 << format.mantissaBits) {
        steps /= 2;
        ++exponent;
    }
    const bool normal = steps >= 1 << format.mantissaBits;
    const int code = normal ? ((exponent + format.bias) << format.mantissaBits) + steps - (1 << format.mantissaBits)
                            : steps;
    return static_cast<uint8_t>(sign | code);
}

int float8Rank(uint8_t bits)
{
    const int magnitude = bits & 0x7f;
    return (bits & 0x80) != 0 ? -magnitude : magnitude;
}

double loadElement(DType type, const std::byte *data, int64_t index)
{
    switch (type) {
    case DType::Float64: return load<double>(data, index);
    case DType::Float32: return load<float>(data, index);
    case DType::Float16: return halfToFloat(load<uint16_t>(data, index));
    case DType::BFloat16: return bfloat16ToFloat(load<uint16_t>(data, index));
    case DType::Float8E4M3:
    case DType::Float8E5M2: return float8ToFloat(type, load<uint8_t>(data, index));
    case DType::Int32: return load<int32_t>(data, index);
    case DType::Int8: return load<int8_t>(data, index);
    }
    return 0;
}

void storeElement(DType type, std::byte *data, int64_t index, double value)
{
    switch (type) {
    case DType::Float64: return store(data, index, value);
    case DType::Float32: return store(data, index, static_cast<float>(value));
    case DType::Float16: return store(data, index, floatToHalf(static_cast<float>(value)));
    case DType::BFloat16: return store(data, index, floatToBfloat16(static_cast<float>(value)));
    case DType::Float8E4M3:
    case DType::Float8E5M2: return store(data, index, floatToFloat8(type, static_cast<float>(value)));
    case DType::Int32: return store(data, index, clampedInteger<int32_t>(value));
    case DType::Int8: return store(data, index, clampedInteger<int8_t>(value));
    }
}

double largestExactInteger(DType type)
{
    switch (type) {
    case DType::Float64: return 0x1p53;
    case DType::Float32: return 0x1p24;
    case DType::Float16: return 0x1p11;
    case DType::BFloat16: return 0x1p8;
    case DType::Float8E4M3: return 0x1p4;
    case DType::Float8E5M2: return 0x1p3;
    case DType::Int32: return std::numeric_limits<int32_t>::max();
    case DType::Int8: return std::numeric_limits<int8_t>::max();
    }
    return 0;
}

} // namespace ww
