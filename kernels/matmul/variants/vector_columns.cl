// SPDX-License-Identifier: GPL-3.0-or-later
// One work-item owns a block of C: ROWS rows by VEC neighbouring columns, all in registers. Each vector
// of B is loaded once and used ROWS times; each element of A is loaded once and used VEC times.
//@ tune VEC = 4, 8, 16
//@ tune ROWS = 2, 1, 4, 6, 8
//@ tune UNROLL = 1, 2, 4
//@ tune GROUP_COLS = 8, 2, 4, 16
//@ tune GROUP_ROWS = 4, 1, 2, 8
//@ launch matmul grid(ceil_div(N, VEC * GROUP_COLS), ceil_div(M, ROWS * GROUP_ROWS)) block(GROUP_COLS, GROUP_ROWS) args(A, B, C, M, N, K)

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define floatv JOIN(float, VEC)
#define vloadv JOIN(vload, VEC)
#define vstorev JOIN(vstore, VEC)

// The last columns of a matrix whose width is no multiple of VEC, one element at a time.
void remainingColumns(__global const float *A, __global const float *B, __global float *C, int firstRow,
                      int firstCol, int M, int N, int K)
{
    for (int row = firstRow; row < min(firstRow + ROWS, M); ++row) {
        for (int col = firstCol; col < N; ++col) {
            float sum = 0.0f;
            for (int k = 0; k < K; ++k)
                sum += A[row * K + k] * B[k * N + col];
            C[row * N + col] = sum;
        }
    }
}

__kernel void matmul(__global const float *A, __global const float *B, __global float *C, int M, int N,
                     int K)
{
    int col = get_global_id(0) * VEC;
    int row = get_global_id(1) * ROWS;
    if (row >= M || col >= N)
        return;
    if (col + VEC > N) {
        remainingColumns(A, B, C, row, col, M, N, K);
        return;
    }

    // Rows below the matrix repeat its last one, so that the loop needs no test; they are not stored.
    __global const float *a[ROWS];
    floatv sum[ROWS];
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        a[r] = A + min(row + r, M - 1) * K;
        sum[r] = (floatv)(0.0f);
    }

    int k = 0;
    for (; k + UNROLL <= K; k += UNROLL) {
#pragma unroll
        for (int u = 0; u < UNROLL; ++u) {
            floatv b = vloadv(0, B + (k + u) * N + col);
#pragma unroll
            for (int r = 0; r < ROWS; ++r)
                sum[r] += a[r][k + u] * b;
        }
    }
    for (; k < K; ++k) {
        floatv b = vloadv(0, B + k * N + col);
#pragma unroll
        for (int r = 0; r < ROWS; ++r)
            sum[r] += a[r][k] * b;
    }

#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        if (row + r < M)
            vstorev(sum[r], 0, C + (row + r) * N + col);
    }
}
