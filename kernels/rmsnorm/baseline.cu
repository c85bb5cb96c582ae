// SPDX-License-Identifier: GPL-3.0-or-later
// One thread handles one row in two passes: the sum of squares, then the scaling.
//@ launch rmsnorm grid(ceil_div(rows, 64)) block(64) args(X, weight, epsilon, Y, rows, cols)

__device__ float fromBfloat16(unsigned short bits)
{
    return __uint_as_float((unsigned)bits << 16);
}

// Rounds to the nearest, ties to even.
__device__ unsigned short toBfloat16(float value)
{
    unsigned bits = __float_as_uint(value);
    return (unsigned short)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

extern "C" __global__ void rmsnorm(const unsigned short *X, const unsigned short *weight, float epsilon,
                                   unsigned short *Y, int rows, int cols)
{
    int row = blockIdx.x * blockDim.x + threadIdx.x;
    if (row >= rows)
        return;
    const unsigned short *x = X + (size_t)row * cols;
    unsigned short *y = Y + (size_t)row * cols;

    float squares = 0.0f;
    for (int c = 0; c < cols; ++c)
        squares += fromBfloat16(x[c]) * fromBfloat16(x[c]);
    float factor = rsqrtf(squares / cols + epsilon);
    for (int c = 0; c < cols; ++c)
        y[c] = toBfloat16(factor * fromBfloat16(x[c]) * fromBfloat16(weight[c]));
}
