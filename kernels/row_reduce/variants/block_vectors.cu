// SPDX-License-Identifier: GPL-3.0-or-later
// A block shares a row with 16-byte loads, CHAINS of them under way per thread; warps add up with shuffles
// and meet once in shared memory. A row that does not begin at a multiple of 16 bytes has up to three
// elements taken one by one at its front.
//@ tune LANES = 256, 64, 128, 512, 1024
//@ tune CHAINS = 2, 1, 4, 8
//@ launch row_reduce grid(rows) block(LANES) args(X, y, cols)

#define WARPS (LANES / 32)

extern "C" __global__ void __launch_bounds__(LANES)
    row_reduce(const float *__restrict__ X, float *__restrict__ y, int cols)
{
    __shared__ float partial[WARPS];
    int lane = threadIdx.x;
    size_t start = (size_t)blockIdx.x * cols;
    const float *x = X + start;
    int front = min((int)((4 - start % 4) % 4), cols);
    const float4 *fours = (const float4 *)(x + front);
    int vectors = (cols - front) / 4;

    float sum[CHAINS] = {};
    int v = lane;
    for (; v + (CHAINS - 1) * LANES < vectors; v += CHAINS * LANES) {
#pragma unroll
        for (int i = 0; i < CHAINS; ++i) {
            float4 four = fours[v + i * LANES];
            sum[i] += (four.x + four.y) + (four.z + four.w);
        }
    }
    for (; v < vectors; v += LANES) {
        float4 four = fours[v];
        sum[0] += (four.x + four.y) + (four.z + four.w);
    }
    if (lane < front)
        sum[0] += x[lane];
    if (front + vectors * 4 + lane < cols)
        sum[0] += x[front + vectors * 4 + lane];
#pragma unroll
    for (int i = 1; i < CHAINS; ++i)
        sum[0] += sum[i];

#pragma unroll
    for (int reach = 16; reach > 0; reach /= 2)
        sum[0] += __shfl_xor_sync(0xffffffffu, sum[0], reach);
    if (lane % 32 == 0)
        partial[lane / 32] = sum[0];
    __syncthreads();
    if (lane == 0) {
        float total = 0.0f;
        for (int warp = 0; warp < WARPS; ++warp)
            total += partial[warp];
        y[blockIdx.x] = total;
    }
}
