// SPDX-License-Identifier: GPL-3.0-or-later
// The definition in double precision, rounded once, one work-item a row.
//@ launch rmsnorm grid(rows) block(1) args(X, weight, epsilon, Y, cols)

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
    size_t start = get_group_id(0) * (size_t)cols;
    double squares = 0.0;
    for (int c = 0; c < cols; ++c) {
        double x = fromBfloat16(X[start + c]);
        squares += x * x;
    }
    double factor = 1.0 / sqrt(squares / cols + epsilon);
    for (int c = 0; c < cols; ++c)
        Y[start + c] = toBfloat16((float)(factor * fromBfloat16(X[start + c]) * fromBfloat16(weight[c])));
}
