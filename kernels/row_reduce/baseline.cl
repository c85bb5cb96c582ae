// SPDX-License-Identifier: GPL-3.0-or-later
// One work-item adds up one row, term by term.
//@ launch row_reduce grid(ceil_div(rows, 64)) block(64) args(X, y, rows, cols)

__kernel void row_reduce(__global const float *X, __global float *y, int rows, int cols)
{
    int row = get_global_id(0);
    if (row >= rows)
        return;
    float sum = 0.0f;
    for (int c = 0; c < cols; ++c)
        sum += X[row * cols + c];
    y[row] = sum;
}
