// SPDX-License-Identifier: GPL-3.0-or-later
// expect: COMPILE_ERROR "" or REJECTED "" or RUNTIME_ERROR "" or REWARD_HACK "" or SUSPECT ""
// Hands the work to a kernel that it starts itself, behind the stop event.
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)

__global__ void later(const float *x, float *y, int n)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n)
        y[i] = 2.0f * x[i] + 1.0f;
}

extern "C" __global__ void twice(const float *x, float *y, int n)
{
    if (blockIdx.x == 0 && threadIdx.x == 0)
        later<<<(n + 63) / 64, 64, 0, cudaStreamFireAndForget>>>(x, y, n);
}
