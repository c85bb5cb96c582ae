// SPDX-License-Identifier: GPL-3.0-or-later
// First B is transposed, so that a column of B lies as straight in memory as a row of A. Then one
// work-item computes ROWS x COLS dot products with vectors along K, and adds up the lanes at the end.
//@ tune VEC = 4, 8, 16
//@ tune ROWS = 2, 1, 4
//@ tune COLS = 1, 2, 4
//@ tune GROUP_COLS = 8, 2, 4, 16
//@ tune GROUP_ROWS = 4, 1, 2, 8
//@ scratch columns: float32[N, K]
//@ launch transpose grid(ceil_div(N, 8), ceil_div(K, 16)) block(8, 16) args(B, columns, N, K)
//@ launch matmul grid(ceil_div(N, COLS * GROUP_COLS), ceil_div(M, ROWS * GROUP_ROWS)) block(GROUP_COLS, GROUP_ROWS) args(A, columns, C, M, N, K)

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define floatv JOIN(float, VEC)
#define vloadv JOIN(vload, VEC)
#define vstorev JOIN(vstore, VEC)

__kernel void transpose(__global const float *B, __global float *columns, int N, int K)
{
    int col = get_global_id(0);
    int k = get_global_id(1);
    if (k < K && col < N)
        columns[col * K + k] = B[k * N + col];
}

__kernel void matmul(__global const float *A, __global const float *columns, __global float *C, int M,
                     int N, int K)
{
    int col = get_global_id(0) * COLS;
    int row = get_global_id(1) * ROWS;
    if (row >= M || col >= N)
        return;

    // Rows and columns outside repeat the last one, so that the loop needs no test; they are not stored.
    __global const float *a[ROWS];
    __global const float *b[COLS];
    floatv sum[ROWS][COLS];
#pragma unroll
    for (int r = 0; r < ROWS; ++r)
        a[r] = A + min(row + r, M - 1) * K;
#pragma unroll
    for (int c = 0; c < COLS; ++c)
        b[c] = columns + min(col + c, N - 1) * K;
#pragma unroll
    for (int i = 0; i < ROWS * COLS; ++i)
        sum[i / COLS][i % COLS] = (floatv)(0.0f);

    int k = 0;
    for (; k + VEC <= K; k += VEC) {
        floatv bs[COLS];
#pragma unroll
        for (int c = 0; c < COLS; ++c)
            bs[c] = vloadv(0, b[c] + k);
#pragma unroll
        for (int r = 0; r < ROWS; ++r) {
            floatv as = vloadv(0, a[r] + k);
#pragma unroll
            for (int c = 0; c < COLS; ++c)
                sum[r][c] += as * bs[c];
        }
    }

#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
#pragma unroll
        for (int c = 0; c < COLS; ++c) {
            float lanes[VEC];
            vstorev(sum[r][c], 0, lanes);
            float total = 0.0f;
            for (int lane = 0; lane < VEC; ++lane)
                total += lanes[lane];
            for (int rest = k; rest < K; ++rest)
                total += a[r][rest] * b[c][rest];
            if (row + r < M && col + c < N)
                C[(row + r) * N + col + c] = total;
        }
    }
}
