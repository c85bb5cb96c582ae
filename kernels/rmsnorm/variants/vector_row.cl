// SPDX-License-Identifier: GPL-3.0-or-later
// One work-item a row with explicit vectors in both passes: VEC elements widened, squared and rounded at a
// time, CHAINS vectors of sums.
//@ tune VEC = 4, 8, 16
//@ tune CHAINS = 1, 2, 4
//@ tune GROUP = 64, 1, 4, 16
//@ launch rmsnorm grid(ceil_div(rows, GROUP)) block(GROUP) args(X, weight, epsilon, Y, rows, cols)

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define floatv JOIN(float, VEC)
#define uintv JOIN(uint, VEC)
#define ushortv JOIN(ushort, VEC)
#define as_floatv JOIN(as_float, VEC)
#define as_uintv JOIN(as_uint, VEC)
#define convert_uintv JOIN(convert_uint, VEC)
#define convert_ushortv JOIN(convert_ushort, VEC)
#define vloadv JOIN(vload, VEC)
#define vstorev JOIN(vstore, VEC)

floatv fromBfloat16s(ushortv bits)
{
    return as_floatv(convert_uintv(bits) << 16);
}

// Rounds to the nearest, ties to even.
ushortv toBfloat16s(floatv values)
{
    uintv bits = as_uintv(values);
    return convert_ushortv((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

float fromBfloat16(ushort bits)
{
    return as_float((uint)bits << 16);
}

// Rounds to the nearest, ties to even.
ushort toBfloat16(float value)
{
    uint bits = as_uint(value);
    return (ushort)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

#define STEP (VEC * CHAINS)

__kernel void rmsnorm(__global const ushort *X, __global const ushort *weight, float epsilon,
                      __global ushort *Y, int rows, int cols)
{
    int row = get_global_id(0);
    if (row >= rows)
        return;
    __global const ushort *x = X + row * cols;
    __global ushort *y = Y + row * cols;

    floatv sums[CHAINS];
#pragma unroll
    for (int i = 0; i < CHAINS; ++i)
        sums[i] = (floatv)(0.0f);
    int c = 0;
    for (; c + STEP <= cols; c += STEP) {
#pragma unroll
        for (int i = 0; i < CHAINS; ++i) {
            floatv values = fromBfloat16s(vloadv(i, x + c));
            sums[i] += values * values;
        }
    }
#pragma unroll
    for (int i = 1; i < CHAINS; ++i)
        sums[0] += sums[i];
    float lanes[VEC];
    vstorev(sums[0], 0, lanes);
    float squares = 0.0f;
    for (int lane = 0; lane < VEC; ++lane)
        squares += lanes[lane];
    for (; c < cols; ++c)
        squares += fromBfloat16(x[c]) * fromBfloat16(x[c]);

    float factor = rsqrt(squares / cols + epsilon);
    c = 0;
    for (; c + VEC <= cols; c += VEC) {
        floatv scaled = factor * fromBfloat16s(vloadv(0, x + c)) * fromBfloat16s(vloadv(0, weight + c));
        vstorev(toBfloat16s(scaled), 0, y + c);
    }
    for (; c < cols; ++c)
        y[c] = toBfloat16(factor * fromBfloat16(x[c]) * fromBfloat16(weight[c]));
}
