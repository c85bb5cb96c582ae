// SPDX-License-Identifier: GPL-3.0-or-later
// One work-item a row with CHAINS independent sums: an addition need not wait for the one before it. The
// language does not let a compiler do this on its own, as it changes the order of the additions.
//@ tune CHAINS = 2, 1, 4, 8, 16
//@ tune GROUP = 64, 1, 4, 16
//@ launch row_reduce grid(ceil_div(rows, GROUP)) block(GROUP) args(X, y, rows, cols)

__kernel void row_reduce(__global const float *X, __global float *y, int rows, int cols)
{
    int row = get_global_id(0);
    if (row >= rows)
        return;
    __global const float *x = X + row * cols;

    float sum[CHAINS];
#pragma unroll
    for (int i = 0; i < CHAINS; ++i)
        sum[i] = 0.0f;
    int c = 0;
    for (; c + CHAINS <= cols; c += CHAINS) {
#pragma unroll
        for (int i = 0; i < CHAINS; ++i)
            sum[i] += x[c + i];
    }
    for (; c < cols; ++c)
        sum[0] += x[c];
#pragma unroll
    for (int i = 1; i < CHAINS; ++i)
        sum[0] += sum[i];
    y[row] = sum[0];
}
