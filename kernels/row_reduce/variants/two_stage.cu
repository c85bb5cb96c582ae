// SPDX-License-Identifier: GPL-3.0-or-later
// Rows are cut into spans of SPAN elements, each added up by a block of its own however few rows there are;
// the second launch adds up the spans of each row. A second launch is the only barrier between blocks.
//@ tune SPAN = 8192, 2048, 4096, 16384, 65536
//@ tune LANES = 256, 128, 512
//@ tune CHAINS = 4, 1, 2, 8
//@ scratch partial: float32[rows, ceil_div(cols, SPAN)]
//@ launch add_spans grid(rows * ceil_div(cols, SPAN)) block(LANES) args(X, partial, cols, ceil_div(cols, SPAN))
//@ launch add_partials grid(ceil_div(rows, 4)) block(32, 4) args(partial, y, rows, ceil_div(cols, SPAN))

#define WARPS (LANES / 32)

extern "C" __global__ void __launch_bounds__(LANES)
    add_spans(const float *X, float *partial, int cols, int spans)
{
    __shared__ float shares[WARPS];
    int lane = threadIdx.x;
    int span = blockIdx.x % spans;
    const float *x = X + (size_t)(blockIdx.x / spans) * cols;
    int end = min((span + 1) * SPAN, cols);

    float sum[CHAINS] = {};
    int c = span * SPAN + lane;
    for (; c + (CHAINS - 1) * LANES < end; c += CHAINS * LANES) {
#pragma unroll
        for (int i = 0; i < CHAINS; ++i)
            sum[i] += x[c + i * LANES];
    }
    for (; c < end; c += LANES)
        sum[0] += x[c];
#pragma unroll
    for (int i = 1; i < CHAINS; ++i)
        sum[0] += sum[i];

#pragma unroll
    for (int reach = 16; reach > 0; reach /= 2)
        sum[0] += __shfl_xor_sync(0xffffffffu, sum[0], reach);
    if (lane % 32 == 0)
        shares[lane / 32] = sum[0];
    __syncthreads();
    if (lane == 0) {
        float total = 0.0f;
        for (int warp = 0; warp < WARPS; ++warp)
            total += shares[warp];
        partial[blockIdx.x] = total;
    }
}

extern "C" __global__ void add_partials(const float *partial, float *y, int rows, int spans)
{
    int lane = threadIdx.x;
    int row = blockIdx.x * 4 + threadIdx.y;
    if (row >= rows)
        return;
    float sum = 0.0f;
    for (int span = lane; span < spans; span += 32)
        sum += partial[row * spans + span];
#pragma unroll
    for (int reach = 16; reach > 0; reach /= 2)
        sum += __shfl_xor_sync(0xffffffffu, sum, reach);
    if (lane == 0)
        y[row] = sum;
}
