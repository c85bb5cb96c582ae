// SPDX-License-Identifier: GPL-3.0-or-later
// The definition with the row's maximum subtracted, in double precision, one thread a row.
//@ launch softmax grid(ceil_div(rows, 64)) block(64) args(X, scale, Y, rows, cols)

extern "C" __global__ void softmax(const float *X, float scale, float *Y, int rows, int cols)
{
    int row = blockIdx.x * blockDim.x + threadIdx.x;
    if (row >= rows)
        return;
    const float *x = X + (size_t)row * cols;
    float *y = Y + (size_t)row * cols;

    double largest = (double)scale * x[0];
    for (int c = 1; c < cols; ++c)
        largest = fmax(largest, (double)scale * x[c]);

    double sum = 0.0;
    for (int c = 0; c < cols; ++c)
        sum += exp((double)scale * x[c] - largest);

    for (int c = 0; c < cols; ++c)
        y[c] = (float)(exp((double)scale * x[c] - largest) / sum);
}
