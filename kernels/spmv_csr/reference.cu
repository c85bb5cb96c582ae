// SPDX-License-Identifier: GPL-3.0-or-later
// The definition in double precision, one thread a row.
//@ launch spmv grid(ceil_div(rows, 64)) block(64) args(offsets, columns, values, x, y, rows)

extern "C" __global__ void spmv(const int *offsets, const int *columns, const float *values, const float *x,
                                float *y, int rows)
{
    int row = blockIdx.x * blockDim.x + threadIdx.x;
    if (row >= rows)
        return;
    double sum = 0;
    for (int k = offsets[row]; k < offsets[row + 1]; ++k)
        sum += (double)values[k] * x[columns[k]];
    y[row] = (float)sum;
}
