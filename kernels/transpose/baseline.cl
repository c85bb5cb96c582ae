// SPDX-License-Identifier: GPL-3.0-or-later
// One work-item moves one element: it reads along a row of X and writes down a column of Y.
//@ launch transpose grid(ceil_div(cols, 16), ceil_div(rows, 16)) block(16, 16) args(X, Y, rows, cols)

__kernel void transpose(__global const float *X, __global float *Y, int rows, int cols)
{
    int col = get_global_id(0);
    int row = get_global_id(1);
    if (row < rows && col < cols)
        Y[col * rows + row] = X[row * cols + col];
}
