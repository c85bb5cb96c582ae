// SPDX-License-Identifier: GPL-3.0-or-later
// class: limit-shared-memory
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)
extern "C" __global__ void twice(const float *x, float *y, int n)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    __shared__ float t[1 << 20];
    t[i] = x[i];
    __syncthreads();
    if (i < n) y[i] = 2 * t[i] + 1;
}
