// SPDX-License-Identifier: GPL-3.0-or-later
// The baseline turned round: a warp writes along a row of Y and reads down a column of X. Reads that are not
// used up at once may find their line in the cache again; half-written lines must be merged.
//@ tune WIDTH = 32, 8, 16
//@ tune HEIGHT = 8, 4, 16, 32
//@ launch transpose grid(ceil_div(rows, WIDTH), ceil_div(cols, HEIGHT)) block(WIDTH, HEIGHT) args(X, Y, rows, cols)

extern "C" __global__ void transpose(const float *X, float *Y, int rows, int cols)
{
    int row = blockIdx.x * WIDTH + threadIdx.x;
    int col = blockIdx.y * HEIGHT + threadIdx.y;
    if (row < rows && col < cols)
        Y[(size_t)col * rows + row] = X[(size_t)row * cols + col];
}
