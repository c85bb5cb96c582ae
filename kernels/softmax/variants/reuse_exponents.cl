// SPDX-License-Identifier: GPL-3.0-or-later
// One work-item a row, but each exponential is computed once, kept in Y and only scaled by the last pass.
// CHAINS independent maxima and sums let one addition start before the last has ended. SPLIT_SUM adds
// up in a pass of its own, so that nothing in the loop of exponentials depends on the step before.
//@ tune CHAINS = 1, 2, 4, 8
//@ tune SPLIT_SUM = 0, 1
//@ tune GROUP = 64, 1, 4, 16
//@ launch softmax grid(ceil_div(rows, GROUP)) block(GROUP) args(X, scale, Y, rows, cols)

#if SPLIT_SUM
#define TERM(c) y[c]
#else
#define TERM(c) (y[c] = exp(scale * x[c] - largest[0]))
#endif

__kernel void softmax(__global const float *X, float scale, __global float *Y, int rows, int cols)
{
    int row = get_global_id(0);
    if (row >= rows)
        return;
    __global const float *x = X + row * cols;
    __global float *y = Y + row * cols;
    int whole = cols / CHAINS * CHAINS;

    float largest[CHAINS];
    float sum[CHAINS];
#pragma unroll
    for (int i = 0; i < CHAINS; ++i) {
        largest[i] = scale * x[0];
        sum[i] = 0.0f;
    }

    for (int c = 0; c < whole; c += CHAINS) {
#pragma unroll
        for (int i = 0; i < CHAINS; ++i)
            largest[i] = fmax(largest[i], scale * x[c + i]);
    }
    for (int c = whole; c < cols; ++c)
        largest[0] = fmax(largest[0], scale * x[c]);
#pragma unroll
    for (int i = 1; i < CHAINS; ++i)
        largest[0] = fmax(largest[0], largest[i]);

#if SPLIT_SUM
    for (int c = 0; c < cols; ++c)
        y[c] = exp(scale * x[c] - largest[0]);
#endif
    for (int c = 0; c < whole; c += CHAINS) {
#pragma unroll
        for (int i = 0; i < CHAINS; ++i)
            sum[i] += TERM(c + i);
    }
    for (int c = whole; c < cols; ++c)
        sum[0] += TERM(c);
#pragma unroll
    for (int i = 1; i < CHAINS; ++i)
        sum[0] += sum[i];

    float factor = 1.0f / sum[0];
    for (int c = 0; c < cols; ++c)
        y[c] *= factor;
}
