// SPDX-License-Identifier: GPL-3.0-or-later
// A block copies square tiles of A and B to shared memory, so that each number fetched is used TILE times.
// A thread computes ROWS results, TILE / ROWS rows apart.
//@ tune TILE = 32, 16
//@ tune ROWS = 1, 2, 4, 8
//@ launch matmul grid(ceil_div(N, TILE), ceil_div(M, TILE)) block(TILE, TILE / ROWS) args(A, B, C, M, N, K)

#define STRIDE (TILE / ROWS)

extern "C" __global__ void matmul(const float *A, const float *B, float *C, int M, int N, int K)
{
    __shared__ float tileA[TILE][TILE];
    __shared__ float tileB[TILE][TILE];
    int x = threadIdx.x;
    int y = threadIdx.y;
    int col = blockIdx.x * TILE + x;
    int firstRow = blockIdx.y * TILE + y;

    float sum[ROWS] = {};
    for (int firstK = 0; firstK < K; firstK += TILE) {
        // Outside the matrices the tiles hold zeros, which add nothing.
#pragma unroll
        for (int r = 0; r < ROWS; ++r) {
            int local = y + r * STRIDE;
            int row = firstRow + r * STRIDE;
            tileA[local][x] = row < M && firstK + x < K ? A[row * K + firstK + x] : 0.0f;
            tileB[local][x] = firstK + local < K && col < N ? B[(firstK + local) * N + col] : 0.0f;
        }
        __syncthreads();
#pragma unroll
        for (int k = 0; k < TILE; ++k) {
            float b = tileB[k][x];
#pragma unroll
            for (int r = 0; r < ROWS; ++r)
                sum[r] += tileA[y + r * STRIDE][k] * b;
        }
        __syncthreads();
    }
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        int row = firstRow + r * STRIDE;
        if (row < M && col < N)
            C[row * N + col] = sum[r];
    }
}
