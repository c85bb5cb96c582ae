// SPDX-License-Identifier: GPL-3.0-or-later
// A tile of TILE x TILE through shared memory with 16-byte accesses on the side of global memory: fewer
// instructions, more bytes under way per thread. The tile's rows are one element longer than they need be, so
// that both the scattered writes and the reads down its columns spread over the banks.
//@ tune TILE = 64, 32, 96
//@ tune THREADS = 256, 128, 512
//@ launch transpose grid(ceil_div(cols, TILE), ceil_div(rows, TILE)) block(THREADS) args(X, Y, rows, cols)

#define VECTORS (TILE / 4)

extern "C" __global__ void __launch_bounds__(THREADS)
    transpose(const float *__restrict__ X, float *__restrict__ Y, int rows, int cols)
{
    __shared__ float tile[TILE][TILE + 1];
    int firstCol = blockIdx.x * TILE;
    int firstRow = blockIdx.y * TILE;
    bool alignedX = cols % 4 == 0;
    bool alignedY = rows % 4 == 0;

#pragma unroll
    for (int i = threadIdx.x; i < TILE * VECTORS; i += THREADS) {
        int r = i / VECTORS;
        int c = i % VECTORS * 4;
        int left = firstRow + r < rows ? cols - firstCol - c : 0;
        const float *from = X + (size_t)(firstRow + r) * cols + firstCol + c;
        if (alignedX && left >= 4) {
            float4 four = *(const float4 *)from;
            tile[r][c] = four.x;
            tile[r][c + 1] = four.y;
            tile[r][c + 2] = four.z;
            tile[r][c + 3] = four.w;
        } else {
            for (int k = 0; k < min(left, 4); ++k)
                tile[r][c + k] = from[k];
        }
    }
    __syncthreads();
#pragma unroll
    for (int i = threadIdx.x; i < TILE * VECTORS; i += THREADS) {
        int c = i / VECTORS;
        int r = i % VECTORS * 4;
        int left = firstCol + c < cols ? rows - firstRow - r : 0;
        float *to = Y + (size_t)(firstCol + c) * rows + firstRow + r;
        if (alignedY && left >= 4) {
            *(float4 *)to = make_float4(tile[r][c], tile[r + 1][c], tile[r + 2][c], tile[r + 3][c]);
        } else {
            for (int k = 0; k < min(left, 4); ++k)
                to[k] = tile[r + k][c];
        }
    }
}
