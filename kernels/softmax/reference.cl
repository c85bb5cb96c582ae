// SPDX-License-Identifier: GPL-3.0-or-later
// The definition with the row's maximum subtracted, in double precision, one work-item a row.
//@ launch softmax grid(ceil_div(rows, 64)) block(64) args(X, scale, Y, rows, cols)

__kernel void softmax(__global const float *X, float scale, __global float *Y, int rows, int cols)
{
    int row = get_global_id(0);
    if (row >= rows)
        return;
    __global const float *x = X + row * cols;
    __global float *y = Y + row * cols;

    double largest = (double)scale * x[0];
    for (int c = 1; c < cols; ++c)
        largest = fmax(largest, (double)scale * x[c]);

    double sum = 0.0;
    for (int c = 0; c < cols; ++c)
        sum += exp((double)scale * x[c] - largest);

    for (int c = 0; c < cols; ++c)
        y[c] = (float)(exp((double)scale * x[c] - largest) / sum);
}
