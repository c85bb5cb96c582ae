// SPDX-License-Identifier: GPL-3.0-or-later
// A group widens tiles of A and B into local memory, B turned so that neighbours read neighbours, and each
// item computes ROWS results from them.
//@ tune TILE = 16, 8, 32
//@ tune ROWS = 1, 2, 4, 8
//@ require TILE * TILE / ROWS <= 256
//@ launch gemm grid(ceil_div(N, TILE), ceil_div(M, TILE)) block(TILE, TILE / ROWS) args(A, B, C, M, N, K)

float fromBfloat16(ushort bits)
{
    return as_float((uint)bits << 16);
}

#define STRIDE (TILE / ROWS)

__kernel void gemm(__global const ushort *A, __global const ushort *B, __global float *C, int M, int N, int K)
{
    __local float tileA[TILE][TILE];
    __local float tileB[TILE][TILE + 1];
    int x = get_local_id(0);
    int y = get_local_id(1);
    int firstCol = get_group_id(0) * TILE;
    int firstRow = get_group_id(1) * TILE;

    float sum[ROWS];
#pragma unroll
    for (int r = 0; r < ROWS; ++r)
        sum[r] = 0.0f;
    for (int firstK = 0; firstK < K; firstK += TILE) {
        // Outside the matrices the tiles hold zeros, which add nothing.
        for (int i = y; i < TILE; i += STRIDE) {
            int k = firstK + x;
            tileA[i][x] = firstRow + i < M && k < K ? fromBfloat16(A[(firstRow + i) * K + k]) : 0.0f;
            tileB[x][i] = firstCol + i < N && k < K ? fromBfloat16(B[(firstCol + i) * K + k]) : 0.0f;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int k = 0; k < TILE; ++k) {
            float b = tileB[k][x];
#pragma unroll
            for (int r = 0; r < ROWS; ++r)
                sum[r] += tileA[y + r * STRIDE][k] * b;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        int row = firstRow + y + r * STRIDE;
        if (row < M && firstCol + x < N)
            C[row * N + firstCol + x] = sum[r];
    }
}
