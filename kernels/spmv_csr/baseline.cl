// SPDX-License-Identifier: GPL-3.0-or-later
// One work-item adds up one row, element by element.
//@ launch spmv grid(ceil_div(rows, 64)) block(64) args(offsets, columns, values, x, y, rows)

__kernel void spmv(__global const int *offsets, __global const int *columns, __global const float *values,
                   __global const float *x, __global float *y, int rows)
{
    int row = get_global_id(0);
    if (row >= rows)
        return;
    float sum = 0;
    for (int k = offsets[row]; k < offsets[row + 1]; ++k)
        sum += values[k] * x[columns[k]];
    y[row] = sum;
}
