// SPDX-License-Identifier: GPL-3.0-or-later
// The definition in double precision, one work-item a row.
//@ launch row_reduce grid(rows) block(1) args(X, y, cols)

__kernel void row_reduce(__global const float *X, __global float *y, int cols)
{
    int row = get_global_id(0);
    double sum = 0.0;
    for (int c = 0; c < cols; ++c)
        sum += X[row * cols + c];
    y[row] = (float)sum;
}
