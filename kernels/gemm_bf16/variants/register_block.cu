// SPDX-License-Identifier: GPL-3.0-or-later
// Without tensor cores: tiles are widened on their way to shared memory, and each thread keeps ROWS x COLS
// results in registers. The most that ordinary arithmetic gives, for comparison.
//@ tune TILE_M = 64, 128
//@ tune TILE_N = 64, 128
//@ tune TILE_K = 16, 8, 32
//@ tune ROWS = 4, 8
//@ tune COLS = 4, 8
//@ require 4 * TILE_K * (TILE_M + TILE_N + 2) <= 49152
//@ launch gemm grid(ceil_div(N, TILE_N), ceil_div(M, TILE_M)) block(TILE_N / COLS, TILE_M / ROWS) args(A, B, C, M, N, K)

__device__ float fromBfloat16(unsigned short bits)
{
    return __uint_as_float((unsigned)bits << 16);
}

#define WIDTH (TILE_N / COLS)
#define HEIGHT (TILE_M / ROWS)
#define THREADS (WIDTH * HEIGHT)

extern "C" __global__ void __launch_bounds__(THREADS)
    gemm(const unsigned short *__restrict__ A, const unsigned short *__restrict__ B, float *__restrict__ C,
         int M, int N, int K)
{
    // One more, so that the column-wise stores below meet different banks.
    __shared__ float tileA[TILE_K][TILE_M + 1];
    __shared__ float tileB[TILE_K][TILE_N + 1];
    int x = threadIdx.x;
    int y = threadIdx.y;
    int thread = y * WIDTH + x;
    int firstRow = blockIdx.y * TILE_M;
    int firstCol = blockIdx.x * TILE_N;

    float sum[ROWS][COLS] = {};
    for (int firstK = 0; firstK < K; firstK += TILE_K) {
        for (int i = thread; i < TILE_M * TILE_K; i += THREADS) {
            int row = firstRow + i / TILE_K;
            int k = firstK + i % TILE_K;
            tileA[i % TILE_K][i / TILE_K] = row < M && k < K ? fromBfloat16(A[row * K + k]) : 0.0f;
        }
        for (int i = thread; i < TILE_N * TILE_K; i += THREADS) {
            int col = firstCol + i / TILE_K;
            int k = firstK + i % TILE_K;
            tileB[i % TILE_K][i / TILE_K] = col < N && k < K ? fromBfloat16(B[col * K + k]) : 0.0f;
        }
        __syncthreads();
#pragma unroll
        for (int k = 0; k < TILE_K; ++k) {
            float a[ROWS], b[COLS];
#pragma unroll
            for (int r = 0; r < ROWS; ++r)
                a[r] = tileA[k][y + r * HEIGHT];
#pragma unroll
            for (int c = 0; c < COLS; ++c)
                b[c] = tileB[k][x + c * WIDTH];
#pragma unroll
            for (int r = 0; r < ROWS; ++r) {
#pragma unroll
                for (int c = 0; c < COLS; ++c)
                    sum[r][c] += a[r] * b[c];
            }
        }
        __syncthreads();
    }
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
#pragma unroll
        for (int c = 0; c < COLS; ++c) {
            int row = firstRow + y + r * HEIGHT;
            int col = firstCol + x + c * WIDTH;
            if (row < M && col < N)
                C[row * N + col] = sum[r][c];
        }
    }
}
