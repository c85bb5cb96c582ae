// SPDX-License-Identifier: GPL-3.0-or-later
// Tensor cores with a pipeline: slices of A and B travel to shared memory several stages ahead (cp.async),
// warps pick up whole tiles from there (ldmatrix) and multiply them. Rows in shared memory are eight elements
// longer than a slice, so that the eight rows of a tile lie in different banks. Needs compute capability 8.0.
//@ tune TILE_M = 128, 64
//@ tune TILE_N = 128, 64
//@ tune TILE_K = 32, 16, 64
//@ tune STAGES = 3, 2, 4
//@ tune WARPS_M = 2, 1, 4
//@ tune WARPS_N = 4, 1, 2
//@ require TILE_M / WARPS_M * (TILE_N / WARPS_N) <= 4096 && TILE_N / WARPS_N >= 16
//@ require 2 * STAGES * (TILE_M + TILE_N) * (TILE_K + 8) <= 163840
//@ launch gemm grid(ceil_div(N, TILE_N), ceil_div(M, TILE_M)) block(32 * WARPS_M * WARPS_N) shared(2 * STAGES * (TILE_M + TILE_N) * (TILE_K + 8)) args(A, B, C, M, N, K)

#define THREADS (32 * WARPS_M * WARPS_N)
#define ROW (TILE_K + 8)
#define STAGE ((TILE_M + TILE_N) * ROW)
#define TILES_M (TILE_M / WARPS_M / 16)
#define TILES_N (TILE_N / WARPS_N / 8)

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

// Four tiles of 8 x 8 from shared memory: thread l names row l % 8 of tile l / 8.
__device__ void loadTiles(unsigned (&tiles)[4], const void *row)
{
    unsigned address = (unsigned)__cvta_generic_to_shared(row);
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(tiles[0]), "=r"(tiles[1]), "=r"(tiles[2]), "=r"(tiles[3])
                 : "r"(address)
                 : "memory");
}

// Starts a copy of `bytes` of 16 to shared memory; the rest becomes zeros.
__device__ void copyAsync16(void *to, const void *from, int bytes)
{
    unsigned address = (unsigned)__cvta_generic_to_shared(to);
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(from), "r"(bytes));
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

// Brings eight neighbours to shared memory, of which `left` exist; the others become zeros. Asynchronous
// where rows are aligned, at once where they are not.
__device__ void copyEight(unsigned short *to, const unsigned short *from, int left, bool aligned)
{
    if (aligned && left > 0) {
        copyAsync16(to, from, 16);
    } else {
#pragma unroll
        for (int i = 0; i < 8; ++i)
            to[i] = i < left ? from[i] : (unsigned short)0;
    }
}

// Stores two neighbours of a row, as far as they lie in C.
__device__ void storePair(float *C, int row, int col, int M, int N, float first, float second)
{
    if (row < M && col < N)
        C[row * N + col] = first;
    if (row < M && col + 1 < N)
        C[row * N + col + 1] = second;
}

extern "C" __global__ void __launch_bounds__(THREADS)
    gemm(const unsigned short *__restrict__ A, const unsigned short *__restrict__ B, float *__restrict__ C,
         int M, int N, int K)
{
    extern __shared__ __align__(16) unsigned short stages[];
    int lane = threadIdx.x % 32;
    int warpRow = threadIdx.x / 32 / WARPS_N * TILES_M * 16;
    int warpCol = threadIdx.x / 32 % WARPS_N * TILES_N * 8;
    int firstRow = blockIdx.y * TILE_M;
    int firstCol = blockIdx.x * TILE_N;
    bool aligned = K % 8 == 0;

    auto start = [&](int slice) {
        unsigned short *tileA = stages + slice % STAGES * STAGE;
        unsigned short *tileB = tileA + TILE_M * ROW;
        int firstK = slice * TILE_K;
        if (firstK < K) {
            for (int i = threadIdx.x; i < TILE_M * TILE_K / 8; i += THREADS) {
                int row = i / (TILE_K / 8);
                int k = i % (TILE_K / 8) * 8;
                copyEight(tileA + row * ROW + k, A + (firstRow + row) * K + firstK + k,
                          firstRow + row < M ? K - firstK - k : 0, aligned);
            }
            for (int i = threadIdx.x; i < TILE_N * TILE_K / 8; i += THREADS) {
                int col = i / (TILE_K / 8);
                int k = i % (TILE_K / 8) * 8;
                copyEight(tileB + col * ROW + k, B + (firstCol + col) * K + firstK + k,
                          firstCol + col < N ? K - firstK - k : 0, aligned);
            }
        }
        // Also an empty batch counts, so that the wait below always means the same slice.
        commitCopies();
    };

    float sum[TILES_M][TILES_N][4] = {};
#pragma unroll
    for (int slice = 0; slice < STAGES - 1; ++slice)
        start(slice);
    int slices = (K + TILE_K - 1) / TILE_K;
    for (int slice = 0; slice < slices; ++slice) {
        waitCopies<STAGES - 2>();
        __syncthreads();
        start(slice + STAGES - 1);
        const unsigned short *tileA = stages + slice % STAGES * STAGE;
        const unsigned short *tileB = tileA + TILE_M * ROW;
#pragma unroll
        for (int k = 0; k < TILE_K; k += 16) {
            unsigned a[TILES_M][4], b[TILES_N][2];
#pragma unroll
            for (int m = 0; m < TILES_M; ++m)
                loadTiles(a[m], tileA + (warpRow + m * 16 + lane % 16) * ROW + k + lane / 16 * 8);
#pragma unroll
            for (int n = 0; n < TILES_N; n += 2) {
                unsigned four[4];
                loadTiles(four,
                          tileB + (warpCol + n * 8 + lane / 16 * 8 + lane % 8) * ROW + k + lane / 8 % 2 * 8);
                b[n][0] = four[0];
                b[n][1] = four[1];
                b[n + 1][0] = four[2];
                b[n + 1][1] = four[3];
            }
#pragma unroll
            for (int m = 0; m < TILES_M; ++m) {
#pragma unroll
                for (int n = 0; n < TILES_N; ++n)
                    multiplyTiles(sum[m][n], a[m], b[n]);
            }
        }
    }
#pragma unroll
    for (int m = 0; m < TILES_M; ++m) {
#pragma unroll
        for (int n = 0; n < TILES_N; ++n) {
            int row = firstRow + warpRow + m * 16 + lane / 4;
            int col = firstCol + warpCol + n * 8 + lane % 4 * 2;
            storePair(C, row, col, M, N, sum[m][n][0], sum[m][n][1]);
            storePair(C, row + 8, col, M, N, sum[m][n][2], sum[m][n][3]);
        }
    }
}
