// SPDX-License-Identifier: GPL-3.0-or-later
// One work-item handles one row in two passes: the sum of squares, then the scaling.
//@ launch rmsnorm grid(ceil_div(rows, 64)) block(64) args(X, weight, epsilon, Y, rows, cols)

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
                      __global ushort *Y, int rows, int cols)
{
    int row = get_global_id(0);
    if (row >= rows)
        return;
    __global const ushort *x = X + row * cols;
    __global ushort *y = Y + row * cols;

    float squares = 0.0f;
    for (int c = 0; c < cols; ++c)
        squares += fromBfloat16(x[c]) * fromBfloat16(x[c]);
    float factor = rsqrt(squares / cols + epsilon);
    for (int c = 0; c < cols; ++c)
        y[c] = toBfloat16(factor * fromBfloat16(x[c]) * fromBfloat16(weight[c]));
}
