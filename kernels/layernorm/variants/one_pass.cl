// SPDX-License-Identifier: GPL-3.0-or-later
// Mean and variance from one pass: the sum of differences from the row's first element and the sum of their
// squares, each in CHAINS independent parts. Without the difference the variance of a row around 100 would
// drown in the rounding of squares around 10000.
//@ tune CHAINS = 4, 1, 2, 8, 16
//@ tune GROUP = 64, 1, 4, 16
//@ launch layernorm grid(ceil_div(rows, GROUP)) block(GROUP) args(X, gamma, beta, epsilon, Y, rows, cols)

__kernel void layernorm(__global const float *X, __global const float *gamma, __global const float *beta,
                        float epsilon, __global float *Y, int rows, int cols)
{
    int row = get_global_id(0);
    if (row >= rows)
        return;
    __global const float *x = X + row * cols;
    __global float *y = Y + row * cols;
    float first = x[0];

    float sums[CHAINS];
    float squares[CHAINS];
#pragma unroll
    for (int i = 0; i < CHAINS; ++i)
        sums[i] = squares[i] = 0.0f;
    int c = 0;
    for (; c + CHAINS <= cols; c += CHAINS) {
#pragma unroll
        for (int i = 0; i < CHAINS; ++i) {
            float difference = x[c + i] - first;
            sums[i] += difference;
            squares[i] += difference * difference;
        }
    }
    for (; c < cols; ++c) {
        sums[0] += x[c] - first;
        squares[0] += (x[c] - first) * (x[c] - first);
    }
#pragma unroll
    for (int i = 1; i < CHAINS; ++i) {
        sums[0] += sums[i];
        squares[0] += squares[i];
    }

    float mean = sums[0] / cols;
    float variance = fmax(squares[0] / cols - mean * mean, 0.0f);
    float factor = rsqrt(variance + epsilon);
    for (int i = 0; i < cols; ++i)
        y[i] = gamma[i] * (factor * (x[i] - first - mean)) + beta[i];
}
