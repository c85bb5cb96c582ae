// SPDX-License-Identifier: GPL-3.0-or-later
// A warp shares a row and exchanges registers (shuffles): no shared memory, no barrier. WARPS rows a block.
// FAST_EXP takes the hardware's approximate exponential.
//@ tune WARPS = 4, 1, 2, 8, 16
//@ tune FAST_EXP = 0, 1
//@ launch softmax grid(ceil_div(rows, WARPS)) block(32, WARPS) args(X, scale, Y, rows, cols)

#if FAST_EXP
#define exponential __expf
#else
#define exponential expf
#endif

extern "C" __global__ void __launch_bounds__(32 * WARPS)
    softmax(const float *X, float scale, float *Y, int rows, int cols)
{
    int lane = threadIdx.x;
    int row = blockIdx.x * WARPS + threadIdx.y;
    if (row >= rows)
        return;
    const float *x = X + (size_t)row * cols;
    float *y = Y + (size_t)row * cols;

    float largest = scale * x[0];
    for (int c = lane; c < cols; c += 32)
        largest = fmaxf(largest, scale * x[c]);
#pragma unroll
    for (int reach = 16; reach > 0; reach /= 2)
        largest = fmaxf(largest, __shfl_xor_sync(0xffffffffu, largest, reach));

    float sum = 0.0f;
    for (int c = lane; c < cols; c += 32)
        sum += exponential(scale * x[c] - largest);
#pragma unroll
    for (int reach = 16; reach > 0; reach /= 2)
        sum += __shfl_xor_sync(0xffffffffu, sum, reach);

    float factor = 1.0f / sum;
    for (int c = lane; c < cols; c += 32)
        y[c] = factor * exponential(scale * x[c] - largest);
}
