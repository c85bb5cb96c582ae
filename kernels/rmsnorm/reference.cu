// SPDX-License-Identifier: GPL-3.0-or-later
// The definition in double precision, rounded once, one thread a row.
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
    double squares = 0.0;
    for (int c = 0; c < cols; ++c) {
        double value = fromBfloat16(x[c]);
        squares += value * value;
    }
    double factor = 1.0 / sqrt(squares / cols + epsilon);
    for (int c = 0; c < cols; ++c)
        y[c] = toBfloat16((float)(factor * fromBfloat16(x[c]) * fromBfloat16(weight[c])));
}
