// SPDX-License-Identifier: GPL-3.0-or-later
// One work-item computes ROWS results of a column: an element of B is fetched and widened once for ROWS
// results, and ROWS chains of additions run side by side.
//@ tune ROWS = 4, 1, 2, 8, 16
//@ tune GROUP_COLS = 16, 4, 64
//@ tune GROUP_ROWS = 4, 1, 2, 8
//@ require GROUP_COLS * GROUP_ROWS <= 256
//@ launch gemm grid(ceil_div(N, GROUP_COLS), ceil_div(M, ROWS * GROUP_ROWS)) block(GROUP_COLS, GROUP_ROWS) args(A, B, C, M, N, K)

float fromBfloat16(ushort bits)
{
    return as_float((uint)bits << 16);
}

__kernel void gemm(__global const ushort *A, __global const ushort *B, __global float *C, int M, int N, int K)
{
    int col = get_global_id(0);
    int row = get_global_id(1) * ROWS;
    if (row >= M || col >= N)
        return;
    // Rows below the matrix repeat its last one; they are not stored.
    __global const ushort *a[ROWS];
    float sum[ROWS];
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        a[r] = A + min(row + r, M - 1) * K;
        sum[r] = 0.0f;
    }
    for (int k = 0; k < K; ++k) {
        float b = fromBfloat16(B[col * K + k]);
#pragma unroll
        for (int r = 0; r < ROWS; ++r)
            sum[r] += fromBfloat16(a[r][k]) * b;
    }
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        if (row + r < M)
            C[(row + r) * N + col] = sum[r];
    }
}
