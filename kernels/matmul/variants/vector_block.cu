// SPDX-License-Identifier: GPL-3.0-or-later
// Register blocks as in register_block, with 16-byte accesses everywhere: four numbers a load from global
// memory, four a load from shared memory, four a store. A thread's results are groups of 4 x 4, 64 apart,
// so that a warp reads shared memory without bank conflicts. The next slice is fetched into registers while
// the present one is used.
//@ tune TILE_M = 128, 64
//@ tune TILE_N = 128, 64
//@ tune TILE_K = 8, 16, 32
//@ launch matmul grid(ceil_div(N, TILE_N), ceil_div(M, TILE_M)) block(16, 16) args(A, B, C, M, N, K)

#define THREADS 256
#define ROWS (TILE_M / 16)
#define COLS (TILE_N / 16)
#define LOADS_A ((TILE_M * TILE_K / 4 + THREADS - 1) / THREADS)
#define LOADS_B ((TILE_K * TILE_N / 4 + THREADS - 1) / THREADS)

// Four neighbours, of which `left` exist. A 16-byte load wants its address to be a multiple of 16.
__device__ float4 loadFour(const float *at, int left, bool aligned)
{
    if (aligned && left >= 4)
        return *(const float4 *)at;
    return make_float4(left > 0 ? at[0] : 0.0f, left > 1 ? at[1] : 0.0f, left > 2 ? at[2] : 0.0f,
                       left > 3 ? at[3] : 0.0f);
}

extern "C" __global__ void __launch_bounds__(THREADS)
    matmul(const float *__restrict__ A, const float *__restrict__ B, float *__restrict__ C, int M, int N,
           int K)
{
    __shared__ __align__(16) float tileA[TILE_K][TILE_M + 4];
    __shared__ __align__(16) float tileB[TILE_K][TILE_N];
    int x = threadIdx.x;
    int y = threadIdx.y;
    int thread = y * 16 + x;
    int firstRow = blockIdx.y * TILE_M;
    int firstCol = blockIdx.x * TILE_N;
    bool alignedA = K % 4 == 0;
    bool alignedB = N % 4 == 0;
    float4 nextA[LOADS_A], nextB[LOADS_B];

    auto fetch = [&](int firstK) {
#pragma unroll
        for (int i = 0; i < LOADS_A; ++i) {
            int vector = thread + i * THREADS;
            int row = firstRow + vector / (TILE_K / 4);
            int k = firstK + vector % (TILE_K / 4) * 4;
            bool inside = vector < TILE_M * TILE_K / 4 && row < M;
            nextA[i] = inside ? loadFour(A + row * K + k, K - k, alignedA) : make_float4(0, 0, 0, 0);
        }
#pragma unroll
        for (int i = 0; i < LOADS_B; ++i) {
            int vector = thread + i * THREADS;
            int k = firstK + vector / (TILE_N / 4);
            int col = firstCol + vector % (TILE_N / 4) * 4;
            bool inside = vector < TILE_K * TILE_N / 4 && k < K;
            nextB[i] = inside ? loadFour(B + k * N + col, N - col, alignedB) : make_float4(0, 0, 0, 0);
        }
    };
    auto keep = [&]() {
#pragma unroll
        for (int i = 0; i < LOADS_A; ++i) {
            int vector = thread + i * THREADS;
            int row = vector / (TILE_K / 4);
            int k = vector % (TILE_K / 4) * 4;
            if (vector < TILE_M * TILE_K / 4) {
                tileA[k][row] = nextA[i].x;
                tileA[k + 1][row] = nextA[i].y;
                tileA[k + 2][row] = nextA[i].z;
                tileA[k + 3][row] = nextA[i].w;
            }
        }
#pragma unroll
        for (int i = 0; i < LOADS_B; ++i) {
            int vector = thread + i * THREADS;
            if (vector < TILE_K * TILE_N / 4)
                *(float4 *)&tileB[vector / (TILE_N / 4)][vector % (TILE_N / 4) * 4] = nextB[i];
        }
    };

    float sum[ROWS][COLS] = {};
    fetch(0);
    for (int firstK = 0; firstK < K; firstK += TILE_K) {
        keep();
        __syncthreads();
        if (firstK + TILE_K < K)
            fetch(firstK + TILE_K);
#pragma unroll
        for (int k = 0; k < TILE_K; ++k) {
            float a[ROWS], b[COLS];
#pragma unroll
            for (int r = 0; r < ROWS; r += 4)
                *(float4 *)&a[r] = *(const float4 *)&tileA[k][y * 4 + r * 16];
#pragma unroll
            for (int c = 0; c < COLS; c += 4)
                *(float4 *)&b[c] = *(const float4 *)&tileB[k][x * 4 + c * 16];
#pragma unroll
            for (int r = 0; r < ROWS; ++r) {
#pragma unroll
                for (int c = 0; c < COLS; ++c)
                    sum[r][c] += a[r] * b[c];
            }
        }
        __syncthreads();
    }

#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        int row = firstRow + y * 4 + r / 4 * 64 + r % 4;
        if (row >= M)
            continue;
#pragma unroll
        for (int c = 0; c < COLS; c += 4) {
            int col = firstCol + x * 4 + c * 16;
            float *to = C + row * N + col;
            if (alignedB && col + 4 <= N) {
                *(float4 *)to = make_float4(sum[r][c], sum[r][c + 1], sum[r][c + 2], sum[r][c + 3]);
            } else {
#pragma unroll
                for (int i = 0; i < 4; ++i) {
                    if (col + i < N)
                        to[i] = sum[r][c + i];
                }
            }
        }
    }
}
