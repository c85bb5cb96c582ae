// SPDX-License-Identifier: GPL-3.0-or-later
// A square tile goes through shared memory: it is read by rows and written by rows, and turned on the way.
// PAD shifts each row of the tile by a bank; without it a warp that reads a column meets one bank 32 times.
//@ tune TILE = 32, 64
//@ tune HEIGHT = 8, 4, 16
//@ tune PAD = 0, 1
//@ launch transpose grid(ceil_div(cols, TILE), ceil_div(rows, TILE)) block(TILE, HEIGHT) args(X, Y, rows, cols)

extern "C" __global__ void __launch_bounds__(TILE *HEIGHT)
    transpose(const float *__restrict__ X, float *__restrict__ Y, int rows, int cols)
{
    __shared__ float tile[TILE][TILE + PAD];
    int x = threadIdx.x;
    int firstCol = blockIdx.x * TILE;
    int firstRow = blockIdx.y * TILE;

#pragma unroll
    for (int i = threadIdx.y; i < TILE; i += HEIGHT) {
        if (firstRow + i < rows && firstCol + x < cols)
            tile[i][x] = X[(size_t)(firstRow + i) * cols + firstCol + x];
    }
    __syncthreads();
#pragma unroll
    for (int i = threadIdx.y; i < TILE; i += HEIGHT) {
        if (firstCol + i < cols && firstRow + x < rows)
            Y[(size_t)(firstCol + i) * rows + firstRow + x] = tile[x][i];
    }
}
