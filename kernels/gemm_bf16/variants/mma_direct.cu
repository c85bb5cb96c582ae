// SPDX-License-Identifier: GPL-3.0-or-later
// Tensor cores fed straight from global memory: a warp owns TILES_M x TILES_N tiles of 16 x 8 and every
// thread fetches the pairs that the instruction wants of it. No shared memory, no barrier; the caches do the
// reuse. Needs compute capability 8.0.
//@ tune TILES_M = 2, 1, 4
//@ tune TILES_N = 4, 2, 8
//@ tune WARPS_M = 2, 1, 4
//@ tune WARPS_N = 2, 1, 4
//@ launch gemm grid(ceil_div(N, 8 * TILES_N * WARPS_N), ceil_div(M, 16 * TILES_M * WARPS_M)) block(32, WARPS_N, WARPS_M) args(A, B, C, M, N, K)

// sum += a * b for a tile of 16 x 8 results and 16 steps of K, by the whole warp. Which elements a thread
// holds is laid down by the instruction: with g = lane / 4 and t = lane % 4, rows g and g + 8 at columns 2t
// and 2t + 1 of the results, and pairs along K at 2t and 2t + 8 of the factors.
__device__ void multiplyTiles(float (&sum)[4], const unsigned (&a)[4], const unsigned (&b)[2])
{
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
                 "{%8, %9}, {%0, %1, %2, %3};"
                 : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

// Stores two neighbours of a row, as far as they lie in C.
__device__ void storePair(float *C, int row, int col, int M, int N, float first, float second)
{
    if (row < M && col < N)
        C[row * N + col] = first;
    if (row < M && col + 1 < N)
        C[row * N + col + 1] = second;
}

// The elements k and k + 1 of a row of `rows`, zeros where there are none.
__device__ unsigned loadPair(const unsigned short *from, int row, int rows, int k, int K)
{
    if (row >= rows || k >= K)
        return 0;
    const unsigned short *at = from + row * K + k;
    // Pairs are aligned where rows have an even length.
    if (K % 2 == 0)
        return *(const unsigned *)at;
    return at[0] | (k + 1 < K ? (unsigned)at[1] << 16 : 0u);
}

extern "C" __global__ void __launch_bounds__(32 * WARPS_M * WARPS_N)
    gemm(const unsigned short *__restrict__ A, const unsigned short *__restrict__ B, float *__restrict__ C,
         int M, int N, int K)
{
    int group = threadIdx.x / 4;
    int pair = threadIdx.x % 4 * 2;
    int firstRow = (blockIdx.y * WARPS_M + threadIdx.z) * TILES_M * 16;
    int firstCol = (blockIdx.x * WARPS_N + threadIdx.y) * TILES_N * 8;

    float sum[TILES_M][TILES_N][4] = {};
    for (int k = 0; k < K; k += 16) {
        unsigned a[TILES_M][4], b[TILES_N][2];
#pragma unroll
        for (int m = 0; m < TILES_M; ++m) {
            int row = firstRow + m * 16 + group;
            a[m][0] = loadPair(A, row, M, k + pair, K);
            a[m][1] = loadPair(A, row + 8, M, k + pair, K);
            a[m][2] = loadPair(A, row, M, k + pair + 8, K);
            a[m][3] = loadPair(A, row + 8, M, k + pair + 8, K);
        }
#pragma unroll
        for (int n = 0; n < TILES_N; ++n) {
            int col = firstCol + n * 8 + group;
            b[n][0] = loadPair(B, col, N, k + pair, K);
            b[n][1] = loadPair(B, col, N, k + pair + 8, K);
        }
#pragma unroll
        for (int m = 0; m < TILES_M; ++m) {
#pragma unroll
            for (int n = 0; n < TILES_N; ++n)
                multiplyTiles(sum[m][n], a[m], b[n]);
        }
    }
#pragma unroll
    for (int m = 0; m < TILES_M; ++m) {
#pragma unroll
        for (int n = 0; n < TILES_N; ++n) {
            int row = firstRow + m * 16 + group;
            int col = firstCol + n * 8 + pair;
            storePair(C, row, col, M, N, sum[m][n][0], sum[m][n][1]);
            storePair(C, row + 8, col, M, N, sum[m][n][2], sum[m][n][3]);
        }
    }
}
