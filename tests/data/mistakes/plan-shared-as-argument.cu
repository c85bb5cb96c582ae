// SPDX-License-Identifier: GPL-3.0-or-later
// class: plan-shared-argument
//@ launch twice grid(ceil_div(N, 64)) block(64) shared(256) args(x, y, N, 256)
extern "C" __global__ void twice(const float *x, float *y, int n)
{
    extern __shared__ float t[];
    const int i = threadIdx.x;
    if (i < n) y[i] = 2 * x[i] + 1;
}
