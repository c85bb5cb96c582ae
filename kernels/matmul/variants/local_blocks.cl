// SPDX-License-Identifier: GPL-3.0-or-later
// Two levels of blocking. A work-group owns TILE_M x TILE_N of C and brings slices of A and B, TILE_K
// deep, into local memory; each of its items keeps ROWS x VEC results in registers. What goes from local
// memory to registers is used ROWS or VEC times, what goes from global to local TILE_M or TILE_N times.
//@ tune TILE_M = 32, 16, 64
//@ tune TILE_N = 32, 64, 128
//@ tune TILE_K = 16, 8, 32
//@ tune ROWS = 2, 4, 8
//@ tune VEC = 4, 2, 8, 16
//@ require (TILE_M / ROWS) * (TILE_N / VEC) <= 256
//@ launch matmul grid(ceil_div(N, TILE_N), ceil_div(M, TILE_M)) block(TILE_N / VEC, TILE_M / ROWS) args(A, B, C, M, N, K)

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define floatv JOIN(float, VEC)
#define vloadv JOIN(vload, VEC)
#define vstorev JOIN(vstore, VEC)
#define ITEMS ((TILE_M / ROWS) * (TILE_N / VEC))

__kernel void matmul(__global const float *A, __global const float *B, __global float *C, int M, int N,
                     int K)
{
    __local float tileA[TILE_M * TILE_K];
    __local float tileB[TILE_K * TILE_N];
    int x = get_local_id(0);
    int y = get_local_id(1);
    int item = y * (TILE_N / VEC) + x;
    int firstRow = get_group_id(1) * TILE_M;
    int firstCol = get_group_id(0) * TILE_N;

    floatv sum[ROWS];
#pragma unroll
    for (int r = 0; r < ROWS; ++r)
        sum[r] = (floatv)(0.0f);

    for (int firstK = 0; firstK < K; firstK += TILE_K) {
        // Outside the matrices the tiles hold zeros, which add nothing: the products need no test.
        for (int i = item; i < TILE_M * TILE_K; i += ITEMS) {
            int row = firstRow + i / TILE_K;
            int k = firstK + i % TILE_K;
            tileA[i] = row < M && k < K ? A[row * K + k] : 0.0f;
        }
        for (int i = item; i < TILE_K * TILE_N; i += ITEMS) {
            int k = firstK + i / TILE_N;
            int col = firstCol + i % TILE_N;
            tileB[i] = k < K && col < N ? B[k * N + col] : 0.0f;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int k = 0; k < TILE_K; ++k) {
            floatv b = vloadv(x, tileB + k * TILE_N);
#pragma unroll
            for (int r = 0; r < ROWS; ++r)
                sum[r] += tileA[(y * ROWS + r) * TILE_K + k] * b;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }

    int col = firstCol + x * VEC;
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        int row = firstRow + y * ROWS + r;
        if (row < M && col + VEC <= N) {
            vstorev(sum[r], 0, C + row * N + col);
        } else if (row < M) {
            float lanes[VEC];
            vstorev(sum[r], 0, lanes);
            for (int lane = 0; col + lane < N; ++lane)
                C[row * N + col + lane] = lanes[lane];
        }
    }
}
