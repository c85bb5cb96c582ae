// SPDX-License-Identifier: GPL-3.0-or-later
// A work-group copies one square tile of A and one of B into local memory, multiplies them there, and
// moves on along K: each element is read from global memory once per tile and not once per work-item.
// One work-item computes ROWS elements of the tile's column.
//@ tune TILE = 16, 8, 32
//@ tune ROWS = 1, 2, 4, 8
//@ tune UNROLL = 1, 2, 4, 8
//@ launch matmul grid(ceil_div(N, TILE), ceil_div(M, TILE)) block(TILE, TILE / ROWS) args(A, B, C, M, N, K)

#define STEP (TILE / ROWS)

__kernel void matmul(__global const float *A, __global const float *B, __global float *C, int M, int N,
                     int K)
{
    __local float tileA[TILE][TILE];
    __local float tileB[TILE][TILE];
    int x = get_local_id(0);
    int y = get_local_id(1);
    int col = get_group_id(0) * TILE + x;
    int row = get_group_id(1) * TILE + y;

    float sum[ROWS];
#pragma unroll
    for (int r = 0; r < ROWS; ++r)
        sum[r] = 0.0f;

    for (int first = 0; first < K; first += TILE) {
        // Outside the matrices the tiles hold zeros, which add nothing: the products need no test.
        for (int i = 0; i < TILE; i += STEP) {
            tileA[y + i][x] = row + i < M && first + x < K ? A[(row + i) * K + first + x] : 0.0f;
            tileB[y + i][x] = first + y + i < K && col < N ? B[(first + y + i) * N + col] : 0.0f;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int k = 0; k < TILE; k += UNROLL) {
#pragma unroll
            for (int u = 0; u < UNROLL; ++u) {
#pragma unroll
                for (int r = 0; r < ROWS; ++r)
                    sum[r] += tileA[y + r * STEP][k + u] * tileB[k + u][x];
            }
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }

#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        if (row + r * STEP < M && col < N)
            C[(row + r * STEP) * N + col] = sum[r];
    }
}
