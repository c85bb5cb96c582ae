// SPDX-License-Identifier: GPL-3.0-or-later
// A block shares a row, neighbouring threads reading neighbouring elements into CHAINS independent sums, and
// combines them in shared memory, halving the number of partners each time.
//@ tune LANES = 128, 64, 256, 512, 1024
//@ tune CHAINS = 1, 2, 4, 8
//@ launch row_reduce grid(rows) block(LANES) args(X, y, cols)

extern "C" __global__ void __launch_bounds__(LANES) row_reduce(const float *X, float *y, int cols)
{
    __shared__ float partial[LANES];
    int lane = threadIdx.x;
    const float *x = X + (size_t)blockIdx.x * cols;

    float sum[CHAINS] = {};
    int c = lane;
    for (; c + (CHAINS - 1) * LANES < cols; c += CHAINS * LANES) {
#pragma unroll
        for (int i = 0; i < CHAINS; ++i)
            sum[i] += x[c + i * LANES];
    }
    for (; c < cols; c += LANES)
        sum[0] += x[c];
#pragma unroll
    for (int i = 1; i < CHAINS; ++i)
        sum[0] += sum[i];

    partial[lane] = sum[0];
    __syncthreads();
    for (int reach = LANES / 2; reach > 0; reach /= 2) {
        if (lane < reach)
            partial[lane] += partial[lane + reach];
        __syncthreads();
    }
    if (lane == 0)
        y[blockIdx.x] = partial[0];
}
