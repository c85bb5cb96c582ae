// SPDX-License-Identifier: GPL-3.0-or-later
// One work-item a row with CHAINS independent sums of squares. The language does not let a compiler split
// one sum on its own, as it changes the order of the additions; the second loop it turns into vectors.
//@ tune CHAINS = 4, 1, 2, 8, 16
//@ tune GROUP = 64, 1, 4, 16
//@ launch rmsnorm grid(ceil_div(rows, GROUP)) block(GROUP) args(X, weight, epsilon, Y, rows, cols)

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

    float squares[CHAINS];
#pragma unroll
    for (int i = 0; i < CHAINS; ++i)
        squares[i] = 0.0f;
    int c = 0;
    for (; c + CHAINS <= cols; c += CHAINS) {
#pragma unroll
        for (int i = 0; i < CHAINS; ++i) {
            float value = fromBfloat16(x[c + i]);
            squares[i] += value * value;
        }
    }
    for (; c < cols; ++c)
        squares[0] += fromBfloat16(x[c]) * fromBfloat16(x[c]);
#pragma unroll
    for (int i = 1; i < CHAINS; ++i)
        squares[0] += squares[i];

    float factor = rsqrt(squares[0] / cols + epsilon);
    for (int i = 0; i < cols; ++i)
        y[i] = toBfloat16(factor * fromBfloat16(x[i]) * fromBfloat16(weight[i]));
}
