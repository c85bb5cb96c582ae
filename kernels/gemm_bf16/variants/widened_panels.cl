// SPDX-License-Identifier: GPL-3.0-or-later
// First B is widened to float32 and copied into panels of VEC columns, each stored step after step of K and
// filled up with zeros. Then one work-item owns ROWS rows by one panel of C and reads its panel from front to
// back: the copy costs N * K, the product M * N * K.
//@ tune VEC = 4, 8, 16
//@ tune ROWS = 2, 1, 4, 6, 8
//@ tune GROUP_PANELS = 1, 2, 4
//@ tune GROUP_ROWS = 16, 4, 8, 32
//@ scratch panels: float32[ceil_div(N, VEC), K, VEC]
//@ launch pack grid(ceil_div(K, 64), ceil_div(N, VEC)) block(64) args(B, panels, N, K)
//@ launch gemm grid(ceil_div(N, VEC * GROUP_PANELS), ceil_div(M, ROWS * GROUP_ROWS)) block(GROUP_PANELS, GROUP_ROWS) args(A, panels, C, M, N, K)

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define floatv JOIN(float, VEC)
#define vloadv JOIN(vload, VEC)
#define vstorev JOIN(vstore, VEC)

float fromBfloat16(ushort bits)
{
    return as_float((uint)bits << 16);
}

__kernel void pack(__global const ushort *B, __global float *panels, int N, int K)
{
    int k = get_global_id(0);
    int panel = get_global_id(1);
    if (k >= K)
        return;
    for (int c = 0; c < VEC; ++c) {
        int col = panel * VEC + c;
        panels[(panel * K + k) * VEC + c] = col < N ? fromBfloat16(B[col * K + k]) : 0.0f;
    }
}

__kernel void gemm(__global const ushort *A, __global const float *panels, __global float *C, int M, int N,
                   int K)
{
    int col = get_global_id(0) * VEC;
    int row = get_global_id(1) * ROWS;
    if (row >= M || col >= N)
        return;

    // Rows below the matrix repeat its last one; they are not stored.
    __global const ushort *a[ROWS];
    floatv sum[ROWS];
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        a[r] = A + min(row + r, M - 1) * K;
        sum[r] = (floatv)(0.0f);
    }
    __global const float *panel = panels + col * K;
    for (int k = 0; k < K; ++k) {
        floatv b = vloadv(k, panel);
#pragma unroll
        for (int r = 0; r < ROWS; ++r)
            sum[r] += fromBfloat16(a[r][k]) * b;
    }
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        if (row + r >= M)
            continue;
        if (col + VEC <= N) {
            vstorev(sum[r], 0, C + (row + r) * N + col);
        } else {
            float lanes[VEC];
            vstorev(sum[r], 0, lanes);
            for (int lane = 0; col + lane < N; ++lane)
                C[(row + r) * N + col + lane] = lanes[lane];
        }
    }
}
