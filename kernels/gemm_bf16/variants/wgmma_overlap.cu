// SPDX-License-Identifier: GPL-3.0-or-later
// As wgmma, but the tensor cores never stand still: while one slice is multiplied, the products of the next are
// already queued behind it. With SPARE = 2 a stage of shared memory stays untouched for a slice after its use;
// with SPARE = 1 it is filled at once, for a second barrier a slice.
// An instruction multiplies 64 rows of A by 256 columns of B: A is read half as often. Needs compute capability
// 9.0a.
//@ tune GROUPS = 2, 1
//@ tune STAGES = 4, 3
//@ tune SPARE = 2, 1
//@ launch gemm grid(ceil_div(N, 256), ceil_div(M, 64 * GROUPS)) block(128 * GROUPS) shared(128 * STAGES * (64 * GROUPS + 256) + 1024) args(A, B, C, M, N, K)

#define THREADS (128 * GROUPS)
#define TILE_M (64 * GROUPS)
#define TILE_N 256
#define TILE_K 64
#define STAGE ((TILE_M + TILE_N) * TILE_K)

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
    asm volatile("cp.async.wait_group %0;" ::"n"(N) : "memory");
}

// Lets the tensor cores, which read shared memory by another path, see what this thread has written there.
__device__ void publishCopies()
{
    asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
}

// Stands before the first product of a batch: registers of the sums are handed over.
__device__ void beginProducts()
{
    asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
}

// Closes a batch of products.
__device__ void commitProducts()
{
    asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
}

// Waits until at most `N` batches of products are under way.
template <int N> __device__ void waitProducts()
{
    asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(N) : "memory");
}

// sum += a * b for 64 x 256 results and 16 steps of K, by four warps together. Warp w holds rows 16w to
// 16w + 15; within them a thread holds what it holds of a tile of 16 x 8, 32 tiles side by side.
__device__ void multiplyGroup(float (&sum)[128], unsigned long long a, unsigned long long b)
{
    asm volatile("{.reg .pred always; setp.eq.u32 always, 0, 0; "
                 "wgmma.mma_async.sync.aligned.m64n256k16.f32.bf16.bf16 {"
                 "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, "
                 "%12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, "
                 "%24, %25, %26, %27, %28, %29, %30, %31, %32, %33, %34, %35, "
                 "%36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
                 "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, "
                 "%60, %61, %62, %63, %64, %65, %66, %67, %68, %69, %70, %71, "
                 "%72, %73, %74, %75, %76, %77, %78, %79, %80, %81, %82, %83, "
                 "%84, %85, %86, %87, %88, %89, %90, %91, %92, %93, %94, %95, "
                 "%96, %97, %98, %99, %100, %101, %102, %103, %104, %105, %106, %107, "
                 "%108, %109, %110, %111, %112, %113, %114, %115, %116, %117, %118, %119, "
                 "%120, %121, %122, %123, %124, %125, %126, %127"
                 "}, %128, %129, always, 1, 1, 0, 0;}"
                 : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3]),
                   "+f"(sum[4]), "+f"(sum[5]), "+f"(sum[6]), "+f"(sum[7]),
                   "+f"(sum[8]), "+f"(sum[9]), "+f"(sum[10]), "+f"(sum[11]),
                   "+f"(sum[12]), "+f"(sum[13]), "+f"(sum[14]), "+f"(sum[15]),
                   "+f"(sum[16]), "+f"(sum[17]), "+f"(sum[18]), "+f"(sum[19]),
                   "+f"(sum[20]), "+f"(sum[21]), "+f"(sum[22]), "+f"(sum[23]),
                   "+f"(sum[24]), "+f"(sum[25]), "+f"(sum[26]), "+f"(sum[27]),
                   "+f"(sum[28]), "+f"(sum[29]), "+f"(sum[30]), "+f"(sum[31]),
                   "+f"(sum[32]), "+f"(sum[33]), "+f"(sum[34]), "+f"(sum[35]),
                   "+f"(sum[36]), "+f"(sum[37]), "+f"(sum[38]), "+f"(sum[39]),
                   "+f"(sum[40]), "+f"(sum[41]), "+f"(sum[42]), "+f"(sum[43]),
                   "+f"(sum[44]), "+f"(sum[45]), "+f"(sum[46]), "+f"(sum[47]),
                   "+f"(sum[48]), "+f"(sum[49]), "+f"(sum[50]), "+f"(sum[51]),
                   "+f"(sum[52]), "+f"(sum[53]), "+f"(sum[54]), "+f"(sum[55]),
                   "+f"(sum[56]), "+f"(sum[57]), "+f"(sum[58]), "+f"(sum[59]),
                   "+f"(sum[60]), "+f"(sum[61]), "+f"(sum[62]), "+f"(sum[63]),
                   "+f"(sum[64]), "+f"(sum[65]), "+f"(sum[66]), "+f"(sum[67]),
                   "+f"(sum[68]), "+f"(sum[69]), "+f"(sum[70]), "+f"(sum[71]),
                   "+f"(sum[72]), "+f"(sum[73]), "+f"(sum[74]), "+f"(sum[75]),
                   "+f"(sum[76]), "+f"(sum[77]), "+f"(sum[78]), "+f"(sum[79]),
                   "+f"(sum[80]), "+f"(sum[81]), "+f"(sum[82]), "+f"(sum[83]),
                   "+f"(sum[84]), "+f"(sum[85]), "+f"(sum[86]), "+f"(sum[87]),
                   "+f"(sum[88]), "+f"(sum[89]), "+f"(sum[90]), "+f"(sum[91]),
                   "+f"(sum[92]), "+f"(sum[93]), "+f"(sum[94]), "+f"(sum[95]),
                   "+f"(sum[96]), "+f"(sum[97]), "+f"(sum[98]), "+f"(sum[99]),
                   "+f"(sum[100]), "+f"(sum[101]), "+f"(sum[102]), "+f"(sum[103]),
                   "+f"(sum[104]), "+f"(sum[105]), "+f"(sum[106]), "+f"(sum[107]),
                   "+f"(sum[108]), "+f"(sum[109]), "+f"(sum[110]), "+f"(sum[111]),
                   "+f"(sum[112]), "+f"(sum[113]), "+f"(sum[114]), "+f"(sum[115]),
                   "+f"(sum[116]), "+f"(sum[117]), "+f"(sum[118]), "+f"(sum[119]),
                   "+f"(sum[120]), "+f"(sum[121]), "+f"(sum[122]), "+f"(sum[123]),
                   "+f"(sum[124]), "+f"(sum[125]), "+f"(sum[126]), "+f"(sum[127])
                 : "l"(a), "l"(b));
}

// What the instruction wants to know of a tile: where it begins, in units of 16 bytes; that eight rows take
// 1024 bytes; and that pieces are permuted over 128 bytes.
__device__ unsigned long long describe(const unsigned short *tile)
{
    unsigned address = (unsigned)__cvta_generic_to_shared(tile);
    return (unsigned long long)((address & 0x3ffff) >> 4) | 1ull << 16 | (1024ull >> 4) << 32 | 1ull << 62;
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

// Stores two neighbours of a row, as far as they lie in C; together where rows are aligned.
__device__ void storePair(float *C, int row, int col, int M, int N, float first, float second)
{
    if (row >= M || col >= N)
        return;
    if (N % 2 == 0) {
        *(float2 *)(C + row * N + col) = make_float2(first, second);
        return;
    }
    C[row * N + col] = first;
    if (col + 1 < N)
        C[row * N + col + 1] = second;
}

extern "C" __global__ void __launch_bounds__(THREADS)
    gemm(const unsigned short *__restrict__ A, const unsigned short *__restrict__ B, float *__restrict__ C,
         int M, int N, int K)
{
    extern __shared__ __align__(16) unsigned short memory[];
    // The permutation counts rows from a multiple of 1024 bytes.
    unsigned short *stages = memory + (1024 - __cvta_generic_to_shared(memory) % 1024) % 1024 / 2;
    int group = threadIdx.x / 128;
    int firstRow = blockIdx.y * TILE_M;
    int firstCol = blockIdx.x * TILE_N;
    bool aligned = K % 8 == 0;

    auto start = [&](int slice) {
        unsigned short *tiles = stages + slice % STAGES * STAGE;
        int firstK = slice * TILE_K;
        if (firstK < K) {
            // Eight threads a row; a thread's piece is the same in every row of its own.
            int piece = threadIdx.x % 8;
            int k = firstK + piece * 8;
#pragma unroll
            for (int part = 0; part < (TILE_M + TILE_N) / (THREADS / 8); ++part) {
                int row = part * (THREADS / 8) + threadIdx.x / 8;
                unsigned short *to = tiles + row * TILE_K + (piece ^ row % 8) * 8;
                if (part < TILE_M / (THREADS / 8))
                    copyEight(to, A + (firstRow + row) * K + k, firstRow + row < M ? K - k : 0, aligned);
                else
                    copyEight(to, B + (firstCol + row - TILE_M) * K + k,
                              firstCol + row - TILE_M < N ? K - k : 0, aligned);
            }
        }
        // Also an empty batch counts, so that the wait below always means the same slice.
        commitCopies();
    };

    float sum[128] = {};
#pragma unroll
    for (int slice = 0; slice < STAGES - SPARE; ++slice)
        start(slice);
    int slices = (K + TILE_K - 1) / TILE_K;
    for (int slice = 0; slice < slices; ++slice) {
        waitCopies<STAGES - SPARE - 1>();
        publishCopies();
        // Behind it every group has let go of the slice before the last one.
        __syncthreads();
        const unsigned short *tiles = stages + slice % STAGES * STAGE;
        unsigned long long a = describe(tiles + group * 64 * TILE_K);
        unsigned long long b = describe(tiles + TILE_M * TILE_K);
        beginProducts();
#pragma unroll
        for (int k = 0; k < TILE_K / 16; ++k)
            multiplyGroup(sum, a + 2 * k, b + 2 * k);
        commitProducts();
#if SPARE == 1
        waitProducts<1>();
        __syncthreads();
        start(slice + STAGES - 1);
#else
        start(slice + STAGES - 2);
        waitProducts<1>();
#endif
    }
    waitProducts<0>();

    int lane = threadIdx.x % 32;
    int row = firstRow + threadIdx.x / 32 * 16 + lane / 4;
#pragma unroll
    for (int tile = 0; tile < 32; ++tile) {
        int col = firstCol + tile * 8 + lane % 4 * 2;
        storePair(C, row, col, M, N, sum[4 * tile], sum[4 * tile + 1]);
        storePair(C, row + 8, col, M, N, sum[4 * tile + 2], sum[4 * tile + 3]);
    }
}
