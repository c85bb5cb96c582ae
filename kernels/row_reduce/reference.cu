// SPDX-License-Identifier: GPL-3.0-or-later
// The definition in double precision, one thread a row.
//@ launch row_reduce grid(ceil_div(rows, 64)) block(64) args(X, y, rows, cols)

extern "C" __global__ void row_reduce(const float *X, float *y, int rows, int cols)
{
    int row = blockIdx.x * blockDim.x + threadIdx.x;
    if (row >= rows)
        return;
    double sum = 0.0;
    for (int c = 0; c < cols; ++c)
        sum += X[(size_t)row * cols + c];
    y[row] = (float)sum;
}
