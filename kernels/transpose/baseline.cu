// SPDX-License-Identifier: GPL-3.0-or-later
// One thread moves one element; a warp reads along a row of X and writes down a column of Y.
//@ launch transpose grid(ceil_div(cols, 32), ceil_div(rows, 8)) block(32, 8) args(X, Y, rows, cols)

extern "C" __global__ void transpose(const float *X, float *Y, int rows, int cols)
{
    int col = blockIdx.x * 32 + threadIdx.x;
    int row = blockIdx.y * 8 + threadIdx.y;
    if (row < rows && col < cols)
        Y[(size_t)col * rows + row] = X[(size_t)row * cols + col];
}
