// SPDX-License-Identifier: GPL-3.0-or-later
// A group of LANES work-items reads a row once and keeps it in registers, PER_ITEM elements an item, for the
// second pass. The price is an upper bound on the length of a row, which the plan states.
//@ tune LANES = 128, 64, 256
//@ tune PER_ITEM = 32, 16, 48, 64
//@ require cols <= LANES * PER_ITEM
//@ launch rmsnorm grid(rows) block(LANES) args(X, weight, epsilon, Y, cols)

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

    float values[PER_ITEM];
    float squares = 0.0f;
#pragma unroll
    for (int i = 0; i < PER_ITEM; ++i) {
        int c = i * LANES + lane;
        values[i] = c < cols ? fromBfloat16(X[start + c]) : 0.0f;
        squares += values[i] * values[i];
    }
    partial[lane] = squares;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int reach = LANES / 2; reach > 0; reach /= 2) {
        if (lane < reach)
            partial[lane] += partial[lane + reach];
        barrier(CLK_LOCAL_MEM_FENCE);
    }

    float factor = rsqrt(partial[0] / cols + epsilon);
#pragma unroll
    for (int i = 0; i < PER_ITEM; ++i) {
        int c = i * LANES + lane;
        if (c < cols)
            Y[start + c] = toBfloat16(factor * values[i] * fromBfloat16(weight[c]));
    }
}
