// SPDX-License-Identifier: GPL-3.0-or-later
// The definition in double precision, one work-item a row.
//@ launch spmv grid(ceil_div(rows, 64)) block(64) args(offsets, columns, values, x, y, rows)

__kernel void spmv(__global const int *offsets, __global const int *columns, __global const float *values,
                   __global const float *x, __global float *y, int rows)
{
    int row = get_global_id(0);
    if (row >= rows)
        return;
    double sum = 0;
    for (int k = offsets[row]; k < offsets[row + 1]; ++k)
        sum += (double)values[k] * x[columns[k]];
    y[row] = (float)sum;
}
