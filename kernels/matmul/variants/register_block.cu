// SPDX-License-Identifier: GPL-3.0-or-later
// Two levels of blocking: a block owns TILE_M x TILE_N of C and passes over K in slices of TILE_K; each of
// its threads keeps ROWS x COLS results in registers. One step along K needs ROWS + COLS numbers from shared
// memory for ROWS * COLS multiply-adds.
//@ tune TILE_M = 64, 32, 128
//@ tune TILE_N = 64, 32, 128
//@ tune TILE_K = 16, 8, 32
//@ tune ROWS = 4, 2, 8
//@ tune COLS = 4, 2, 8
//@ require TILE_M / ROWS * (TILE_N / COLS) <= 1024 && TILE_M / ROWS * (TILE_N / COLS) >= 64
//@ require 4 * TILE_K * (TILE_M + TILE_N + 1) <= 49152
//@ launch matmul grid(ceil_div(N, TILE_N), ceil_div(M, TILE_M)) block(TILE_N / COLS, TILE_M / ROWS) args(A, B, C, M, N, K)

#define WIDTH (TILE_N / COLS)
#define HEIGHT (TILE_M / ROWS)
#define THREADS (WIDTH * HEIGHT)

extern "C" __global__ void __launch_bounds__(THREADS)
    matmul(const float *A, const float *B, float *C, int M, int N, int K)
{
    // One column more, so that the column-wise stores below meet different banks.
    __shared__ float tileA[TILE_K][TILE_M + 1];
    __shared__ float tileB[TILE_K][TILE_N];
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
            tileA[i % TILE_K][i / TILE_K] = row < M && k < K ? A[row * K + k] : 0.0f;
        }
        for (int i = thread; i < TILE_K * TILE_N; i += THREADS) {
            int k = firstK + i / TILE_N;
            int col = firstCol + i % TILE_N;
            tileB[i / TILE_N][i % TILE_N] = k < K && col < N ? B[k * N + col] : 0.0f;
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
