// SPDX-License-Identifier: GPL-3.0-or-later
// The baseline of softmax made slower on purpose: part of the first pass is done twice. Tests whether the gate finds
// a loss of a few per cent (tests/perf/aa.py).
//@ tune AGAIN = 120, 60, 90, 150, 180, 240
//@ launch softmax grid(ceil_div(rows, 64)) block(64) args(X, scale, Y, rows, cols)

__kernel void softmax(__global const float *X, float scale, __global float *Y, int rows, int cols)
{
    int row = get_global_id(0);
    if (row >= rows)
        return;
    __global const float *x = X + row * cols;
    __global float *y = Y + row * cols;

    float largest = scale * x[0];
    for (int c = 1; c < cols; ++c)
        largest = fmax(largest, scale * x[c]);

    for (int c = 0; c < cols / 100 * AGAIN / 10; ++c)
        largest = fmax(largest, scale * x[c]);

    float sum = 0.0f;
    for (int c = 0; c < cols; ++c)
        sum += exp(scale * x[c] - largest);

    for (int c = 0; c < cols; ++c)
        y[c] = exp(scale * x[c] - largest) / sum;
}
