// SPDX-License-Identifier: GPL-3.0-or-later
// One work-item computes ROWS elements below each other in one column of C. An element of B that has
// been loaded serves all of them, so that the traffic for B falls by the factor ROWS.
//@ tune ROWS = 2, 1, 4, 8, 16
//@ tune UNROLL = 1, 2, 4
//@ tune GROUP_COLS = 16, 8, 32, 64, 128
//@ tune GROUP_ROWS = 1, 2, 4
//@ require GROUP_COLS * GROUP_ROWS <= 256
//@ launch matmul grid(ceil_div(N, GROUP_COLS), ceil_div(M, ROWS * GROUP_ROWS)) block(GROUP_COLS, GROUP_ROWS) args(A, B, C, M, N, K)

__kernel void matmul(__global const float *A, __global const float *B, __global float *C, int M, int N,
                     int K)
{
    int col = get_global_id(0);
    int row = get_global_id(1) * ROWS;
    if (row >= M || col >= N)
        return;

    // Rows below the matrix repeat its last one, so that the loop needs no test; they are not stored.
    __global const float *a[ROWS];
    float sum[ROWS];
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        a[r] = A + min(row + r, M - 1) * K;
        sum[r] = 0.0f;
    }

    int k = 0;
    for (; k + UNROLL <= K; k += UNROLL) {
#pragma unroll
        for (int u = 0; u < UNROLL; ++u) {
            float b = B[(k + u) * N + col];
#pragma unroll
            for (int r = 0; r < ROWS; ++r)
                sum[r] += a[r][k + u] * b;
        }
    }
    for (; k < K; ++k) {
        float b = B[k * N + col];
#pragma unroll
        for (int r = 0; r < ROWS; ++r)
            sum[r] += a[r][k] * b;
    }

#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        if (row + r < M)
            C[(row + r) * N + col] = sum[r];
    }
}
