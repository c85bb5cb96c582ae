// SPDX-License-Identifier: GPL-3.0-or-later
// A cluster of BLOCKS blocks shares a row: each adds up its part and writes the sum straight into the first
// block's shared memory, and one barrier of the cluster later the first block has the row. Few long rows fill
// the device without a second launch. Needs compute capability 9.0.
//@ tune BLOCKS = 4, 2, 8
//@ tune LANES = 256, 128, 512, 1024
//@ tune CHAINS = 4, 1, 2, 8
//@ launch row_reduce grid(rows * BLOCKS) block(LANES) cluster(BLOCKS) args(X, y, cols)

#define WARPS (LANES / 32)

// Stores to the same variable of the cluster's first block.
__device__ void storeInFirstBlock(float *variable, float value)
{
    unsigned mine = (unsigned)__cvta_generic_to_shared(variable);
    unsigned first;
    asm volatile("mapa.shared::cluster.u32 %0, %1, 0;" : "=r"(first) : "r"(mine));
    asm volatile("st.shared::cluster.f32 [%0], %1;" ::"r"(first), "f"(value) : "memory");
}

// Waits for all threads of all blocks of the cluster; what they stored before can be read behind it.
__device__ void waitForCluster()
{
    asm volatile("barrier.cluster.arrive.release.aligned;" ::: "memory");
    asm volatile("barrier.cluster.wait.acquire.aligned;" ::: "memory");
}

extern "C" __global__ void __launch_bounds__(LANES) row_reduce(const float *X, float *y, int cols)
{
    __shared__ float partial[WARPS];
    __shared__ float shares[BLOCKS];
    int row = blockIdx.x / BLOCKS;
    int block = blockIdx.x % BLOCKS;
    const float *x = X + (size_t)row * cols;

    constexpr int kStep = BLOCKS * LANES;
    float sum[CHAINS] = {};
    int c = block * LANES + threadIdx.x;
    for (; c + (CHAINS - 1) * kStep < cols; c += CHAINS * kStep) {
#pragma unroll
        for (int i = 0; i < CHAINS; ++i)
            sum[i] += x[c + i * kStep];
    }
    for (; c < cols; c += kStep)
        sum[0] += x[c];
#pragma unroll
    for (int i = 1; i < CHAINS; ++i)
        sum[0] += sum[i];

#pragma unroll
    for (int reach = 16; reach > 0; reach /= 2)
        sum[0] += __shfl_xor_sync(0xffffffffu, sum[0], reach);
    if (threadIdx.x % 32 == 0)
        partial[threadIdx.x / 32] = sum[0];
    // The first block must have begun before another writes to its memory.
    waitForCluster();
    if (threadIdx.x == 0) {
        float total = 0.0f;
        for (int warp = 0; warp < WARPS; ++warp)
            total += partial[warp];
        storeInFirstBlock(&shares[block], total);
    }
    waitForCluster();
    if (block == 0 && threadIdx.x == 0) {
        float total = 0.0f;
        for (int i = 0; i < BLOCKS; ++i)
            total += shares[i];
        y[row] = total;
    }
}
