// SPDX-License-Identifier: GPL-3.0-or-later
// The slices of A and B travel from global to shared memory without passing through registers (cp.async),
// several slices ahead of the one in use: STAGES of them stand in shared memory in a ring. The arithmetic
// hides the latency, and no register is spent on data under way.
//@ tune TILE_M = 128, 64
//@ tune TILE_N = 128, 64
//@ tune TILE_K = 16, 8, 32
//@ tune STAGES = 3, 2, 4
//@ require 4 * STAGES * (TILE_M * (TILE_K + 4) + TILE_K * TILE_N) <= 163840
//@ launch matmul grid(ceil_div(N, TILE_N), ceil_div(M, TILE_M)) block(16, 16) shared(4 * STAGES * (TILE_M * (TILE_K + 4) + TILE_K * TILE_N)) args(A, B, C, M, N, K)

#define THREADS 256
#define ROWS (TILE_M / 16)
#define COLS (TILE_N / 16)
// Four more, so that rows of A begin in different banks and stay 16-byte aligned.
#define ROW_A (TILE_K + 4)
#define STAGE (TILE_M * ROW_A + TILE_K * TILE_N)

// Starts a copy of `bytes` of 16 to shared memory; the rest becomes zeros.
__device__ void copyAsync16(void *to, const void *from, int bytes)
{
    unsigned address = (unsigned)__cvta_generic_to_shared(to);
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(from), "r"(bytes));
}

// The same for `bytes` of 4.
__device__ void copyAsync4(void *to, const void *from, int bytes)
{
    unsigned address = (unsigned)__cvta_generic_to_shared(to);
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(address), "l"(from), "r"(bytes));
}

// Closes a batch of copies.
__device__ void commitCopies()
{
    asm volatile("cp.async.commit_group;");
}

// Waits until at most `N` batches are under way.
template <int N> __device__ void waitCopies()
{
    asm volatile("cp.async.wait_group %0;" ::"n"(N));
}

// Starts copying four neighbours, of which `left` exist.
__device__ void copyFour(float *to, const float *from, int left, bool aligned, const float *somewhere)
{
    if (aligned) {
        copyAsync16(to, left > 0 ? from : somewhere, min(max(left, 0), 4) * 4);
    } else {
#pragma unroll
        for (int i = 0; i < 4; ++i)
            copyAsync4(to + i, i < left ? from + i : somewhere, i < left ? 4 : 0);
    }
}

extern "C" __global__ void __launch_bounds__(THREADS)
    matmul(const float *__restrict__ A, const float *__restrict__ B, float *__restrict__ C, int M, int N,
           int K)
{
    extern __shared__ __align__(16) float stages[];
    int x = threadIdx.x;
    int y = threadIdx.y;
    int thread = y * 16 + x;
    int firstRow = blockIdx.y * TILE_M;
    int firstCol = blockIdx.x * TILE_N;
    bool alignedA = K % 4 == 0;
    bool alignedB = N % 4 == 0;

    auto start = [&](int slice) {
        int firstK = slice * TILE_K;
        float *tileA = stages + slice % STAGES * STAGE;
        float *tileB = tileA + TILE_M * ROW_A;
        if (firstK < K) {
            for (int i = thread; i < TILE_M * TILE_K / 4; i += THREADS) {
                int row = i / (TILE_K / 4);
                int k = i % (TILE_K / 4) * 4;
                copyFour(tileA + row * ROW_A + k, A + (firstRow + row) * K + firstK + k,
                         firstRow + row < M ? K - firstK - k : 0, alignedA, A);
            }
            for (int i = thread; i < TILE_K * TILE_N / 4; i += THREADS) {
                int k = i / (TILE_N / 4);
                int col = i % (TILE_N / 4) * 4;
                copyFour(tileB + k * TILE_N + col, B + (firstK + k) * N + firstCol + col,
                         firstK + k < K ? N - firstCol - col : 0, alignedB, B);
            }
        }
        // Also an empty batch counts, so that the wait below always means the same slice.
        commitCopies();
    };

    float sum[ROWS][COLS] = {};
#pragma unroll
    for (int slice = 0; slice < STAGES - 1; ++slice)
        start(slice);
    int slices = (K + TILE_K - 1) / TILE_K;
    for (int slice = 0; slice < slices; ++slice) {
        waitCopies<STAGES - 2>();
        __syncthreads();
        start(slice + STAGES - 1);
        const float *tileA = stages + slice % STAGES * STAGE;
        const float *tileB = tileA + TILE_M * ROW_A;
#pragma unroll
        for (int k = 0; k < TILE_K; ++k) {
            float a[ROWS], b[COLS];
#pragma unroll
            for (int r = 0; r < ROWS; ++r)
                a[r] = tileA[(y + r * 16) * ROW_A + k];
#pragma unroll
            for (int c = 0; c < COLS; c += 4)
                *(float4 *)&b[c] = *(const float4 *)&tileB[k * TILE_N + x * 4 + c * 16];
#pragma unroll
            for (int r = 0; r < ROWS; ++r) {
#pragma unroll
                for (int c = 0; c < COLS; ++c)
                    sum[r][c] += a[r] * b[c];
            }
        }
    }

#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        int row = firstRow + y + r * 16;
#pragma unroll
        for (int c = 0; c < COLS; ++c) {
            int col = firstCol + x * 4 + c / 4 * 64 + c % 4;
            if (row < M && col < N)
                C[row * N + col] = sum[r][c];
        }
    }
}
