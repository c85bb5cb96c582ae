// SPDX-License-Identifier: GPL-3.0-or-later
// expect: PASSED
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)

extern "C" __global__ void twice(const float *x, float *y, int n)
{
    __shared__ float tile[64];
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    const int l = threadIdx.x;
    if (i < n)
        tile[l] = x[i];
    __syncthreads();
    if (i < n)
        y[i] = tile[l] + tile[l] + 1.0f;
}
