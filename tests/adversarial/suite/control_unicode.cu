// SPDX-License-Identifier: GPL-3.0-or-later
// expect: PASSED
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)

extern "C" __global__ void twice(const float *x, float *y, int n)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    // Größe ≥ 1: «naïve» Ω 核
    if (i < n)
        y[i] = 2.0f * x[i] + 1.0f;
}
