// SPDX-License-Identifier: GPL-3.0-or-later
// LANES work-items share a row, each taking VEC neighbouring elements at a time, and combine their sums in
// local memory. With many lanes and short vectors it suits a GPU, with one or two and long ones a CPU core.
//@ tune VEC = 4, 2, 8, 16
//@ tune LANES = 64, 1, 2, 8, 32, 128, 256
//@ launch rmsnorm grid(rows) block(LANES) args(X, weight, epsilon, Y, cols)

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

__kernel void rmsnorm(__global const ushort *X, __global const ushort *weight, float epsilon,
                      __global ushort *Y, int cols)
{
    __local float partial[LANES];
    int lane = get_local_id(0);
    size_t start = get_group_id(0) * (size_t)cols;
    __global const ushort *x = X + start;
    __global ushort *y = Y + start;
    int vectors = cols / VEC;

    floatv sums = (floatv)(0.0f);
    for (int v = lane; v < vectors; v += LANES) {
        floatv values = fromBfloat16s(vloadv(v, x));
        sums += values * values;
    }
    float elements[VEC];
    vstorev(sums, 0, elements);
    float squares = 0.0f;
    for (int i = 0; i < VEC; ++i)
        squares += elements[i];
    for (int c = vectors * VEC + lane; c < cols; c += LANES)
        squares += fromBfloat16(x[c]) * fromBfloat16(x[c]);

    partial[lane] = squares;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int reach = LANES / 2; reach > 0; reach /= 2) {
        if (lane < reach)
            partial[lane] += partial[lane + reach];
        barrier(CLK_LOCAL_MEM_FENCE);
    }

    float factor = rsqrt(partial[0] / cols + epsilon);
    for (int v = lane; v < vectors; v += LANES)
        vstorev(toBfloat16s(factor * fromBfloat16s(vloadv(v, x)) * fromBfloat16s(vloadv(v, weight))), v, y);
    for (int c = vectors * VEC + lane; c < cols; c += LANES)
        y[c] = toBfloat16(factor * fromBfloat16(x[c]) * fromBfloat16(weight[c]));
}
