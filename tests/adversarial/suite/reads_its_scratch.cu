// SPDX-License-Identifier: GPL-3.0-or-later
// expect: INCORRECT_NUMERICAL "before"
//@ scratch t: float32[N]
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, t, N)

extern "C" __global__ void twice(const float *x, float *y, const float *t, int n)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n)
        y[i] = 2.0f * x[i] + 1.0f + (t[i] > 1.0e3f ? 1.0f : 0.0f);
}
