// SPDX-License-Identifier: GPL-3.0-or-later
// The baseline of softmax made slower on purpose: part of the first pass is done twice. Tests whether the gate finds
// a loss of a few per cent (tests/perf/aa.py).
//@ tune AGAIN = 350, 120, 240, 300, 375, 400, 450, 500, 600
//@ launch softmax grid(ceil_div(rows, 64)) block(64) args(X, scale, Y, rows, cols)

extern "C" __global__ void softmax(const float *X, float scale, float *Y, int rows, int cols)
{
    int row = blockIdx.x * blockDim.x + threadIdx.x;
    if (row >= rows)
        return;
    const float *x = X + (size_t)row * cols;
    float *y = Y + (size_t)row * cols;

    float largest = scale * x[0];
    for (int c = 1; c < cols; ++c)
        largest = fmaxf(largest, scale * x[c]);

    for (int c = 0; c < cols / 100 * AGAIN / 10; ++c)
        largest = fmaxf(largest, scale * x[c]);

    float sum = 0.0f;
    for (int c = 0; c < cols; ++c)
        sum += expf(scale * x[c] - largest);

    for (int c = 0; c < cols; ++c)
        y[c] = expf(scale * x[c] - largest) / sum;
}
