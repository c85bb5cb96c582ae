// SPDX-License-Identifier: GPL-3.0-or-later
// expect: PASSED
//@ scratch t: float32[N]
//@ launch first grid(ceil_div(N, 64)) block(64) args(x, t, N)
//@ launch second grid(ceil_div(N, 64)) block(64) args(t, y, N)

extern "C" __global__ void first(const float *x, float *t, int n)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n)
        t[i] = 2.0f * x[i];
}

extern "C" __global__ void second(const float *t, float *y, int n)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n)
        y[i] = t[i] + 1.0f;
}
