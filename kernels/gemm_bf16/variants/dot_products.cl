// SPDX-License-Identifier: GPL-3.0-or-later
// One work-item computes ROWS x COLS dot products with vectors along K, where both factors lie straight in
// memory, and adds up the lanes at the end. Each number is widened ROWS or COLS times less often.
//@ tune VEC = 4, 8, 16
//@ tune ROWS = 2, 1, 4
//@ tune COLS = 1, 2, 4
//@ tune GROUP_COLS = 8, 2, 4, 16
//@ tune GROUP_ROWS = 4, 1, 2, 8
//@ launch gemm grid(ceil_div(N, COLS * GROUP_COLS), ceil_div(M, ROWS * GROUP_ROWS)) block(GROUP_COLS, GROUP_ROWS) args(A, B, C, M, N, K)

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define floatv JOIN(float, VEC)
#define as_floatv JOIN(as_float, VEC)
#define convert_uintv JOIN(convert_uint, VEC)
#define vloadv JOIN(vload, VEC)
#define vstorev JOIN(vstore, VEC)

float fromBfloat16(ushort bits)
{
    return as_float((uint)bits << 16);
}

floatv widened(__global const ushort *from)
{
    return as_floatv(convert_uintv(vloadv(0, from)) << 16);
}

__kernel void gemm(__global const ushort *A, __global const ushort *B, __global float *C, int M, int N, int K)
{
    int col = get_global_id(0) * COLS;
    int row = get_global_id(1) * ROWS;
    if (row >= M || col >= N)
        return;

    // Rows and columns outside repeat the last one, so that the loop needs no test; they are not stored.
    __global const ushort *a[ROWS];
    __global const ushort *b[COLS];
    floatv sum[ROWS][COLS];
#pragma unroll
    for (int r = 0; r < ROWS; ++r)
        a[r] = A + min(row + r, M - 1) * K;
#pragma unroll
    for (int c = 0; c < COLS; ++c)
        b[c] = B + min(col + c, N - 1) * K;
#pragma unroll
    for (int i = 0; i < ROWS * COLS; ++i)
        sum[i / COLS][i % COLS] = (floatv)(0.0f);

    int k = 0;
    for (; k + VEC <= K; k += VEC) {
        floatv bs[COLS];
#pragma unroll
        for (int c = 0; c < COLS; ++c)
            bs[c] = widened(b[c] + k);
#pragma unroll
        for (int r = 0; r < ROWS; ++r) {
            floatv as = widened(a[r] + k);
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
                total += fromBfloat16(a[r][rest]) * fromBfloat16(b[c][rest]);
            if (row + r < M && col + c < N)
                C[(row + r) * N + col + c] = total;
        }
    }
}
