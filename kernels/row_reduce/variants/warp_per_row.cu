// SPDX-License-Identifier: GPL-3.0-or-later
// A warp shares a row and adds up by exchanging registers (shuffles): no shared memory, no barrier. WARPS
// rows a block.
//@ tune WARPS = 4, 1, 2, 8, 16
//@ tune CHAINS = 1, 2, 4, 8
//@ launch row_reduce grid(ceil_div(rows, WARPS)) block(32, WARPS) args(X, y, rows, cols)

extern "C" __global__ void __launch_bounds__(32 * WARPS)
    row_reduce(const float *X, float *y, int rows, int cols)
{
    int lane = threadIdx.x;
    int row = blockIdx.x * WARPS + threadIdx.y;
    if (row >= rows)
        return;
    const float *x = X + (size_t)row * cols;

    float sum[CHAINS] = {};
    int c = lane;
    for (; c + (CHAINS - 1) * 32 < cols; c += CHAINS * 32) {
#pragma unroll
        for (int i = 0; i < CHAINS; ++i)
            sum[i] += x[c + i * 32];
    }
    for (; c < cols; c += 32)
        sum[0] += x[c];
#pragma unroll
    for (int i = 1; i < CHAINS; ++i)
        sum[0] += sum[i];
#pragma unroll
    for (int reach = 16; reach > 0; reach /= 2)
        sum[0] += __shfl_xor_sync(0xffffffffu, sum[0], reach);
    if (lane == 0)
        y[row] = sum[0];
}
