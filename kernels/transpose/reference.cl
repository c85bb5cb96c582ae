// SPDX-License-Identifier: GPL-3.0-or-later
// The definition. Nothing is added up here, so there is nothing to accumulate in double precision.
//@ launch transpose grid(ceil_div(cols, 64), rows) block(64) args(X, Y, rows, cols)

__kernel void transpose(__global const float *X, __global float *Y, int rows, int cols)
{
    int col = get_global_id(0);
    int row = get_global_id(1);
    if (col < cols)
        Y[col * rows + row] = X[row * cols + col];
}
