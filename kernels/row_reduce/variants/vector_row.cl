// SPDX-License-Identifier: GPL-3.0-or-later
// One work-item a row with CHAINS vectors of VEC partial sums each, added up at the end of the row.
//@ tune VEC = 4, 8, 16
//@ tune CHAINS = 1, 2, 4, 8
//@ tune GROUP = 64, 1, 4, 16
//@ launch row_reduce grid(ceil_div(rows, GROUP)) block(GROUP) args(X, y, rows, cols)

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define floatv JOIN(float, VEC)
#define vloadv JOIN(vload, VEC)
#define vstorev JOIN(vstore, VEC)
#define STEP (VEC * CHAINS)

__kernel void row_reduce(__global const float *X, __global float *y, int rows, int cols)
{
    int row = get_global_id(0);
    if (row >= rows)
        return;
    __global const float *x = X + row * cols;

    floatv sums[CHAINS];
#pragma unroll
    for (int i = 0; i < CHAINS; ++i)
        sums[i] = (floatv)(0.0f);
    int c = 0;
    for (; c + STEP <= cols; c += STEP) {
#pragma unroll
        for (int i = 0; i < CHAINS; ++i)
            sums[i] += vloadv(i, x + c);
    }
#pragma unroll
    for (int i = 1; i < CHAINS; ++i)
        sums[0] += sums[i];

    float lanes[VEC];
    vstorev(sums[0], 0, lanes);
    float sum = 0.0f;
    for (int lane = 0; lane < VEC; ++lane)
        sum += lanes[lane];
    for (; c < cols; ++c)
        sum += x[c];
    y[row] = sum;
}
