// SPDX-License-Identifier: GPL-3.0-or-later
// One work-item a row with CHAINS independent sums: as many elements of x are on their way at a time, and an
// addition need not wait for the one before it.
//@ tune CHAINS = 4, 1, 2, 8, 16
//@ tune GROUP = 64, 1, 4, 16, 256
//@ launch spmv grid(ceil_div(rows, GROUP)) block(GROUP) args(offsets, columns, values, x, y, rows)

__kernel void spmv(__global const int *offsets, __global const int *columns, __global const float *values,
                   __global const float *x, __global float *y, int rows)
{
    int row = get_global_id(0);
    if (row >= rows)
        return;
    int end = offsets[row + 1];
    float sum[CHAINS];
#pragma unroll
    for (int i = 0; i < CHAINS; ++i)
        sum[i] = 0.0f;
    int k = offsets[row];
    for (; k + CHAINS <= end; k += CHAINS) {
#pragma unroll
        for (int i = 0; i < CHAINS; ++i)
            sum[i] += values[k + i] * x[columns[k + i]];
    }
    for (; k < end; ++k)
        sum[0] += values[k] * x[columns[k]];
#pragma unroll
    for (int i = 1; i < CHAINS; ++i)
        sum[0] += sum[i];
    y[row] = sum[0];
}
