// SPDX-License-Identifier: GPL-3.0-or-later
// First B is copied into panels of VEC * VECS columns, each stored row after row without gaps and
// filled up with zeros. Then one work-item owns ROWS rows by one panel of C: it reads its panel from
// front to back, and the last panel needs no special case while computing.
//@ tune VEC = 4, 8, 16
//@ tune VECS = 1, 2, 3
//@ tune ROWS = 2, 1, 4, 6, 8
//@ tune GROUP_PANELS = 1, 2, 4, 8
//@ tune GROUP_ROWS = 16, 4, 8, 32
//@ require VEC * VECS * ROWS <= 192
//@ scratch panels: float32[ceil_div(N, VEC * VECS), K, VEC * VECS]
//@ launch pack grid(ceil_div(K, 64), ceil_div(N, VEC * VECS)) block(64) args(B, panels, N, K)
//@ launch matmul grid(ceil_div(N, VEC * VECS * GROUP_PANELS), ceil_div(M, ROWS * GROUP_ROWS)) block(GROUP_PANELS, GROUP_ROWS) args(A, panels, C, M, N, K)

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define floatv JOIN(float, VEC)
#define vloadv JOIN(vload, VEC)
#define vstorev JOIN(vstore, VEC)
#define WIDTH (VEC * VECS)

__kernel void pack(__global const float *B, __global float *panels, int N, int K)
{
    int k = get_global_id(0);
    int panel = get_global_id(1);
    if (k >= K)
        return;
    __global float *target = panels + (panel * K + k) * WIDTH;
    for (int c = 0; c < WIDTH; ++c) {
        int col = panel * WIDTH + c;
        target[c] = col < N ? B[k * N + col] : 0.0f;
    }
}

__kernel void matmul(__global const float *A, __global const float *panels, __global float *C, int M,
                     int N, int K)
{
    int col = get_global_id(0) * WIDTH;
    int row = get_global_id(1) * ROWS;
    if (row >= M || col >= N)
        return;

    // Rows below the matrix repeat its last one, so that the loop needs no test; they are not stored.
    __global const float *a[ROWS];
    floatv sum[ROWS][VECS];
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        a[r] = A + min(row + r, M - 1) * K;
#pragma unroll
        for (int v = 0; v < VECS; ++v)
            sum[r][v] = (floatv)(0.0f);
    }

    __global const float *panel = panels + col * K;
    for (int k = 0; k < K; ++k) {
        floatv b[VECS];
#pragma unroll
        for (int v = 0; v < VECS; ++v)
            b[v] = vloadv(k * VECS + v, panel);
#pragma unroll
        for (int r = 0; r < ROWS; ++r) {
            float factor = a[r][k];
#pragma unroll
            for (int v = 0; v < VECS; ++v)
                sum[r][v] += factor * b[v];
        }
    }

#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        if (row + r >= M)
            break;
        __global float *c = C + (row + r) * N;
#pragma unroll
        for (int v = 0; v < VECS; ++v) {
            int first = col + v * VEC;
            if (first + VEC <= N) {
                vstorev(sum[r][v], 0, c + first);
            } else {
                float lanes[VEC];
                vstorev(sum[r][v], 0, lanes);
                for (int lane = 0; first + lane < N; ++lane)
                    c[first + lane] = lanes[lane];
            }
        }
    }
}
